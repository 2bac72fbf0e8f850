"""Whether a policy of augmentations is kept."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from rnnlib.part import Part


class Acceptance(Part):
    """Keeps a policy only where it wins on validation data, in trainings with and without it from the same seeds."""

    by: Literal["validation"] = Field("validation", description="the part that decides; the test part never does")
    trials: int = Field(5, ge=2, le=100, description="seeds; each is trained twice, with the policy and without it")
    epochs: int | None = Field(
        None, ge=1, le=1_000_000, description="epochs of each of these trainings; left out: those of the training"
    )


def _by(value: Any) -> Any:
    return {"by": value} if isinstance(value, str) else value


AnyAcceptance = Annotated[Acceptance, BeforeValidator(_by, json_schema_input_type=Literal["validation"] | Acceptance)]
"""How a policy is accepted; the bare word `validation` is that with its defaults."""


@dataclass(frozen=True)
class Verdict:
    """The lowest validation losses of each seed, with the policy and without it."""

    tried: tuple[float, ...]
    plain: tuple[float, ...]
    epochs: int

    @property
    def gain(self) -> float:
        """By how much the policy makes the loss smaller, on average over the seeds."""
        return statistics.fmean(a - b for a, b in zip(self.plain, self.tried, strict=True))

    @property
    def error(self) -> float:
        """The standard error of that: s / √n of the paired differences."""
        differences = [a - b for a, b in zip(self.plain, self.tried, strict=True)]
        return statistics.stdev(differences) / math.sqrt(len(differences))

    @property
    def kept(self) -> bool:
        """Whether it is better by more than its standard error."""
        return self.gain > self.error

    @property
    def sentence(self) -> str:
        """The outcome, with its figures."""
        mean = statistics.fmean
        losses = f"validation loss {mean(self.tried):.4g} with it, {mean(self.plain):.4g} without"
        change = f"{'better' if self.gain > 0 else 'worse'} by {abs(self.gain):.2g}" if self.gain else "no difference"
        figures = f"{change}, standard error {self.error:.2g}, {len(self.tried)} seeds"
        return f"{'kept' if self.kept else 'left out'}: {losses}; {figures}, {self.epochs} epochs each"

    def as_json(self) -> dict[str, Any]:
        """All figures."""
        losses = {"with": list(self.tried), "without": list(self.plain)}
        told = {"kept": self.kept, "gain": self.gain, "standard_error": self.error, "epochs": self.epochs}
        return {**told, "validation_loss": losses, "sentence": self.sentence}
