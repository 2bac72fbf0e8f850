"""Columns that tell the answer: a covariate that is the target in disguise, a feature that is the label or a tag."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import polars as pl
from jaxtyping import Float64, Int64
from numpy import ndarray

from rnnlib.data.dataset import DataSet, PartOf

LEVELS, CHANGES, TELLS = 0.995, 0.98, 0.99
"""What is suspicious: |ρ| of the values and of their changes; the share of the label's information."""

_MOST_ROWS, _MOST_SEQUENCES, _MOST_TAGS, _MOST_LEADS, _LEAST = 5000, 5000, 20_000, 48, 50

Line = Float64[ndarray, " rows"]


class Leak(NamedTuple):
    """A column that tells `of`: the measure's name and its value, `lead` steps ahead, or `by` what of each sequence."""

    column: str
    of: str
    measure: str
    value: float
    lead: int = 0
    by: str = ""

    @property
    def sentence(self) -> str:
        """What a person is told."""
        when = f"{self.lead} steps later" if self.lead > 1 else "one step later" if self.lead else "of the same step"
        where = f" {self.by}".rstrip() if self.measure == "information" else f" {when}"
        remedy = "if it is not known when the model is asked, take it out"
        return f"`{self.column}` tells `{self.of}`{where} ({self.measure} {self.value:.3f}): {remedy}"


def leaks(data: DataSet, horizon: int) -> tuple[Leak, ...]:
    """Columns that tell the targets up to `horizon` steps ahead, or the label, almost perfectly alone.

    Of covariates: |ρ(x_t, y_{t+k})| ≥ 0.995 and |ρ(Δx_t, Δy_{t+k})| ≥ 0.98 for some lead k, ρ Spearman's: two smooth
    series may have like values, but hardly the same changes. k runs from 1 for `past` columns, which may show the
    present, and from 0 for `future` ones. Of whole sequences: a static column, or the mean, the last or the greatest
    value of a feature, that gives I(x; label) / H(label) ≥ 0.99, of values that repeat. Of steps: a feature that gives
    I(x_t; tag_t) / H(tag) ≥ 0.99. Only train rows count; of data without parts, all.
    """
    return (*_covariates(data, horizon), *_of_labels(data), *_of_tags(data))


def _covariates(data: DataSet, horizon: int) -> Iterator[Leak]:
    rows, sequence = _train(data)
    for at, column in enumerate(data.about.columns):
        if column.role in ("past", "future") and column.holds == "numbers":
            first, x = 1 if column.role == "past" else 0, np.asarray(data.raw[rows, at])
            for target in data.having("target"):
                found = [
                    (strength, lead)
                    for lead in range(first, min(horizon, _MOST_LEADS) + 1)
                    if (strength := _strength(x, np.asarray(data.raw[rows, target]), rows, sequence, lead)) is not None
                ]
                if found:
                    strength, lead = max(found)
                    yield Leak(column.name, data.about.columns[target].name, "rank correlation", strength, lead)


def _train(data: DataSet) -> tuple[Int64[ndarray, " rows"], Int64[ndarray, " rows"]]:
    """The last train rows, and their sequences."""
    rows = np.flatnonzero(data.rows_of(PartOf.train))[-_MOST_ROWS:]
    return rows, data.sequence_of_row[rows]


def _strength(
    x: Line, y: Line, rows: Int64[ndarray, " rows"], sequence: Int64[ndarray, " rows"], lead: int
) -> float | None:
    """|ρ| where both measures are suspicious."""
    steps = np.arange(1, len(rows) - lead)
    kept = steps[(sequence[steps - 1] == sequence[steps + lead]) & (rows[steps + lead] - rows[steps - 1] == lead + 1)]
    levels = _rank_correlation(x[kept], y[kept + lead])
    if levels < LEVELS:
        return None
    changes = _rank_correlation(x[kept] - x[kept - 1], y[kept + lead] - y[kept + lead - 1])
    return levels if changes >= CHANGES else None


def _rank_correlation(x: Line, y: Line) -> float:
    """|ρ| of Spearman over what both have; 0 where there is too little, or nothing varies."""
    both = np.isfinite(x) & np.isfinite(y)
    if both.sum() < _LEAST:
        return 0.0
    one, other = (pl.Series(values[both]).rank().to_numpy() for values in (x, y))
    if min(float(one.std()), float(other.std())) == 0:
        return 0.0
    return abs(float(np.corrcoef(one, other)[0, 1]))


def _of_labels(data: DataSet) -> Iterator[Leak]:
    if "label" not in data.sequences.columns:
        return
    train = np.unique(data.sequence_of_row[data.rows_of(PartOf.train)])[-_MOST_SEQUENCES:]
    if not len(train):
        return
    label, of = data.sequences["label"].gather(train), data.about.names.get("label", "label")
    for at in _measured(data):
        told = {by: _told(values, label) for by, values in _of_each(data, at, train).items()}
        by = max(told, key=lambda name: told[name])
        if told[by] >= TELLS:
            yield Leak(data.about.columns[at].name, of, "information", told[by], by=by)
    for at, name in enumerate(data.about.static if data.static is not None else ()):
        assert data.static is not None
        if (strength := _told(np.asarray(data.static[train, at]), label)) >= TELLS:
            yield Leak(name, of, "information", strength)


def _measured(data: DataSet) -> list[int]:
    """The features that are numbers or words: a sample or a pixel alone tells nothing."""
    return [at for at in data.having("features") if data.about.columns[at].holds in ("numbers", "words")]


def _of_each(data: DataSet, at: int, train: Int64[ndarray, " sequences"]) -> dict[str, Line]:
    """What stands for each sequence: the value of one that does not vary, else its mean, last and greatest one."""
    rows = np.concatenate([np.arange(data.offsets[one], data.offsets[one + 1]) for one in train])
    values, ends = np.asarray(data.raw[rows, at]), np.cumsum(data.lengths[train])
    starts = ends - data.lengths[train]
    least, most = np.fmin.reduceat(values, starts), np.fmax.reduceat(values, starts)
    if (least == most).all():
        return {"": least}
    found = {"by its last value in each sequence": values[ends - 1]}
    if data.about.columns[at].holds == "words":  # codes have no mean, and no order
        return found
    known = np.isfinite(values)
    total, count = np.add.reduceat(np.where(known, values, 0.0), starts), np.add.reduceat(known, starts, dtype=np.int64)
    mean = np.divide(total, count, out=np.full(len(total), np.nan), where=count > 0)
    # the sums of equal values in another order differ in their last bits
    return {
        "by its mean over each sequence": np.round(mean, 9),
        **found,
        "by its greatest value in each sequence": most,
    }


def _of_tags(data: DataSet) -> Iterator[Leak]:
    """Features that tell a tag of their own step; a column that is its own tag is one that tells the next step."""
    if data.tags is None:
        return
    rows = np.flatnonzero(data.rows_of(PartOf.train))[-_MOST_TAGS:]
    for place, tag in enumerate(data.about.tags):
        truth = np.asarray(data.tags[rows, place])
        known = np.isfinite(truth)
        words = pl.Series(truth[known]).cast(pl.String)
        for at in _measured(data):
            name = data.about.columns[at].name
            if name not in data.about.tags:
                told = _told(np.asarray(data.raw[rows[known], at]), words)
                if told >= TELLS:
                    yield Leak(name, tag, "information", told, by="of the same step")


def _told(values: Line, label: pl.Series) -> float:
    """I(x; label) / H(label) of a class; of a number ρ⁴, to be as strict."""
    if label.dtype.is_float():
        return _rank_correlation(values, label.fill_null(float("nan")).to_numpy()) ** 4
    _, x = np.unique(values, return_inverse=True)
    _, y = np.unique(label.cast(pl.String).to_numpy(), return_inverse=True)
    if len(values) < _LEAST or x.max() + 1 > len(values) / 4 or y.max() == 0:
        return 0.0
    joint = np.bincount(x * (y.max() + 1) + y, minlength=(x.max() + 1) * (y.max() + 1)).reshape(x.max() + 1, -1)
    shares = joint / joint.sum()
    return float(1 - (_entropy(shares) - _entropy(shares.sum(axis=1))) / _entropy(shares.sum(axis=0)))


def _entropy(shares: Float64[ndarray, "*shape"]) -> float:
    positive = shares[shares > 0]
    return float(-(positive * np.log(positive)).sum())
