"""What a forecast is asked for: each series up to its last known target, and the rows of the horizon behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float64, Int64
from numpy import ndarray

from rnnlib.data.dataset import DataSet
from rnnlib.data.missing import Missing, fill_missing
from rnnlib.data.rows import offsets_of
from rnnlib.data.times.frequency import following
from rnnlib.data.times.made import Made
from rnnlib.errors import DataError


@dataclass(frozen=True)
class Upcoming:
    """A data set that ends with the horizon of every series, whose targets are open."""

    data: DataSet
    starts: Int64[ndarray, " series"]
    """The first row of every horizon."""
    times: Int64[ndarray, "series horizon"] | None
    """The times of the horizons' rows; none where the rows have no times."""


def upcoming(data: DataSet, context: int, horizon: int) -> Upcoming:
    """The `horizon` rows that follow the last known target of every series, missing values filled as in training.

    Covariates that are known ahead are read from the rows behind the last known target; without them, and with those of
    a calendar alone, these rows need not be there. Raises `DataError` for a series that is shorter than the context,
    or whose covariates end too soon.
    """
    known = _known(data, context)
    ahead = np.diff(data.offsets) - known
    future = data.having("future")
    times, made = _times(data, known, horizon), Made.model_validate(data.about.made)
    from_times = {} if times is None else made.ahead(data, times.reshape(-1))
    if given := [column for column in future if column not in from_times]:
        _refuse_short(data, ahead, given, horizon)
    offsets = offsets_of(known + horizon)
    place = np.arange(offsets[-1]) - np.repeat(offsets[:-1], known + horizon)
    in_horizon = place >= np.repeat(known, known + horizon)
    source = np.minimum(place, np.repeat(np.diff(data.offsets), known + horizon) - 1)
    raw = np.array(data.raw[source + np.repeat(data.offsets[:-1], known + horizon)])
    open_columns = [column for column in range(raw.shape[1]) if column not in future]
    raw[np.ix_(np.flatnonzero(in_horizon), np.array(open_columns))] = np.nan
    for column, values in from_times.items():
        raw[in_horizon, column] = values
    asked = replace(
        data,
        raw=_filled(data, raw, offsets, offsets[:-1] + known, future),
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


def _refuse_short(data: DataSet, ahead: Int64[ndarray, " series"], future: list[int], horizon: int) -> None:
    if (short := ahead < horizon).any():
        at, others = int(np.argmin(ahead)), int(short.sum()) - 1
        columns = " and ".join(f"`{name}`" for name in _names(data, future))
        rule = f"horizon {horizon} needs {columns} for {horizon} rows after the last known target"
        received = f"series `{_key(data, at)}` has {ahead[at]}, {horizon - ahead[at]} are missing"
        received += f" ({others} more series end too soon)" if others else ""
        raise DataError(f"{rule}: {received}; append them, the target empty")


def _filled(
    data: DataSet,
    raw: Float64[ndarray, "rows columns"],
    offsets: Int64[ndarray, " series_and_one"],
    starts: Int64[ndarray, " series"],
    future: list[int],
) -> Float64[ndarray, "rows columns"]:
    """The past filled from the past alone; what is known ahead from all that is known of it."""
    names, keys = [column.name for column in data.about.columns], data.sequences["key"].to_list()
    behind = np.arange(len(raw)) >= np.repeat(starts, np.diff(offsets))
    if data.about.missing is None:
        _refuse_holes(data, raw, behind, future, offsets)
        return raw
    policy = Missing.model_validate(data.about.missing)
    filled = fill_missing(raw, offsets, policy, starts, columns=names, keys=keys, only=data.measurable)
    if future:
        known_ahead = fill_missing(raw[:, future], offsets, policy, columns=_names(data, future), keys=keys)
        filled[np.ix_(np.flatnonzero(behind), np.array(future))] = known_ahead[behind]
    return filled


def _refuse_holes(
    data: DataSet,
    raw: Float64[ndarray, "rows columns"],
    behind: Bool[ndarray, " rows"],
    future: list[int],
    offsets: Int64[ndarray, " series_and_one"],
) -> None:
    for column in future:
        of_series = np.add.reduceat(np.isnan(raw[:, column]) & behind, offsets[:-1], dtype=np.int64)
        if of_series.any():
            worst = int(np.argmax(of_series))
            rule = "every row of the horizon needs this value, which is known ahead"
            received = f"{of_series.sum()} are missing, {of_series[worst]} of series `{_key(data, worst)}`"
            raise DataError(f"{rule}: {received}; complete them", column=data.about.columns[column].name)


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
