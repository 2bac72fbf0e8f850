"""What a forecast is asked for: each series up to its last known target, and the rows of the horizon behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from rnnlib.data.about import About
from rnnlib.data.dataset import DataSet
from rnnlib.data.missing import Missing, fill_missing
from rnnlib.data.rows import offsets_of
from rnnlib.data.times.frequency import following
from rnnlib.data.times.made import Made
from rnnlib.errors import DataError
from rnnlib.known_ahead import refuse_short, refuse_unknown, tell_missing


@dataclass(frozen=True)
class Upcoming:
    """A data set that ends with the horizon of every series, whose targets are open."""

    data: DataSet
    starts: Int64[ndarray, " series"]
    """The first row of every horizon."""
    times: Int64[ndarray, "series horizon"] | None
    """The times of the horizons' rows; none where the rows have no times."""


def upcoming(data: DataSet, context: int, horizon: int, *, trained: About | None = None) -> Upcoming:
    """The `horizon` rows that follow the last known target of every series, missing values filled as in training.

    Covariates that are known ahead are read from the rows behind the last known target; without them, and with those of
    a calendar alone, these rows need not be there. A `Notice` tells how many values of them are missing. Raises
    `DataError` for a series that is shorter than the context, or whose covariates end too soon or are not given at all,
    and where one is left missing that never was where the model was `trained`.
    """
    known = _known(data, context)
    ahead = np.diff(data.offsets) - known
    future = data.having("future")
    times, made = _times(data, known, horizon), Made.model_validate(data.about.made)
    from_times = {} if times is None else made.ahead(data, times.reshape(-1))
    if given := [column for column in future if column not in from_times]:
        refuse_short(data, ahead, given, horizon)
    offsets = offsets_of(known + horizon)
    place = np.arange(offsets[-1]) - np.repeat(offsets[:-1], known + horizon)
    in_horizon = place >= np.repeat(known, known + horizon)
    source = np.minimum(place, np.repeat(np.diff(data.offsets), known + horizon) - 1)
    source_rows = source + np.repeat(data.offsets[:-1], known + horizon)
    raw = np.array(data.raw[source_rows])
    open_columns = [column for column in range(raw.shape[1]) if column not in future]
    raw[np.ix_(np.flatnonzero(in_horizon), np.array(open_columns))] = np.nan
    for column, values in from_times.items():
        raw[in_horizon, column] = values
    absent = np.isnan(raw) if data.observed is None else np.isnan(raw) | ~data.observed[source_rows]
    holes = {column: absent[in_horizon, column].reshape(-1, horizon) for column in given}
    refuse_unknown(data, holes)
    filled = _filled(data, raw, offsets, offsets[:-1] + known, future)
    left = {column: np.isnan(filled[in_horizon, column]).reshape(-1, horizon) for column in given}
    tell_missing(data, holes, left, trained)
    asked = replace(
        data,
        raw=filled,
        offsets=offsets,
        observed=~np.isnan(raw),
        times=None,
        official=None,
        part=None,
        normalized=None,
        normalized_static=None,
        file_of_row=None,
    )
    return Upcoming(asked, offsets[:-1] + known, times)


def _known(data: DataSet, context: int) -> Int64[ndarray, " series"]:
    """How many rows of each series there are up to its last known target."""
    observed = ~np.isnan(data.raw[:, data.having("target")]).all(axis=1)
    last = np.maximum.reduceat(np.where(observed, np.arange(data.rows), -1), data.offsets[:-1])
    known: Int64[ndarray, " series"] = np.maximum(last - data.offsets[:-1] + 1, 0)
    if (short := known < context).any():
        at = int(np.argmax(short))
        rule = f"the model reads {context} rows up to the last known target, series `{_key(data, at)}` has {known[at]}"
        raise DataError(f"{rule}: give it an earlier start", column=_names(data, data.having("target")[:1])[0])
    return known


def _filled(
    data: DataSet,
    raw: Float64[ndarray, "rows columns"],
    offsets: Int64[ndarray, " series_and_one"],
    starts: Int64[ndarray, " series"],
    future: list[int],
) -> Float64[ndarray, "rows columns"]:
    """The past filled from the past alone; what is known ahead from all that is known of it."""
    if data.about.missing is None:
        return raw
    names, keys = [column.name for column in data.about.columns], data.sequences["key"].to_list()
    behind = np.arange(len(raw)) >= np.repeat(starts, np.diff(offsets))
    policy = Missing.model_validate(data.about.missing)
    filled = fill_missing(raw, offsets, policy, starts, columns=names, keys=keys, only=data.measurable)
    if future:
        known_ahead = fill_missing(raw[:, future], offsets, policy, columns=_names(data, future), keys=keys)
        filled[np.ix_(np.flatnonzero(behind), np.array(future))] = known_ahead[behind]
    return filled


def _times(data: DataSet, known: Int64[ndarray, " series"], horizon: int) -> Int64[ndarray, "series horizon"] | None:
    if data.times is None or data.about.time is None or data.about.time.every is None:
        return None
    place = np.arange(data.rows) - np.repeat(data.offsets[:-1], np.diff(data.offsets))
    seen = place < np.repeat(known, np.diff(data.offsets))
    return following(data.times[seen], offsets_of(known), horizon, data.about.time)


def _names(data: DataSet, positions: Sequence[int]) -> list[str]:
    return [data.about.columns[position].name for position in positions]


def _key(data: DataSet, sequence: int) -> str:
    return str(data.sequences["key"][sequence])
