"""Fitting normalizers on the train rows of a data set, and carrying its values to model units and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NamedTuple, get_args

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64
from numpy import ndarray

from rnnlib.data.dataset import DataSet, PartOf, Role
from rnnlib.data.normalizers import Fitted, Normalizer, fitted
from rnnlib.errors import DataError, Refused

ROW_ROLES: tuple[Role, ...] = get_args(Role)
"""The roles whose values stand in the rows; `static` and `label` have one value per sequence."""


class Table(NamedTuple):
    """The values of one role in data units (NaN where missing), one line per row or per sequence."""

    columns: tuple[str, ...]
    values: Float64[ndarray, "lines columns"]
    sequence: Int64[ndarray, " lines"]
    train: Bool[ndarray, " lines"]
    """Lines that a fit may rest on."""
    observed: Bool[ndarray, "lines columns"] | None = None
    """Values that were measured, not filled in; all where none."""


def fit_transforms(data: DataSet, normalizers: Mapping[str, Normalizer]) -> dict[str, Fitted]:
    """Fits each role's normalizer on what was observed in the train rows, and on nothing else.

    Raises `Refused` for a role that the data does not have, `DataError` for a column that cannot be fitted; both
    point at the role.
    """
    found = {}
    for role, normalizer in normalizers.items():
        with _pointing_at(role):
            found[role] = _fit(table_of(data, role), normalizer, _keys(data))
    return found


def transformed(data: DataSet, transforms: Mapping[str, Mapping[str, Any] | Fitted]) -> DataSet:
    """The data set in model units (float32, missing values 0); roles without a transform keep their values.

    Always starts from the data units, so a transform that was there before is replaced, never applied twice. Raises
    `DataError` for a series that was not fitted and for a value that float32 cannot hold.
    """
    states = {role: fitted(state) for role, state in transforms.items()}
    keys = _keys(data)
    values = np.empty(data.raw.shape, np.float32)
    for role in ROW_ROLES:
        if positions := data.having(role):
            with _pointing_at(role):
                values[:, positions] = _model_units(table_of(data, role), states.get(role), keys)
    static = None
    if data.static is not None:
        with _pointing_at("static"):
            static = _model_units(table_of(data, "static"), states.get("static"), keys)
    about = {role: state.model_dump(mode="json") for role, state in states.items()}
    return replace(data.with_about(transforms=about), normalized=values, normalized_static=static)


def inverted(
    transforms: Mapping[str, Mapping[str, Any] | Fitted],
    role: str,
    values: Float64[ndarray, "first *more columns"],
    keys: Sequence[str],
) -> Float64[ndarray, "first *more columns"]:
    """Model units to data units; `keys` names the sequence of each entry along the first axis.

    A role without a transform comes back as it is. Raises `DataError` for a series that was not fitted.
    """
    if role not in transforms:
        return values
    state = fitted(transforms[role])
    return state.invert(values, state.group_of(keys))


def table_of(data: DataSet, role: str) -> Table:
    """The values of one role; raises `Refused` where the data does not have it, `DataError` for labels in words."""
    if row_role := next((one for one in ROW_ROLES if one == role and data.having(one)), None):
        return _rows(data, row_role)
    if role == "static" and data.static is not None:
        return Table(data.about.static, data.static, np.arange(len(data.static)), _in_train(data))
    if role == "label" and "label" in data.sequences.columns:
        return _labels(data)
    has = [*(one for one in ROW_ROLES if data.having(one)), *(["static"] if data.static is not None else [])]
    listed = ", ".join(f"`{one}`" for one in has)
    raise Refused(f"the data has no `{role}`, only {listed}: remove `{role}` or name its columns in `load.roles`")


def _fit(table: Table, normalizer: Normalizer, keys: tuple[str, ...]) -> Fitted:
    if not table.train.any():
        raise DataError("a normalizer is fitted on train rows, and the train part has none: widen it in `split`")
    values = table.values[table.train]
    if table.observed is not None:
        values = np.where(table.observed[table.train], values, np.nan)
    return normalizer.fit(values, table.sequence[table.train], keys, table.columns)


def _model_units(table: Table, state: Fitted | None, keys: tuple[str, ...]) -> Float32[ndarray, "lines columns"]:
    values = table.values if state is None else state.apply(table.values, state.group_of(keys)[table.sequence])
    with np.errstate(over="ignore"):
        units: Float32[ndarray, "lines columns"] = values.astype(np.float32)
    if (beyond := np.isinf(units)).any():
        line, column = np.argwhere(beyond)[0]
        rule = f"models compute in float32, whose largest value is 3.4e38, received {values[line, column]:g}"
        raise DataError(f"{rule}: correct the value or normalize the column", column=table.columns[column])
    units[np.isnan(units)] = 0
    return units


def _rows(data: DataSet, role: Role) -> Table:
    positions = data.having(role)
    observed = None if data.observed is None else data.observed[:, positions]
    names = tuple(data.about.columns[position].name for position in positions)
    return Table(names, data.raw[:, positions], data.sequence_of_row, data.rows_of(PartOf.train), observed)


def _labels(data: DataSet) -> Table:
    labels, name = data.sequences["label"], data.about.names.get("label", "label")
    if not labels.dtype.is_numeric():
        raise DataError("classes are not normalized, numbers are: remove `label`", column=name)
    values: Float64[ndarray, "lines columns"] = labels.cast(float).to_numpy().reshape(-1, 1)
    return Table((name,), values, np.arange(len(values)), _in_train(data))


def _in_train(data: DataSet) -> Bool[ndarray, " sequences"]:
    """Which sequences have rows in the train part."""
    return np.bincount(data.sequence_of_row[data.rows_of(PartOf.train)], minlength=len(data.lengths)) > 0


def _keys(data: DataSet) -> tuple[str, ...]:
    return tuple(data.sequences["key"].to_list())


@contextmanager
def _pointing_at(role: str) -> Iterator[None]:
    """Places a refusal inside the role's section."""
    try:
        yield
    except Refused as error:
        error.at = (role, *error.at)
        raise
