"""Fitting normalizers on the train rows of a data set, and carrying its values to model units and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

import numpy as np
from jaxtyping import Float32, Float64, Int64
from numpy import ndarray

from rnnlib.data.dataset import DataSet
from rnnlib.data.normalizers import Fitted, Normalizer, fitted
from rnnlib.data.role_tables import ROW_ROLES, RoleTable, numbers_of, rows_at, static_numbers, table_of
from rnnlib.errors import DataError, refusals_at

AT_ONCE = 1 << 20
"""Rows that are brought to model units at once: what is computed on the way is not held for all of them."""


def fit_transforms(data: DataSet, normalizers: Mapping[str, Normalizer]) -> dict[str, Fitted]:
    """Fits each role's normalizer on what was observed in the train rows, and on nothing else.

    Raises `Refused` for a role that the data does not have, `DataError` for a column that cannot be fitted; both
    point at the role.
    """
    found = {}
    for role, normalizer in normalizers.items():
        with refusals_at(role):
            each: Literal["series", "group"] = "group" if normalizer.fits_each == "group" else "series"
            found[role] = _fit(table_of(data, role), normalizer, names_of(data, each))
    return found


def transformed(data: DataSet, transforms: Mapping[str, Mapping[str, Any] | Fitted]) -> DataSet:
    """The data set in model units (float32, missing values 0); roles without a transform keep their values.

    So do columns of words and tokens. Always starts from the data units, so a transform that was there before is
    replaced, never applied twice. Raises `DataError` for a series that was not fitted and for a value that float32
    cannot hold.
    """
    states = {role: fitted(state) for role, state in transforms.items()}
    values = np.empty(data.raw.shape, np.float32)
    for role in ROW_ROLES:
        with refusals_at(role):
            numbers = numbers_of(data, role) if role in states else []
            if numbers:
                _write(values, numbers, data, table_of(data, role), states[role])
            if kept := [position for position in data.having(role) if position not in numbers]:
                _write(values, kept, data, rows_at(data, kept), None)
    static = None
    if data.static is not None:
        with refusals_at("static"):
            static = _static(data, data.static, states.get("static"))
    about = {role: state.model_dump(mode="json") for role, state in states.items()}
    return replace(data.with_about(transforms=about), normalized=values, normalized_static=static)


def names_of(data: DataSet, each: Literal["series", "group"]) -> tuple[str, ...]:
    """What each sequence is called where every series, or every group, has a fit of its own."""
    if each == "series":
        return tuple(data.sequences["key"].to_list())
    if "group" not in data.sequences.columns:
        rule = "`per: group` fits on the rows of each group, and the data has none"
        raise DataError(f"{rule}: name its column in `load.roles.group`, or write `per: series` or `per: all`")
    return tuple(map(str, data.sequences["group"].to_list()))


def numbered(state: Fitted, data: DataSet, sequence: Int64[ndarray, " cases"]) -> Int64[ndarray, " cases"]:
    """What `state` takes as `group` for these sequences; raises as `Fitted.group_of` does."""
    if state.groups is None:
        return np.zeros(len(sequence), np.int64)
    names, roles = names_of(data, state.each), ("group",) if state.each == "group" else ("series", "sample")
    try:
        return state.group_of([names[number] for number in sequence])
    except DataError as error:  # the numbers are right: what names their series or group is at fault
        raise error.placed(column=next(filter(None, map(data.about.names.get, roles)), None)) from error


def along(data: DataSet, table: RoleTable, state: Fitted) -> Float64[ndarray, "rows columns"]:
    """All rows in model units as float64, NaN where a value rests on one that is missing."""
    sequence = table.sequence(0, len(table.values))
    place = np.arange(len(table.values)) + (sum(state.lags) + 1) * sequence
    group = numbered(state, data, np.arange(len(data.lengths)))[sequence]
    return state.along(np.ascontiguousarray(table.values), group, place)


def _fit(table: RoleTable, normalizer: Normalizer, names: tuple[str, ...]) -> Fitted:
    if not table.train.any():
        raise DataError("a normalizer is fitted on train rows, and the train part has none: widen it in `split`")
    first, last = int(np.argmax(table.train)), len(table.train) - int(np.argmax(table.train[::-1]))
    shown = slice(first, last) if table.train[first:last].all() else np.flatnonzero(table.train)
    values = table.values[shown]
    if table.observed is not None and not table.observed[shown].all():
        values = np.where(table.observed[shown], values, np.nan)
    if normalizer.fits_each == "all" and not normalizer.looks_back:
        return normalizer.fit(values, np.broadcast_to(np.int64(0), len(values)), names, table.columns)
    sequence = table.sequence(0, len(table.values))[shown]
    number = {name: at for at, name in enumerate(dict.fromkeys(names))}  # the sequences of a group are one fit
    group = np.array([number[name] for name in names])[sequence]
    if not normalizer.looks_back:
        return normalizer.fit(values, group, tuple(number), table.columns)
    place = np.arange(len(table.values))[shown] + (len(table.values) + 1) * sequence
    return normalizer.fit_along(values, group, tuple(number), table.columns, place)


def _write(
    into: Float32[ndarray, "rows all"], positions: list[int], data: DataSet, table: RoleTable, state: Fitted | None
) -> None:
    """Writes the rows in model units into these columns of `into`."""
    if state is not None and state.lags:
        into[:, positions] = _as_float32(along(data, table, state), table.columns)
        return
    numbers = None if state is None else numbered(state, data, np.arange(len(data.lengths)))
    for first in range(0, len(into), AT_ONCE):
        last = min(first + AT_ONCE, len(into))
        values = table.values[first:last]
        if state is not None and numbers is not None:
            values = state.apply(values, numbers[table.sequence(first, last)])
        into[first:last, positions] = _as_float32(values, table.columns)


def _static(
    data: DataSet, values: Float64[ndarray, "sequences statics"], state: Fitted | None
) -> Float32[ndarray, "sequences statics"]:
    units = np.array(values, np.float64)
    if state is not None and (places := static_numbers(data)):
        units[:, places] = state.apply(units[:, places], numbered(state, data, np.arange(len(units))))
    return _as_float32(units, data.about.static)


def _as_float32(
    values: Float64[ndarray, "lines columns"], columns: tuple[str, ...]
) -> Float32[ndarray, "lines columns"]:
    with np.errstate(over="ignore"):
        units: Float32[ndarray, "lines columns"] = values.astype(np.float32)
    if (beyond := np.isinf(units)).any():
        line, column = np.argwhere(beyond)[0]
        rule = f"models compute in float32, whose largest value is 3.4e38, received {values[line, column]:g}"
        raise DataError(f"{rule}: correct the value or normalize the column", column=columns[column])
    units[np.isnan(units)] = 0
    return units
