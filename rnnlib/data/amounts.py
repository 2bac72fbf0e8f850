"""How much of the data a part takes: a length of time, a share, or a number of rows or sequences."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Annotated, Any

from pydantic import Field, PlainSerializer, PlainValidator, TypeAdapter, ValidationError

from rnnlib.errors import misplaced
from rnnlib.quantities import Duration, Percent

_SHARE_OR_COUNT = "a percentage (`20%`), a share (0.2) or a count (500)"


def read_amount(value: Any) -> Duration | Percent | float | int:
    """What a spec wrote, as a value; raises `ValueError` where it is no amount."""
    if isinstance(value, Duration):
        return value
    if isinstance(value, str) and re.fullmatch(Duration.pattern, value):
        return Duration.read(value)
    return _share_or_count(value, f"expected a length of time (`28d`), {_SHARE_OR_COUNT}")


def _read_portion(value: Any) -> Percent | float | int:
    return _share_or_count(value, f"expected {_SHARE_OR_COUNT}")


def _share_or_count(value: Any, expected: str) -> Percent | float | int:
    if isinstance(value, str) and re.fullmatch(Percent.pattern, value):
        value = Percent.read(value)
    if isinstance(value, Percent) and 0 < value.value < 1:
        return value
    if isinstance(value, float) and 0 < value < 1:
        return value
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 10**9:
        return value
    received = str(value) if isinstance(value, Percent) else repr(value)
    raise ValueError(f"{expected}; shares lie between 0 and 1, counts from 1 up: received {received}")


def written(value: Duration | Percent | float | int) -> str | float | int:
    """An amount as a spec writes it."""
    return value if isinstance(value, int | float) else str(value)


Amount = Annotated[
    Duration | Percent | float | int,
    PlainValidator(read_amount, json_schema_input_type=Duration | Percent | float | int),
    PlainSerializer(written),
]
"""`28d`, `20%`, 0.2 or 500."""

Portion = Annotated[
    Percent | float | int,
    PlainValidator(_read_portion, json_schema_input_type=Percent | float | int),
    PlainSerializer(written),
]
"""`20%`, 0.2 or 500."""

Pattern = Annotated[str, Field(pattern=r"[^./]", max_length=4096)]
Patterns = Annotated[tuple[Pattern, ...], Field(min_length=1, max_length=1000)]
"""File names, or patterns of them."""

_PATTERNS: TypeAdapter[tuple[str, ...]] = TypeAdapter(Patterns)


def _read_extent(value: Any) -> Duration | Percent | float | int | tuple[str, ...]:
    if not isinstance(value, list | tuple):
        return read_amount(value)
    try:
        return _PATTERNS.validate_python(value)
    except ValidationError as error:
        raise ValueError(f"expected a list of file names, received {value!r}") from error


def _write_extent(value: Duration | Percent | float | int | tuple[str, ...]) -> str | float | int | list[str]:
    return list(value) if isinstance(value, tuple) else written(value)


Extent = Annotated[
    Duration | Percent | float | int | tuple[str, ...],
    PlainValidator(_read_extent, json_schema_input_type=Duration | Percent | float | int | Patterns),
    PlainSerializer(_write_extent),
]
"""An amount, or the files that make a part."""


def share(amount: Duration | Percent | float | int | None) -> Fraction:
    """The share of the whole that an amount names, exactly as written; 0 for counts and lengths of time."""
    if isinstance(amount, Percent):
        return Fraction(amount.written.removesuffix("%")) / 100
    return Fraction(str(amount)) if isinstance(amount, float) else Fraction(0)


def counted(amount: Percent | float | int, whole: int, before: Fraction) -> int:
    """How many of `whole` a share or count takes, after shares that sum to `before` were taken.

    Shares are rounded as running sums, so that shares that make up the whole leave nothing over.
    """
    if isinstance(amount, int):
        return amount
    return _rounded(whole * (before + share(amount))) - _rounded(whole * before)


def sizes(whole: int, amounts: Sequence[Percent | float | int | None]) -> list[int]:
    """How many of `whole` each amount takes; none takes 0."""
    found, before = [], Fraction(0)
    for amount in amounts:
        found.append(0 if amount is None else counted(amount, whole, before))
        before += share(amount)
    return found


def check_shares(*, train: Any, validation: Any, test: Any, leave: Any = None) -> None:
    """Refuses shares of one whole that sum to more than it, or that leave nothing for a train part that is the rest."""
    amounts = {"train": train, "validation": validation, "test": test, "leave": leave}
    total = sum(share(amount) for amount in amounts.values())
    listed = " and ".join(f"{name} {amount}" for name, amount in amounts.items() if share(amount))
    if total > 1:
        raise misplaced(f"parts share one whole: {listed} make {float(total):.4g} of it; take less", "test")
    if total == 1 and train is None:
        raise misplaced(f"train is what the other parts leave: {listed} leave nothing; take less", "test")


def _rounded(exact: Fraction) -> int:
    return int(exact + Fraction(1, 2))
