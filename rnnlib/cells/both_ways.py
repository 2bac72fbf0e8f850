"""Two cells on one sequence: one reads it forwards, the other from its last valid step to its first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Literal, cast

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from rnnlib.cells.layer import CellLayer
from rnnlib.cells.stacked import Between, valid_only
from rnnlib.layer import Lengths
from rnnlib.padding import last_valid

Join = Literal["concat", "sum"]


def turned(x: Float[Tensor, "time batch feature"], lengths: Lengths) -> Float[Tensor, "time batch feature"]:
    """Every sequence from its own last valid step to its first; padding stays where it is."""
    if lengths is None:
        return x.flip(0)
    return x.gather(0, _turned_steps(len(x), lengths)[:, :, None].expand(x.shape))


def _turned_steps(time: int, lengths: Int64[Tensor, " batch"]) -> Int64[Tensor, "time batch"]:
    steps = torch.arange(time, device=lengths.device)[:, None]
    return torch.where(steps < lengths, lengths - 1 - steps, steps)


class BothWays(nn.Module):
    """One layer of a bidirectional stack.

    y_t = [h→_t, h←_t]  or  h→_t + h←_t

    Source: Schuster and Paliwal 1997, "Bidirectional recurrent neural networks", doi:10.1109/78.650093.
    """

    def __init__(self, forwards: CellLayer, backwards: CellLayer, join: Join) -> None:
        super().__init__()
        self.forwards, self.backwards, self.join = forwards, backwards, join
        self.joined = _JOINS[join]

    def forward(self, x: Float[Tensor, "time batch feature"], lengths: Lengths) -> Float[Tensor, "time batch unit"]:
        """Both directions' outputs at every step, joined."""
        there, back = self._each(x, lengths)
        return self.joined(there, turned(back, lengths))

    def ends(self, x: Float[Tensor, "time batch feature"], lengths: Lengths) -> Float[Tensor, "1 batch unit"]:
        """Both directions' last outputs, joined: the one that reads backwards ends at the first step."""
        there, back = (last_valid(one.transpose(0, 1), lengths)[None] for one in self._each(x, lengths))
        return self.joined(there, back)

    def _each(self, x: Tensor, lengths: Lengths) -> tuple[Tensor, Tensor]:
        """Both directions' outputs, each in the order in which it reads."""
        there, _ = self.forwards.sequence(x, self.forwards.start(x.shape[1]))
        back, _ = self.backwards.sequence(turned(x, lengths), self.backwards.start(x.shape[1]))
        return there, back


def _side_by_side(there: Tensor, back: Tensor) -> Tensor:
    return torch.cat([there, back], dim=-1)


_JOINS: Mapping[Join, Callable[[Tensor, Tensor], Tensor]] = {"concat": _side_by_side, "sum": torch.add}


class StackedBothWays(nn.ModuleList):
    """Layers that read both ways, one upon the other. They need the whole sequence: they cannot run step by step."""

    def __init__(self, layers: Iterable[BothWays], between: Between) -> None:
        super().__init__(layers)
        self.between = between

    def forward(
        self, x: Float[Tensor, "batch time feature"], lengths: Lengths = None
    ) -> tuple[Float[Tensor, "batch time_ unit"], Lengths]:
        """The joined outputs of the top layer, or its ends; padding reaches neither direction."""
        x = valid_only(x, lengths).transpose(0, 1)
        *below, top = cast("list[BothWays]", list(self))
        for place, layer in enumerate(below):
            outputs = layer(self.between.read(x, place, self.training), lengths)
            x = self.between.shown(x, outputs, place)
        read = self.between.read(x, len(below), self.training)
        if not self.between.last:
            return self.between.shown(x, top(read, lengths), len(below)).transpose(0, 1), lengths
        at_last = last_valid(x.transpose(0, 1), lengths)[None]
        return self.between.shown(at_last, top.ends(read, lengths), len(below)).transpose(0, 1), None
