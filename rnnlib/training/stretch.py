"""A stretch of a training, told in steps or in epochs."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from rnnlib.errors import misplaced
from rnnlib.part import Part


class Stretch(Part):
    """So many optimizer steps, or so many passes over the train part; one of the two."""

    steps: int | None = Field(None, ge=1, le=10**9, description="optimizer steps")
    epochs: float | None = Field(None, gt=0, le=1e6, description="passes over the train part; 0.5 is half of one")

    @model_validator(mode="after")
    def _one_of_the_two(self) -> Self:
        if (self.steps is None) == (self.epochs is None):
            received = "both" if self.steps is not None else "neither"
            raise misplaced(f"a stretch is told in `steps` or in `epochs`, received {received}: give one of them")
        return self

    def in_steps(self, per_epoch: int) -> int:
        """How many steps it is, at least one, where an epoch has `per_epoch`."""
        return self.steps or max(1, round((self.epochs or 0) * per_epoch))


def _epochs(value: Any) -> Any:
    return {"epochs": value} if isinstance(value, int | float) and not isinstance(value, bool) else value


AnyStretch = Annotated[Stretch, BeforeValidator(_epochs, json_schema_input_type=float | Stretch)]
"""A stretch; a bare number counts epochs."""
