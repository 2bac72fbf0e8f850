"""What was seen of the gradients in the course of a training."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from pydantic import Field

from rnnlib.part import Part

MOST = 64
"""Looks that are kept; where there would be more, every second one goes, and looks are half as frequent."""


class Watching(Part):
    """What is looked at beside the losses while a model is trained; the training itself stays the same, bit for bit."""

    gradients: int = Field(
        100, ge=1, le=10**9, description="steps from one look at the gradients, by layer and along time, to the next"
    )


@dataclass(frozen=True)
class Along:
    """‖∂L/∂h_t‖ along the time of one recurrent layer, over all of its states at t."""

    steps: list[int]
    """t, counted from 1; the last is the end of the sequence."""
    norms: list[float]


@dataclass(frozen=True)
class Look:
    """The gradients of one batch, just before the optimizer's step."""

    epoch: int
    batch: int
    layers: dict[str, float]
    """‖∂L/∂θ‖ over the weights of each layer and of the head."""
    along: dict[str, Along]
    """By the recurrent layer's name."""

    def as_json(self) -> dict[str, Any]:
        """Itself as JSON; what is not finite is null."""
        told = asdict(self)
        told["layers"] = {name: _finite(norm) for name, norm in self.layers.items()}
        for name, one in self.along.items():
            told["along"][name]["norms"] = [_finite(norm) for norm in one.norms]
        return told

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Look:
        """The look that `told` is the JSON of."""
        along = {name: Along(list(one["steps"]), _numbers(one["norms"])) for name, one in told["along"].items()}
        layers = dict(zip(told["layers"], _numbers(list(told["layers"].values())), strict=True))
        return cls(told["epoch"], told["batch"], layers, along)


@dataclass
class Looks:
    """The looks that are kept, `every` so many steps; a part of a training's state."""

    every: int
    seen: list[Look] = field(default_factory=list)

    def due(self, step: int) -> bool:
        """Whether step number `step` of the training, counted from 0, is looked at."""
        return step % self.every == 0

    def add(self, look: Look) -> None:
        """Keeps one more."""
        self.seen.append(look)
        if len(self.seen) > MOST:
            self.seen, self.every = self.seen[::2], 2 * self.every

    def facts(self) -> dict[str, Any]:
        """All of it, as JSON; floats go through it without losing a bit."""
        return {"every": self.every, "seen": [look.as_json() for look in self.seen]}

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Looks:
        """What `facts` tells of."""
        return cls(facts["every"], [Look.of(look) for look in facts["seen"]])


def _finite(norm: float) -> float | None:
    return norm if math.isfinite(norm) else None


def _numbers(norms: list[float | None]) -> list[float]:
    return [math.inf if norm is None else norm for norm in norms]
