"""Gradients that vanish or explode on their way back through time: told from the looks at them, with what to try."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from rnnlib.training.gradients_seen import Along, Look

FAINT = 1e-3
"""The share of the largest gradient below which a step has as good as none."""
SHARE = 0.05
"""A gradient that is gone within this share of the sequence has vanished."""
GROWTH = 1e4
"""How much longer gradients are in the first quarter of the sequence than in its last one where they explode."""


@dataclass(frozen=True)
class Flag:
    """One thing that is wrong with the gradients of a layer."""

    kind: Literal["vanishing", "exploding"]
    layer: str
    message: str

    def as_json(self) -> dict[str, str]:
        """Itself as JSON."""
        return asdict(self)


def flags(looks: Sequence[Look]) -> list[Flag]:
    """What was seen over a whole training: a layer vanishes if it did in every look, and explodes if it did in one."""
    layers = dict.fromkeys(name for look in looks for name in look.along)
    return [flag for layer in layers for flag in _of_layer(layer, [look for look in looks if layer in look.along])]


def reach(along: Along) -> int:
    """How many steps back from the end a gradient is at least `FAINT` of the largest; none where all are 0."""
    largest = max(along.norms)
    known = (step for step, norm in zip(along.steps, along.norms, strict=True) if norm >= FAINT * largest > 0)
    return along.steps[-1] - next(known, along.steps[-1])


def growth(along: Along) -> float:
    """The median gradient of the first quarter of the sequence over that of the last; 0 where that is 0."""
    if not all(map(math.isfinite, along.norms)):
        return math.inf
    quarter, end = along.steps[-1] / 4, along.steps[-1]
    marks = list(zip(along.steps, along.norms, strict=True))
    early = [norm for step, norm in marks if step <= quarter]
    late = [norm for step, norm in marks if step > end - quarter]
    return statistics.median(early) / statistics.median(late) if early and statistics.median(late) > 0 else 0.0


def _of_layer(layer: str, looks: Sequence[Look]) -> Iterator[Flag]:
    steps = looks[0].along[layer].steps[-1]
    most = max(looks, key=lambda look: growth(look.along[layer]))
    if (times := growth(most.along[layer])) > GROWTH:
        seen = f"{times:.0e} times longer at the start of {steps} steps than at their end"
        where = f"epoch {most.epoch}, batch {most.batch}"
        yield Flag("exploding", layer, f"gradients explode in `{layer}`: {seen} ({where}); try {_SMALLER}")
        return
    furthest = max(reach(look.along[layer]) for look in looks)
    if furthest < SHARE * steps:
        seen = f"a thousandth is left after {furthest + 1} of {steps} steps back in time"
        yield Flag("vanishing", layer, f"gradients vanish in `{layer}`: {seen}; try {_FURTHER}")


_FURTHER = (
    "`gru` or `lstm` in place of `rnn`, an orthogonal recurrent kernel, the chrono initialisation of gates, "
    "`attention` on top, or a shorter context"
)
_SMALLER = "`clip` (1.0), an orthogonal recurrent kernel, `gru` or `lstm` in place of `rnn`, or a lower learning rate"
