"""A recurrent cell over segments of each channel: SegRNN around any cell."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import torch
from jaxtyping import Float
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from rnnlib.cells import AnyCell
from rnnlib.cells.stacked import Stacked
from rnnlib.errors import ModelError
from rnnlib.layer import Flow, Layer, Lengths, Memory
from rnnlib.padding import last_steps


class Segment(Layer):
    r"""A cell that runs over segments of w steps, channel by channel, and writes all steps of the horizon at once.

    Of every channel c, cut into segments s_1 … s_n of w steps:  e_i = relu(W s_i + b),  h_i = cell(e_i, h_{i−1});
    each output segment j is one step of the same cell:  ŝ_j = V dropout(cell([p_j, q_c], h_n)) + v

    x: [batch, n · w, channels], ŝ: [batch, horizon, channels]; W: [d, w], V: [w, d], p and q: d/2 learned numbers for
    each output segment and each channel, d the cell's units. Channels share all other weights. A sequence shorter than
    n · w steps has zeros before its first.

    Source: Lin et al. 2023, "SegRNN", arXiv:2308.11200 (parallel multi-step forecasting).
    """

    kind: Literal["segment"] = "segment"
    length: int = Field(..., ge=1, le=100_000, description="w, the steps of a segment; they fill context and horizon")
    cell: AnyCell = Field(..., description="the cell that runs over the segments; its units are d")
    dropout: float = Field(
        0.0, ge=0, lt=1, description="share of each output state's values zeroed before V, in training only"
    )

    def after(self, before: Flow) -> Flow:
        """The horizon's steps, as wide as what comes in; raises `ModelError` where segments do not fill them."""
        self._divides(before)
        width = self.cell.after(Flow(self.cell.units)).known
        if width % 2:
            rule = "half of what the cell reads tells an output segment's position, the other half its channel"
            raise ModelError(f"{rule}: received {width} units; use an even number", at=("cell", "units"))
        if not self.cell.one_way:
            rule = "output segments are steps that follow the last segment of the context"
            received = "received a cell that also runs backwards"
            raise ModelError(f"{rule}: {received}; take it out", at=("cell", "bidirectional"))
        if self.cell.gives != "steps":
            rule = "a segment layer goes on from the cell's state, whatever the cell gives"
            raise ModelError(f"{rule}: received gives: {self.cell.gives}; take it out", at=("cell", "gives"))
        return Flow(before.width, before.horizon, before.horizon, aligned=False)

    @property
    def one_way(self) -> bool:
        """Its steps are those of the horizon: each rests on the whole context."""
        return False

    def build(self, before: Flow) -> SegmentSteps:
        """The module; raises `ModelError` where there is no horizon to write or the context's length varies."""
        self.after(before)
        if before.horizon is None or before.steps is None:
            rule = "segments are cut from a context of fixed length and written over a horizon"
            received = f"received context {before.steps} and horizon {before.horizon}"
            raise ModelError(f"{rule}: {received}; use it in a forecaster, behind a `window` step")
        sizes = Sizes(before.known, self.length, before.steps // self.length, before.horizon // self.length)
        width = self.cell.after(Flow(self.cell.units)).known
        cell = self.cell.build(Flow(width))
        assert isinstance(cell, Stacked), "a one-way cell is a stack of its layers"
        return SegmentSteps(cell, sizes, width, self.dropout)

    def _divides(self, before: Flow) -> None:
        for steps, name in ((before.steps, "context"), (before.horizon, "horizon")):
            if steps is not None and steps % self.length:
                common = math.gcd(before.steps or 0, before.horizon or 0)
                fitting = [length for length in range(1, common + 1) if common % length == 0]
                near = ", ".join(str(length) for length in sorted(sorted(fitting, key=self._distance)[:3]))
                rule = f"segments of {self.length} steps fill context and horizon exactly"
                received = f"received a {name} of {steps}"
                raise ModelError(f"{rule}: {received}; use a length of {near}, or another {name}", at=("length",))

    def _distance(self, length: int) -> int:
        return abs(length - self.length)


class Sizes(NamedTuple):
    """How what comes in is cut, and what goes out put together."""

    channels: int
    length: int
    read: int
    """Segments of the context."""
    written: int
    """Segments of the horizon."""


class SegmentSteps(nn.Module):
    """The weights of a segment layer around the layers of its cell."""

    def __init__(self, cell: Stacked, sizes: Sizes, width: int, dropout: float) -> None:
        super().__init__()
        self.sizes, self.dropout = sizes, dropout
        self.embedding = nn.Linear(sizes.length, width)
        self.cell = cell
        self.position = nn.Parameter(torch.randn(sizes.written, width // 2))
        self.channel = nn.Parameter(torch.randn(sizes.channels, width // 2))
        self.output = nn.Linear(width, sizes.length)

    def forward(
        self, x: Float[Tensor, "batch time channel"], lengths: Lengths = None
    ) -> tuple[Float[Tensor, "batch horizon channel"], None]:
        """Every step of the horizon; none of them is padding."""
        embedded = self._segments(last_steps(x, lengths, self.sizes.read * self.sizes.length))
        _, memory = self.cell.sequence(embedded, self.cell.start(len(embedded)))
        written, _ = self.cell.sequence(self._asked(len(x)), _repeated(memory, self.sizes.written))
        values = self.output(F.dropout(written[:, 0], self.dropout, self.training))
        by_segment = values.view(self.sizes.written, len(x), self.sizes.channels, self.sizes.length)
        return by_segment.permute(1, 0, 3, 2).reshape(len(x), -1, self.sizes.channels), None

    def _segments(self, x: Float[Tensor, "batch time channel"]) -> Float[Tensor, "series segment unit"]:
        """relu(W s_i + b) of each channel's segments, segments lying outermost in memory."""
        cut = x.view(len(x), self.sizes.read, self.sizes.length, self.sizes.channels).permute(1, 0, 3, 2)
        return torch.relu(self.embedding(cut.reshape(self.sizes.read, -1, self.sizes.length))).transpose(0, 1)

    def _asked(self, batch: int) -> Float[Tensor, "asked 1 unit"]:
        """[p_j, q_c] of each output segment, outermost, each example and each channel."""
        shape = (self.sizes.written, batch, self.sizes.channels, -1)
        position = self.position[:, None, None].expand(shape)
        channel = self.channel.expand(shape)
        return torch.cat([position, channel], dim=3).flatten(0, 2)[:, None]


def _repeated(memory: Memory, times: int) -> Memory:
    """The states of every series, one copy for each output segment."""
    return tuple(
        value.repeat(times, *(1,) * (value.dim() - 1)) if isinstance(value, Tensor) else _repeated(value, times)
        for value in memory
    )
