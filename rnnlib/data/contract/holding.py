"""What becomes of data that differs from what was accepted: refused, or taken and counted."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from rnnlib.part import Part

Answer = Literal["refuse", "accept"]


class Holding(Part):
    """How new data is held against the contract, the schema of the first good load.

    What is accepted is counted among the repairs. Renamed columns, and columns that a role needs and that are not
    there, are always refused.
    """

    file: Annotated[str, Field(min_length=1, max_length=4096, pattern=r"\.json$")] | None = Field(
        None,
        description="the file of the accepted contract, from the spec's folder, to commit it; "
        "without it, it lies in the project's home",
    )
    extra: Answer = Field("refuse", description="columns that were not there and have no role")
    absent: Answer = Field("refuse", description="columns without a role that are not there any more")
    reordered: Answer = Field("accept", description="columns in another order; they are read by their names")
    retyped: Answer = Field("refuse", description="columns of another type: text for numbers, numbers for text")
    category: Answer = Field(
        "refuse", description="categories that were never seen; once accepted, a trained model reads them as unknown"
    )
    classes: Answer = Field("refuse", description="classes that were lost, that are new, or that are down to one")
    units: Answer = Field("refuse", description="numbers so far from before that their unit must be another")
    constant: Answer = Field("refuse", description="columns that varied and are constant, or nearly so")
    times: Answer = Field("refuse", description="times with another step or another zone, or of another type")
    rows: float = Field(0.5, ge=0, le=1, description="the least share of the accepted rows that must be there")
