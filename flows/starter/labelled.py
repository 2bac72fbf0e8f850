"""Columns that look like whole sequences with a label: the rows of one sample are one sequence."""

from __future__ import annotations

import polars as pl

from flows.starter.columns import (
    Guess,
    constant_within,
    is_class,
    is_constant,
    is_counter,
    is_key,
    is_moment,
    is_number,
    listed,
    unread,
)
from rnnlib.data.roles import Roles
from rnnlib.errors import DataError

_LABELS = ("label", "class", "category")


def named_label(frame: pl.DataFrame) -> str | None:
    """The column whose name says that it is a label."""
    return next((name for name in frame.columns if name.lower() in _LABELS), None)


def only_label(frame: pl.DataFrame) -> str | None:
    """The one column that is a class of every sample, whatever it is called; none where there is no or another one."""
    found = possible_labels(frame)
    return found[0] if len(found) == 1 else None


def possible_labels(frame: pl.DataFrame) -> tuple[str, ...]:
    """The columns that are a class of every sample, whatever they are called."""
    return tuple(
        column.name
        for column in frame
        if is_class(column)
        and any(column.n_unique() < frame[sample].n_unique() for sample in _samples(frame, column.name))
    )


def labelled(frame: pl.DataFrame, file: str, label: str) -> Guess:
    """The roles of samples with `label`; raises `DataError` where no column names the samples, or none is left."""
    if is_constant(frame[label]):
        rule = "a label tells at least two classes apart, and every row here has one and the same"
        raise DataError(f"{rule}: name another column, or add samples of another class", file=file, column=label)
    samples = _samples(frame, label)
    if not samples:
        rule = f"the rows of one sample are one sequence, and no column names samples of which each has one `{label}`"
        raise DataError(f"{rule}: add a column with a number for each sample", file=file, column=label)
    sample = max(samples, key=lambda name: frame[name].n_unique())
    time = _time(frame, sample, label)
    unused = {
        name: reason
        for name in frame.columns
        if name not in (sample, label, time) and (reason := _useless(frame, name, sample))
    }
    features = tuple(name for name in frame.columns if name not in (sample, label, time) and name not in unused)
    if not features:
        rule = f"there is no column of numbers to learn from beside `{sample}`, `{label}` and the time"
        raise DataError(f"{rule}, the columns are {listed(frame.columns)}: check the file", file=file)
    roles = Roles(sample=sample, time=time, features=features, label=label)
    return Guess(roles, unused, frame[label].drop_nulls().n_unique() if is_class(frame[label]) else None)


def _samples(frame: pl.DataFrame, label: str) -> list[str]:
    """The columns that may name samples: several rows each on average, and one label."""
    keys = [column.name for column in frame if is_key(column) and column.name != label]
    return [name for name in keys if frame[name].n_unique() <= frame.height / 2 and constant_within(frame, label, name)]


def _time(frame: pl.DataFrame, sample: str, label: str) -> str | None:
    """The column that grows from row to row of each sample: dates before step indices, those before other numbers."""
    others = [column for column in frame if column.name not in (sample, label) and not column.null_count()]
    for may_be in (is_moment, is_counter, lambda column: column.dtype.is_integer()):
        if found := [column.name for column in others if may_be(column) and _grows(frame, column.name, sample)]:
            return found[0]
    return None


def _grows(frame: pl.DataFrame, name: str, sample: str) -> bool:
    """Whether every value is above the one before it in its sample; ISO text sorts as the times that it spells."""
    rows = pl.DataFrame({"value": frame[name], "sample": frame[sample]})
    before = pl.col("value").shift().over("sample")
    return bool(rows.select((pl.col("value") > before).fill_null(True).all()).item())


def _useless(frame: pl.DataFrame, name: str, sample: str) -> str | None:
    if not is_number(frame[name]):
        return unread(frame, name, "features", sample)
    if is_constant(frame[name]):
        return "constant"
    if constant_within(frame, name, sample):
        return "constant within each sample: it could be `static`, if it is known when predicting"
    return None
