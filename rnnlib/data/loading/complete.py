"""Rows without a word on missing values hold none, but for the horizon that a model is asked for."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool
from numpy import ndarray

from rnnlib.data.about import About
from rnnlib.data.loading.table import Table
from rnnlib.data.rows import Rows


def refuse_missing(rows: Rows, table: Table, expected: About | None) -> None:
    """Raises `DataError` for the first missing value; in the horizon of new data a target may be unknown."""
    wrong = np.isnan(rows.raw)
    if expected is not None and (table.roles.future or expected.made):
        # The horizon: its covariates are known, its targets are what is asked for.
        unknown = len(table.roles.target) + len(table.roles.past)
        wrong[:, :unknown] &= ~_ahead(rows, len(table.roles.target))[:, None]
    for position, column in enumerate(table.value_columns):
        in_table = np.zeros(len(column.values), bool)
        in_table[rows.source[wrong[:, position]]] = True
        remedy = column.remedy(
            spec="complete the data, or say with `missing` what becomes of it",
            rows="complete the rows, or train again with `missing` in the spec's `load`",
        )
        column.refuse_where(in_table, f"a value is missing: {remedy}")


def _ahead(rows: Rows, targets: int) -> Bool[ndarray, " rows"]:
    """The rows after the last one of each sequence that has any target."""
    known = ~np.isnan(rows.raw[:, :targets]).all(axis=1)
    number = np.arange(known.size)
    last = np.maximum.reduceat(np.where(known, number, -1), rows.offsets[:-1])
    return np.asarray(number > last[rows.sequence])
