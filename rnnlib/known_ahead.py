"""What a forecast needs to be known ahead: nothing of it there is refused, some of it missing is told."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Bool, Int64
from numpy import ndarray

from rnnlib.data.about import About
from rnnlib.data.dataset import DataSet
from rnnlib.errors import DataError, Notice

Holes = Bool[ndarray, "series horizon"]
"""Which values of a column are missing in the horizons."""


def refuse_short(data: DataSet, ahead: Int64[ndarray, " series"], future: Sequence[int], horizon: int) -> None:
    """Raises `DataError` where a series has not `horizon` rows behind its last known target; it has `ahead`."""
    if (short := ahead < horizon).any():
        at, others = int(np.argmin(ahead)), int(short.sum()) - 1
        columns = " and ".join(f"`{data.about.columns[column].name}`" for column in future)
        rule = f"horizon {horizon} needs {columns} for {horizon} rows after the last known target"
        received = f"series `{_key(data, at)}` has {ahead[at]}, {horizon - ahead[at]} are missing"
        received += f" ({others} more series end too soon)" if others else ""
        raise DataError(f"{rule}: {received}; append them, the target empty")


def refuse_unknown(data: DataSet, holes: Mapping[int, Holes]) -> None:
    """Raises `DataError` where nothing of a column is given in a horizon, and no fill says what that means.

    A constant says it, and so does a token of its own; what else fills would make it up from the past. Where nothing
    was filled in training, one missing number is too many.
    """
    for column, missing in holes.items():
        if data.about.missing is None and _name(data, column) not in _tokens(data.about):
            _refuse(data, column, missing, "every row of the horizon needs this value, which is known ahead")
        elif not _means_something(data.about, column):
            _refuse_empty(data, column, missing)


def tell_missing(data: DataSet, holes: Mapping[int, Holes], left: Mapping[int, Holes], trained: About | None) -> None:
    """Warns (`Notice`) how many values are missing in the horizons, and how many are `left` after filling.

    Raises `DataError` where some are left and the column was never missing in training: no model learnt what 0 is then.
    """
    for column, missing in holes.items():
        seen = None if trained is None or trained.contract is None else trained.contract.column(_name(data, column))
        if seen is not None and not seen.missing:
            rule = "the value was never missing where the model was trained, so it has not learnt to do without"
            _refuse(data, column, left[column], rule)
        if missing.any():
            warnings.warn(_told(data, column, missing, left[column]), Notice, stacklevel=2)


def _refuse_empty(data: DataSet, column: int, holes: Holes) -> None:
    empty = holes.all(axis=1)
    if empty.any():
        at, others = int(np.argmax(empty)), int(empty.sum()) - 1
        rule = "a forecast needs what is known ahead in its horizon"
        received = f"series `{_key(data, at)}` lacks all {holes.shape[1]} values"
        received += f" ({others} more series likewise)" if others else ""
        own = (
            "`encode.categorical.missing: token`" if _name(data, column) in _tokens(data.about) else "`fill: constant`"
        )
        remedy = f"complete them, or train with {own} where an empty one means something"
        raise DataError(f"{rule}: {received}; {remedy}", column=_name(data, column))


def _refuse(data: DataSet, column: int, holes: Holes, rule: str) -> None:
    if holes.any():
        of_series = holes.sum(axis=1)
        worst = int(np.argmax(of_series))
        received = f"{of_series.sum()} are missing, {of_series[worst]} of series `{_key(data, worst)}`"
        raise DataError(f"{rule}: {received}; complete them", column=_name(data, column))


def _told(data: DataSet, column: int, holes: Holes, left: Holes) -> str:
    worst = int(np.argmax(holes.sum(axis=1)))
    received = f"{holes.sum()} of the {holes.size} values of the horizon are missing"
    received += f" (series `{_key(data, worst)}` lacks {holes[worst].sum()})"
    became = [f"{count} {word}" for count, word in (((holes & ~left).sum(), "filled"), (left.sum(), "masked")) if count]
    return f"column `{_name(data, column)}`: {received}: {', '.join(became)}, as in training"


def _means_something(about: About, column: int) -> bool:
    name = about.columns[column].name
    if (missing := _tokens(about).get(name)) is not None:
        return missing == "token"
    return about.missing is not None and about.missing["fill"] == "constant"


def _tokens(about: About) -> dict[str, str]:
    """What a row without a category becomes, by the columns of categories."""
    fitted = (state for state in about.encoders if state["kind"] == "categories")
    return {name: state["missing"] for state in fitted for name in state["tokens"]}


def _name(data: DataSet, column: int) -> str:
    return data.about.columns[column].name


def _key(data: DataSet, sequence: int) -> str:
    return str(data.sequences["key"][sequence])
