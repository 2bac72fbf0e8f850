"""The archive of UCR and UEA."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import polars as pl

from rnnlib.data.array_sources.ts_cases import Case, cases_of
from rnnlib.data.arrays import Arrays
from rnnlib.data.source import FileSource
from rnnlib.errors import DataError
from rnnlib.place import File

SAMPLE, VALUE, LABEL = "sample", "value", "label"
"""The columns that such files have."""


class Ts(FileSource):
    """Files of the UCR and UEA archive: `.ts` (sktime's form), or `.txt` (a line is a class and its values).

    Columns: `value` (of several dimensions `value_0`, `value_1`, …), `label`, and `sample`, the number of the case.
    Cases keep their own length. A missing value is `?` or `NaN`; so are the steps that a dimension is shorter than the
    longest of its case. The official parts are files: `split: {by: files, test: ["*_TEST.ts"]}`.
    """

    kind: Literal["ts"] = "ts"

    def again(self) -> Mapping[str, Any]:
        """Nothing but its kind: a file says itself what it holds."""
        return {"kind": self.kind}

    def read_files(self, files: Sequence[File]) -> Arrays:
        """All cases. Raises `DataError` for a file that contradicts itself, or has other dimensions than the first."""
        read = [cases_of(file) for file in files]
        for file, cases in zip(files, read, strict=True):
            if _form(cases) != _form(read[0]):
                rule = f"all files have the same dimensions and labels, and {files[0].shown} has {_form(read[0])}"
                raise DataError(f"{rule}: this one has {_form(cases)}", file=file.shown)
        together = [case for cases in read for case in cases]
        whole = {SAMPLE: pl.Series(SAMPLE, np.arange(len(together)))}
        if together[0].label is not None:
            whole[LABEL] = pl.Series(LABEL, [case.label for case in together])
        return Arrays(
            {VALUE: np.concatenate([case.values for case in together])},
            whole,
            np.array([len(case.values) for case in together], np.int64),
            np.repeat(np.arange(len(files)), [len(cases) for cases in read]),
        )


def _form(cases: Sequence[Case]) -> str:
    return f"{cases[0].values.shape[1]} dimensions {'without' if cases[0].label is None else 'with'} labels"
