"""Labels of whole sequences: classes as numbers of a fixed list, or numbers in model units."""

from __future__ import annotations

import numpy as np
import polars as pl
import torch
from jaxtyping import Float32, Int64
from numpy import ndarray
from torch import Tensor

from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.data.normalizers import fitted
from rnnlib.data.transforms import numbered
from rnnlib.errors import DataError


def class_names(data: DataSet) -> tuple[str, ...]:
    """The classes of the train part in ascending order (numbers by value, words by letter), as text.

    Raises `DataError` where the data has no label, or the train part fewer than two classes.
    """
    train = np.unique(data.sequence_of_row[data.rows_of(PartOf.train)])
    found = _labels(data).gather(train).drop_nulls().unique().sort().cast(pl.String)
    if len(found) < 2:
        has = f"only `{found[0]}`" if len(found) else "none"
        rule = f"a classifier needs at least two classes in the train part, it has {has}"
        raise DataError(f"{rule}: add sequences of another class", column=_name(data))
    return tuple(found)


def class_ids(
    data: DataSet, sequence: Int64[ndarray, " examples"], classes: tuple[str, ...]
) -> Int64[Tensor, " examples"]:
    """The position in `classes` of each sequence's label; raises `DataError` for a label that is missing or new."""
    number = {name: position for position, name in enumerate(classes)}
    labels = _labels(data).cast(pl.String).gather(sequence)
    for label, at in zip(labels, sequence, strict=True):
        if label not in number:
            raise DataError(_unknown(label, _key(data, int(at)), classes), column=_name(data))
    return torch.tensor([number[label] for label in labels], dtype=torch.int64)


def label_numbers(data: DataSet, sequence: Int64[ndarray, " examples"]) -> Float32[Tensor, " examples"]:
    """Each sequence's label in model units; raises `DataError` for a label that is missing or no number."""
    labels = _labels(data)
    if not labels.dtype.is_numeric():
        rule = "without classes a label is a number to predict, and these are words"
        raise DataError(f"{rule}: use a classifier, or another label", column=_name(data))
    values = labels.cast(pl.Float64).gather(sequence).to_numpy()
    if (missing := ~np.isfinite(values)).any():
        raise DataError(_unlabelled(_key(data, int(sequence[missing][0]))), column=_name(data))
    if state := data.about.transforms.get("label"):
        transform = fitted(state)
        values = transform.apply(values.reshape(-1, 1), numbered(transform, data, sequence)).reshape(-1)
    return torch.from_numpy(values.astype(np.float32))


def _labels(data: DataSet) -> pl.Series:
    if "label" not in data.sequences.columns:
        raise DataError("whole sequences are trained on a label, and the data has none: name it in `load.roles.label`")
    return data.sequences["label"]


def _unknown(label: str | None, key: str, classes: tuple[str, ...]) -> str:
    if label is None:
        return _unlabelled(key)
    known = ", ".join(classes[:12]) + (", …" if len(classes) > 12 else "")
    rule = f"sequence `{key}` has the class `{label}`, which the train part does not have ({known})"
    return f"{rule}: add such sequences to train, or take it out"


def _unlabelled(key: str) -> str:
    return f"sequence `{key}` has no label: give it one, or take it out"


def _name(data: DataSet) -> str:
    return data.about.names.get("label", "label")


def _key(data: DataSet, sequence: int) -> str:
    return str(data.sequences["key"][sequence])
