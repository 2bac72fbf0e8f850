"""A difference between data and its contract, and the error that it becomes where it is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from rnnlib.data.contract.holding import Holding
from rnnlib.errors import DataError

Kind = Literal[
    "renamed", "missing", "extra", "absent", "reordered", "retyped", "category", "classes", "units", "constant",
    "times", "rows",
]  # fmt: skip

COUNTED: Mapping[Kind, str] = {
    "extra": "extra columns accepted",
    "absent": "absent columns accepted",
    "reordered": "columns out of order",
    "retyped": "columns of another type accepted",
    "category": "values of new categories accepted",
    "classes": "changed classes accepted",
    "units": "columns of another scale accepted",
    "constant": "columns grown constant accepted",
    "times": "changed times accepted",
}
"""The repairs that accepted differences are counted as."""


class Difference(NamedTuple):
    """What differs: the rule and what was received, and where; `amount` is how many columns, values or classes."""

    kind: Kind
    message: str
    column: str | None = None
    row: int | None = None
    file: str | None = None
    amount: int = 1


MOST_TOLD = 100
"""Accepted differences that are kept in words; all are counted."""


class Settled(NamedTuple):
    """What was accepted: counted, by the name of the repair, and in words."""

    repairs: dict[str, int]
    differences: tuple[str, ...]


class ContractError(DataError):
    """Data that breaks the contract of its pipeline; `difference` is what differs first."""

    def __init__(self, found: Sequence[Difference], remedy: str) -> None:
        first, *rest = found
        more = "".join(f"\nand {_placed(one)}" for one in rest[:9])
        super().__init__(
            f"{first.message}; {remedy}{more}", file=first.file, column=first.column, row=first.row, at=("contract",)
        )
        self.difference = first.kind


def settled(found: Sequence[Difference], policy: Holding, *, trained: bool = False) -> Settled:
    """The accepted differences, counted and told. Raises `ContractError` with all of those that are refused."""
    refused = [one for one in found if getattr(policy, one.kind, "refuse") != "accept"]
    if refused:
        kind = refused[0].kind
        allow = f" or allow it with `contract: {{{kind}: accept}}`" if kind in COUNTED else ""
        alter = "train again" if trained else "accept the change on purpose with `rnn data SPEC --accept`"
        raise ContractError(refused, f"mend the data, {alter}{allow}")
    repairs: dict[str, int] = {}
    for one in found:
        repairs[COUNTED[one.kind]] = repairs.get(COUNTED[one.kind], 0) + one.amount
    return Settled(repairs, tuple(_placed(one) for one in found[:MOST_TOLD]))


def _placed(one: Difference) -> str:
    return f"column `{one.column}`: {one.message}" if one.column else one.message
