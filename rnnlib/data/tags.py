"""Tags: truths of single steps. Words become numbers when they are read, and classes when a model tells them apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
import torch
from jaxtyping import Bool, Float64, Int64
from numpy import ndarray
from torch import Tensor

from rnnlib.data.columns import numbers
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.data.origin import SourceColumn
from rnnlib.errors import DataError


@dataclass(frozen=True)
class Tags:
    """The tags of every row of a table, NaN where there is none; of words their place in `words`."""

    values: Float64[ndarray, "rows tags"]
    words: tuple[str, ...] | None = None

    def of_rows(self, source: Int64[ndarray, " rows"]) -> Float64[ndarray, "rows tags"]:
        """The tags of sorted rows; `source` is their row in the table, −1 for an inserted one, which has no tag."""
        return np.where((source >= 0)[:, None], self.values[source], np.nan)


def read_tags(columns: Sequence[SourceColumn]) -> Tags:
    """One column of words, or columns of numbers (true is 1).

    Raises `DataError` where one of several columns holds words, and for NaN and infinity.
    """
    wordy = [column for column in columns if column.values.dtype == pl.String]
    if wordy and len(columns) > 1:
        rule = f"several columns of tags are numbers, and `{wordy[0].name}` holds words"
        raise wordy[0].error(f"{rule}: name that column alone as `tags`, or write numbers", 0)
    if wordy:
        words = columns[0].values.cast(pl.String).replace("", None)
        names = words.drop_nulls().unique().sort()
        codes = words.cast(pl.Enum(names)).to_physical().cast(pl.Float64).fill_null(float("nan"))
        return Tags(codes.to_numpy().reshape(-1, 1), tuple(names))
    return Tags(np.stack([numbers(column) for column in columns], axis=1))


def tag_classes(data: DataSet) -> tuple[str, ...]:
    """The classes of the train part's tags in ascending order (numbers by value, words by letter), as text.

    Raises `DataError` where the data has not exactly one column of tags, where they are no classes, where the train
    part has fewer than two, and where another part has one that train has not.
    """
    known = _distinct(data, PartOf.train)
    if len(known) < 2:
        has = f"only `{_names(data, known)[0]}`" if len(known) else "none"
        rule = f"a tagger of classes needs at least two of them in the train part, it has {has}"
        raise DataError(f"{rule}: add steps of another class", column=data.about.tags[0])
    for part in (PartOf.validation, PartOf.test):
        if new := sorted(set(_distinct(data, part).tolist()) - set(known.tolist())):
            name, listed = _names(data, np.array(new[:1]))[0], _listed(_names(data, known))
            rule = f"the {part.name} part has the tag `{name}`, which the train part does not have ({listed})"
            raise DataError(f"{rule}: add such steps to train, or take it out", column=data.about.tags[0])
    return _names(data, known)


def check_known(data: DataSet, ahead: int) -> None:
    """Raises `DataError` for the first sequence to train or validate on that has no known tag behind `ahead` steps."""
    assert data.tags is not None, "there are tags"
    place = np.arange(data.rows) - data.offsets[data.sequence_of_row]
    known = ~np.isnan(data.tags).all(axis=1) & (place >= ahead)
    told = np.bincount(data.sequence_of_row[known], minlength=len(data.lengths)) > 0
    learned = (data.rows_of(PartOf.train) | data.rows_of(PartOf.validation))[data.offsets[:-1]]
    if (idle := np.flatnonzero(learned & ~told)).size:
        key = data.sequences["key"][int(idle[0])]
        behind = f" behind its first {ahead} steps, and `ahead: {ahead}` tells of those only" if ahead else ""
        rule = f"sequence `{key}` has no known tag{behind}"
        raise DataError(f"{rule}: give it one, or take it out", column=data.about.tags[0])


def check_binary(data: DataSet) -> None:
    """Raises `DataError` for the first known tag that is neither 0 nor 1, and for words."""
    assert data.tags is not None, "there are tags"
    if data.about.tag_words is not None:
        rule = f"columns that may be true or not hold 0 and 1, and `{data.about.tags[0]}` holds words"
        raise DataError(f"{rule}: take the head `step_classes`, or write numbers", column=data.about.tags[0])
    odd = np.argwhere(~(np.isnan(data.tags) | (data.tags == 0) | (data.tags == 1)))
    if odd.size:
        row, column = odd[0]
        rule = f"columns that may be true or not hold 0 and 1: received {data.tags[row, column]:g}"
        key = data.sequences["key"][int(data.sequence_of_row[row])]
        raise DataError(f"{rule} in sequence `{key}`; correct it", column=data.about.tags[int(column)])


def tag_values(data: DataSet, classes: Sequence[str]) -> Float64[Tensor, " class"]:
    """What stands in `data.tags` for each of the classes; NaN for a word that this data has nowhere."""
    if data.about.tag_words is None:
        return torch.tensor([float(name) for name in classes], dtype=torch.float64)
    place = {word: float(position) for position, word in enumerate(data.about.tag_words)}
    return torch.tensor([place.get(name, float("nan")) for name in classes], dtype=torch.float64)


def tag_ids(
    tags: Float64[Tensor, "batch time"], observed: Bool[Tensor, "batch time"], values: Float64[Tensor, " class"]
) -> Int64[Tensor, "batch time"]:
    """The place of every observed tag among the `values` of the classes (−1: it is none of them); 0 elsewhere."""
    order = torch.sort(values.nan_to_num(nan=float("inf")))
    place = torch.searchsorted(order.values, tags).clamp(max=len(values) - 1)
    found = torch.where(order.values[place] == tags, order.indices[place], -1)
    return torch.where(observed, found, 0)


def _distinct(data: DataSet, part: PartOf) -> Float64[ndarray, " value"]:
    if data.tags is None or data.tags.shape[1] != 1:
        rule = "a class for each step stands in one column of tags"
        raise DataError(f"{rule}, received {len(data.about.tags)}: name one, or take a head for several numbers")
    tags = data.tags[data.rows_of(part), 0]
    found: Float64[ndarray, " value"] = np.unique(tags[~np.isnan(tags)])
    if data.about.tag_words is None and (odd := found[found != np.round(found)]).size:
        rule = f"a class is a word or a whole number, and `{data.about.tags[0]}` holds {odd[0]:g}"
        raise DataError(f"{rule}: take a head for numbers, or another column", column=data.about.tags[0])
    return found


def _names(data: DataSet, values: Float64[ndarray, " value"]) -> tuple[str, ...]:
    words = data.about.tag_words
    return tuple(str(int(value)) if words is None else words[int(value)] for value in values)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
