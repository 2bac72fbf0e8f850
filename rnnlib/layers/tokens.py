"""Columns of tokens, by name or by place."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from rnnlib.errors import ModelError
from rnnlib.layer import Flow

Column = Annotated[int, Field(ge=0, le=10**6)] | Annotated[str, Field(min_length=1, max_length=1000)]


def place_of(column: int | str, before: Flow) -> int:
    """Where a column stands; raises `ModelError` at `("column",)` for a name that no column of tokens has."""
    if isinstance(column, int):
        return column
    for one in before.tokens:
        if one.name == column:
            return one.at
    known = ", ".join(f"`{one.name}`" for one in before.tokens[:10]) or "none"
    rule = f"no column of tokens has the name `{column}` here: there are {known}"
    raise ModelError(
        f"{rule}; correct it, or put the layer below those that make something else of them", at=("column",)
    )
