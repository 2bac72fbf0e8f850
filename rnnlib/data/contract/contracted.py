"""A load under its contract: held against the accepted one where there is one, and described for the next."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from rnnlib.data.columns import word
from rnnlib.data.contract.columns import column_differences
from rnnlib.data.contract.describing import described
from rnnlib.data.contract.difference import Difference, Settled, settled
from rnnlib.data.contract.holding import Holding
from rnnlib.data.contract.values import value_differences
from rnnlib.data.dataset import DataSet
from rnnlib.data.origin import Origin
from rnnlib.data.roles import Roles
from rnnlib.data.seen import Contract

NOTHING = Settled({}, ())
"""There is no contract yet, or nothing differs from it."""


def columns_held(
    frame: pl.DataFrame, roles: Roles, file: str | pl.Series, accepted: Contract | None, policy: Holding
) -> Settled:
    """What was accepted of a table's columns. Raises `ContractError` for what is refused."""
    if accepted is None or frame.height == 0:
        return NOTHING
    needed = {place.column for place in roles.places()}
    return settled([*column_differences(frame, accepted, needed, Origin.of(file))], policy)


def contracted(
    data: DataSet,
    types: Mapping[str, str],
    accepted: Contract | None,
    policy: Holding,
    columns: Settled,
) -> DataSet:
    """The data set with the contract that it was seen to keep, and what was accepted of it among its repairs.

    `types` are those of the source's columns, in their order; `columns` is what was accepted of these.
    Raises `ContractError` for what is refused.
    """
    seen = described(data, types)
    values = NOTHING if accepted is None else settled([*differences_of_values(seen, accepted, policy)], policy)
    holding = policy.model_dump(mode="json", exclude_defaults=True)
    return data.with_about(
        contract=seen,
        holding=holding,
        repairs={**data.about.repairs, **columns.repairs, **values.repairs},
        accepted=(*columns.differences, *values.differences),
    )


def differences_of_values(seen: Contract, accepted: Contract, policy: Holding) -> list[Difference]:
    """What differs in the values, all of it."""
    return list(value_differences(seen, accepted, policy.rows))


def types_of(frame: pl.DataFrame) -> dict[str, str]:
    """The type of every column in words, in the order of the table."""
    return {name: word(dtype) for name, dtype in frame.schema.items()}
