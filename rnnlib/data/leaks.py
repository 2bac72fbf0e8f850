"""Columns that tell the answer: a covariate that is the target in disguise, a feature that is the label."""

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

_MOST_ROWS, _MOST_LEADS, _LEAST = 5000, 48, 50

Line = Float64[ndarray, " rows"]


class Leak(NamedTuple):
    """A column that tells `of`: the measure's name and its value, `lead` steps ahead."""

    column: str
    of: str
    measure: str
    value: float
    lead: int = 0

    @property
    def sentence(self) -> str:
        """What a person is told."""
        when = f"{self.lead} steps later" if self.lead > 1 else "one step later" if self.lead else "of the same step"
        where = "" if self.measure == "information" else f" {when}"
        remedy = "if it is not known when the model is asked, take it out"
        return f"`{self.column}` tells `{self.of}`{where} ({self.measure} {self.value:.3f}): {remedy}"


def leaks(data: DataSet, horizon: int) -> tuple[Leak, ...]:
    """Columns that tell the targets up to `horizon` steps ahead, or the label, almost perfectly alone.

    Of covariates: |ρ(x_t, y_{t+k})| ≥ 0.995 and |ρ(Δx_t, Δy_{t+k})| ≥ 0.98 for some lead k, ρ Spearman's: two smooth
    series may have like values, but hardly the same changes. k runs from 1 for `past` columns, which may show the
    present, and from 0 for `future` ones. Of whole sequences: a feature that is constant within them (or a static
    column) and gives I(x; label) / H(label) ≥ 0.99, of values that repeat. Only train rows count.
    """
    return (*_covariates(data, horizon), *_of_labels(data))


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
    train = np.unique(data.sequence_of_row[data.rows_of(PartOf.train)])
    label = data.sequences["label"].gather(train)
    for name, values in _one_each(data, train):
        if (told := _told(values, label)) >= TELLS:
            yield Leak(name, data.about.names.get("label", "label"), "information", told)


def _one_each(data: DataSet, train: Int64[ndarray, " sequences"]) -> Iterator[tuple[str, Line]]:
    """Columns that have one value in each sequence."""
    starts = data.offsets[:-1]
    for at in data.having("features"):
        values = np.asarray(data.raw[:, at])
        least, most = np.fmin.reduceat(values, starts), np.fmax.reduceat(values, starts)
        if data.about.columns[at].holds in ("numbers", "words") and (least == most)[train].all():
            yield data.about.columns[at].name, least[train]
    for at, name in enumerate(data.about.static if data.static is not None else ()):
        assert data.static is not None
        yield name, np.asarray(data.static[train, at])


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
