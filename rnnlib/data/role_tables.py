"""The numbers of one role of a data set, as a table that a normalizer takes: codes, words and tokens are none."""

from __future__ import annotations

from typing import NamedTuple, get_args

import numpy as np
from jaxtyping import Bool, Float64, Int64
from numpy import ndarray

from rnnlib.data.about import Role
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.errors import DataError, Refused

ROW_ROLES: tuple[Role, ...] = get_args(Role)
"""The roles whose values stand in the rows; `static` and `label` have one value per sequence."""

CODED = ("words", "characters", "tokens")
"""What columns hold whose values are codes: they are not normalised."""


class RoleTable(NamedTuple):
    """The values of one role in data units (NaN where missing), one line per row or per sequence."""

    columns: tuple[str, ...]
    values: Float64[ndarray, "lines columns"]
    offsets: Int64[ndarray, " sequences_and_one"]
    """Where the lines of each sequence begin."""
    train: Bool[ndarray, " lines"]
    """Lines that a fit may rest on."""
    observed: Bool[ndarray, "lines columns"] | None = None
    """Values that were measured, not filled in; all where none."""

    def sequence(self, first: int, last: int) -> Int64[ndarray, " lines"]:
        """The sequence of each of these lines."""
        found: Int64[ndarray, " lines"] = np.searchsorted(self.offsets, np.arange(first, last), side="right") - 1
        return found


def table_of(data: DataSet, role: str) -> RoleTable:
    """The numbers of one role; raises `Refused` where the data does not have it, `DataError` for labels in words."""
    row_role = next((one for one in ROW_ROLES if one == role and data.having(one)), None)
    if row_role is not None and (positions := numbers_of(data, row_role)):
        return rows_at(data, positions)
    if role == "static" and data.static is not None and (places := static_numbers(data)):
        names = tuple(data.about.static[place] for place in places)
        return _lines(data, names, data.static[:, places])
    if role == "label" and "label" in data.sequences.columns:
        return _labels(data)
    if row_role is not None or (role == "static" and data.static is not None):
        raise Refused(f"numbers are normalised, and the columns of `{role}` hold words or tokens: remove `{role}`")
    has = [*(one for one in ROW_ROLES if data.having(one)), *(["static"] if data.static is not None else [])]
    listed = ", ".join(f"`{one}`" for one in has)
    raise Refused(f"the data has no `{role}`, only {listed}: remove `{role}` or name its columns in `load.roles`")


def rows_at(data: DataSet, positions: list[int]) -> RoleTable:
    """These columns of the flat array."""
    names = tuple(data.about.columns[position].name for position in positions)
    picked = side_by_side(positions)
    observed = None if data.observed is None else data.observed[:, picked]
    return RoleTable(names, data.raw[:, picked], data.offsets, data.rows_of(PartOf.train), observed)


def numbers_of(data: DataSet, role: Role) -> list[int]:
    """The positions of the columns of a role that hold no codes."""
    return [position for position in data.having(role) if data.about.columns[position].holds not in CODED]


def static_numbers(data: DataSet) -> list[int]:
    """The positions of the static columns that hold no words."""
    return [place for place, name in enumerate(data.about.static) if name not in data.about.words]


def side_by_side(positions: list[int]) -> list[int] | slice:
    """What picks these columns: a slice, which copies nothing, where they stand side by side."""
    contiguous = positions == list(range(positions[0], positions[-1] + 1))
    return slice(positions[0], positions[-1] + 1) if contiguous else positions


def _labels(data: DataSet) -> RoleTable:
    labels, name = data.sequences["label"], data.about.names.get("label", "label")
    if not labels.dtype.is_numeric():
        raise DataError("classes are not normalized, numbers are: remove `label`", column=name)
    values: Float64[ndarray, "lines columns"] = labels.cast(float).to_numpy().reshape(-1, 1)
    return _lines(data, (name,), values)


def _lines(data: DataSet, names: tuple[str, ...], values: Float64[ndarray, "lines columns"]) -> RoleTable:
    """One line per sequence; those with rows in the train part may be fitted on."""
    train = np.flatnonzero(data.rows_of(PartOf.train))
    in_train = np.bincount(np.searchsorted(data.offsets, train, side="right") - 1, minlength=len(data.lengths)) > 0
    return RoleTable(names, values, np.arange(len(values) + 1), in_train)
