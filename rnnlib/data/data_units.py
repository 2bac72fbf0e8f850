"""Back to data units: forecasts that rest on differences go on from the last values that are known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Bool, Float64, Int64
from numpy import ndarray

from rnnlib.data.dataset import DataSet
from rnnlib.data.normalizers import Fitted, fitted
from rnnlib.data.role_tables import ROW_ROLES, RoleTable, numbers_of, side_by_side, table_of
from rnnlib.data.transforms import along, numbered
from rnnlib.errors import DataError

Transforms = Mapping[str, Mapping[str, Any] | Fitted]


def inverted(  # noqa: PLR0917 - what it inverts, and where that stands
    transforms: Transforms,
    role: str,
    values: Float64[ndarray, "case *more columns"],
    data: DataSet,
    sequence: Int64[ndarray, " case"],
    starts: Int64[ndarray, " case"] | None = None,
) -> Float64[ndarray, "case *more columns"]:
    """Model units to data units; `sequence` is that of each case in `data`, `starts` the row that its values begin at.

    Where values are differences, they go on from the rows before `starts`. A role without a transform comes back as it
    is. Raises `DataError` for a series that was not fitted, `Refused` where differences have no rows before.
    """
    if role not in transforms:
        return values
    state = fitted(transforms[role])
    group = numbered(state, data, sequence)
    if not state.lags or starts is None:
        return state.invert(values, group)
    return state.continued(values, group, rows_before(data, state.columns, starts, sum(state.lags)))


def reach(transforms: Transforms) -> int:
    """How many rows before a window its values in model units rest on."""
    return max((sum(fitted(state).lags) for state in transforms.values()), default=0)


def exact_ahead(transforms: Transforms) -> int | None:
    """Up to how many steps a quantile of the targets comes back as one; none where it does however far ahead.

    Beyond the shortest lag a forecast is a sum of forecasts, and the quantile of a sum is not the sum of quantiles.
    """
    return fitted(transforms["target"]).shortest_lag if "target" in transforms else None


def rows_before(
    data: DataSet, columns: tuple[str, ...], starts: Int64[ndarray, " case"], back: int
) -> Float64[ndarray, "case back columns"]:
    """The `back` rows before each start in data units, as they are known there.

    A value that is missing, or was filled while nothing measured followed before the start, is the last one that was
    measured. Raises `DataError` where none was.
    """
    names = [column.name for column in data.about.columns]
    picked = side_by_side([names.index(name) for name in columns])
    rows = starts[:, None] + np.arange(-back, 0)
    values = np.array(data.raw[:, picked][rows])
    seen = ~np.isnan(data.raw[:, picked]) if data.observed is None else data.observed[:, picked]
    if seen.all():
        return values
    last = np.maximum.accumulate(np.where(seen, np.arange(data.rows)[:, None], -1), axis=0)
    filled_ahead = data.about.missing is not None and data.about.missing["fill"] != "constant"
    behind = rows[..., None] > last[starts - 1][:, None]
    source = np.where(np.isnan(values) | (behind & filled_ahead), last[rows], rows[..., None])
    begins = data.offsets[np.searchsorted(data.offsets, starts, side="right") - 1]
    if (none := source < begins[:, None, None]).any():
        rule = "a forecast of differences goes on from the last known value, and a series has none before its horizon"
        raise DataError(f"{rule}: give it an earlier start", column=columns[int(np.argwhere(none)[0][2])])
    found: Float64[ndarray, "case back columns"] = np.take_along_axis(
        data.raw[:, picked], source.reshape(-1, len(columns)), axis=0
    ).reshape(values.shape)
    return found


def absent_to_models(data: DataSet) -> Bool[ndarray, "rows columns"] | None:
    """Where a value in model units is missing, or rests on one that is; none where windows find all."""
    gone, back = _resting(data, data.absent), reach(data.about.transforms)
    if gone is None or not back:
        return gone
    step = np.arange(data.rows) - np.repeat(data.offsets[:-1], data.lengths)
    return gone if gone[step >= back].any() else None


def observed_by_models(data: DataSet) -> Bool[ndarray, "rows columns"]:
    """Which values in model units were measured, and rest on measured ones alone."""
    observed = ~np.isnan(data.raw) if data.observed is None else data.observed
    found = _resting(data, ~observed)
    assert found is not None, "there is a mask to begin with"
    return ~found


def _resting(data: DataSet, gone: Bool[ndarray, "rows columns"] | None) -> Bool[ndarray, "rows columns"] | None:
    """What is gone, and in the columns of differences what rests on it."""
    for role in ROW_ROLES:
        state = fitted(data.about.transforms[role]) if role in data.about.transforms else None
        if state is None or not state.lags:
            continue
        positions, table = numbers_of(data, role), table_of(data, role)
        gone = np.zeros(data.raw.shape, bool) if gone is None else np.array(gone)
        values = np.where(gone[:, positions], np.nan, table.values)
        gone[:, positions] = np.isnan(along(data, RoleTable(table.columns, values, table.offsets, table.train), state))
    return gone
