"""MATLAB files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy import ndarray

from rnnlib.data.array_sources.mat_elements import refuse_damaged
from rnnlib.data.array_sources.named_arrays import ArraySource, Held, Steps, all_of, stacked
from rnnlib.errors import DataError
from rnnlib.place import File


class Mat(ArraySource):
    """MATLAB files up to version 7 (`.mat`): cells of [time, feature] with a sequence in each, or arrays.

    A cell array may hold sequences of different length. A row or a column of numbers has one value for each sequence,
    and so has a cell array of texts; the blanks that fill up the rows of an array of characters are taken off.
    """

    kind: Literal["mat"] = "mat"

    def held(self, files: Sequence[File], wanted: Sequence[str]) -> Mapping[str, Held]:
        """The variables of these names."""
        found: dict[str, Held] = {}
        known: list[str] = []
        for file in files:
            for name, value in _opened(file).items():
                if not name.startswith("__"):
                    known.append(name)
                    if name in wanted and name in found:
                        raise DataError(f"`{name}` stands in another file too: name a single file", file=file.shown)
                    if name in wanted:
                        found[name] = _taken(value, name, file.shown)
        return all_of(found, wanted, known)


def _opened(file: File) -> dict[str, Any]:
    from scipy.io import loadmat  # lazy: `rnn check` reads no data

    try:
        refuse_damaged(file.path)
        content: dict[str, Any] = loadmat(file.path)
    except NotImplementedError as error:
        rule = "this is a file of MATLAB 7.3, which is another format"
        raise DataError(f"{rule}: save it with `save(…, '-v7')`", file=file.shown) from error
    except Exception as error:  # scipy's reader raises whatever a damaged file makes it trip over
        raise DataError(f"cannot be read as a MATLAB file: {error}", file=file.shown) from error
    return content


def _taken(value: Any, name: str, file: str) -> Held:
    if not isinstance(value, ndarray):
        raise DataError(f"`{name}` is a {type(value).__name__}: a variable is an array or a cell array", file=file)
    if value.dtype == object and value.size and all(np.asarray(cell).dtype.kind == "U" for cell in value.reshape(-1)):
        return stacked(np.array([_text(cell, name, file) for cell in value.reshape(-1)], dtype=np.str_), name, file)
    if value.dtype.kind == "U":
        value = np.strings.rstrip(value, " ")
    if value.dtype == object:
        return _cells([np.asarray(cell) for cell in value.reshape(-1)], name, file)
    if value.ndim == 2 and 1 in value.shape:
        return stacked(value.reshape(-1), name, file)
    return stacked(value, name, file)


def _text(cell: Any, name: str, file: str) -> str:
    """The one text of a cell; MATLAB's empty one is an array of nothing."""
    texts = np.asarray(cell).reshape(-1)
    if texts.size > 1:
        raise DataError(f"every cell of `{name}` holds one text: received {texts.size} in one", file=file)
    return str(texts[0]) if texts.size else ""


def _cells(cells: Sequence[ndarray], name: str, file: str) -> Held:
    if not cells:
        raise DataError(f"`{name}` holds no cell: a cell array has a sequence in each", file=file)
    for number, cell in enumerate(cells, start=1):
        if cell.ndim != 2 or cell.dtype.kind not in "biuf" or cell.size == 0 or cell.shape[1] != cells[0].shape[1]:
            rule = f"every cell of `{name}` holds numbers of [time, feature], with as many features as the first"
            raise DataError(f"{rule}: cell {number} is {list(cell.shape)} of type {cell.dtype}", file=file)
    return Steps(np.concatenate(cells), np.array([len(cell) for cell in cells], np.int64))
