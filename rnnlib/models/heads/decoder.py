"""A decoder that writes the horizon step by step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal, NamedTuple

import torch
from jaxtyping import Bool, Float
from pydantic import Field, field_validator
from torch import Tensor, nn

from rnnlib.cells import GRU, AnyCell, one_pass
from rnnlib.cells.stacked import Stacked
from rnnlib.data.batching.batch import Batch
from rnnlib.errors import ModelError, misplaced
from rnnlib.layer import Flow, Lengths, Memory
from rnnlib.layers.attending import Attends, shares
from rnnlib.layers.projection import projection
from rnnlib.layers.scores import Additive, AnyScore
from rnnlib.models.heads.ahead import ahead
from rnnlib.models.heads.base import Head
from rnnlib.models.heads.summary import summary
from rnnlib.models.relative import last_known
from rnnlib.models.shape import Shape


class Decoder(Head):
    """A cell that writes one step after the other, fed with the one before, and looks back by attention.

    s_0 = B [h_T, static] + b;  s_t = cell([y_{t−1}, future_t], s_{t−1});
    c_t = Σ_u softmax_u(score(o_t, h_u)) h_u over the valid steps u;  ŷ_t = V [o_t, c_t] + v,  t = 1 … horizon

    o_t is the cell's output; y_0 the last known target, y_{t−1} = ŷ_{t−1} thereafter. In training it is the true one
    with the probability `teacher_forcing`, drawn for each example and step. Truths that are missing are never fed.

    Source: Sutskever, Vinyals and Le 2014, arXiv:1409.3215; attention behind the cell: Luong, Pham and Manning 2015,
    arXiv:1508.04025; teacher forcing: Williams and Zipser 1989, with a probability: Bengio et al. 2015,
    arXiv:1506.03099.
    """

    gives: ClassVar[str] = "values"
    kind: Literal["decoder"] = "decoder"
    cell: AnyCell = Field(GRU(units=64), description="what writes; it reads one way")
    attention: AnyScore | None = Field(
        Additive(), description="how it looks back at the layers' states; null: it has their last one alone"
    )
    teacher_forcing: float = Field(
        0.5, ge=0, le=1, description="how often it is fed with the truth instead of its own forecast, in training only"
    )

    @field_validator("cell")
    @classmethod
    def _writes_one_way(cls, cell: AnyCell) -> AnyCell:
        if cell.bidirectional:
            raise misplaced("a decoder writes forwards: received bidirectional true; leave it out", "bidirectional")
        if cell.gives != "steps":
            raise misplaced("every step of a decoder is written: received gives last; leave it out", "gives")
        if cell.initial_state != "zero":
            rule = "a decoder starts from what the layers have read"
            raise misplaced(f"{rule}: received initial_state {cell.initial_state}; leave it out", "initial_state")
        return cell

    def width(self, shape: Shape) -> int:
        """horizon · targets."""
        horizon, targets = ahead(shape)
        return horizon * targets

    def build(self, before: Flow, shape: Shape) -> DecoderHead:
        """The module: [batch, horizon, targets]; raises `ModelError` where the attention cannot compare the states."""
        horizon, targets = ahead(shape)
        if self.attention is not None:
            try:
                self.attention.check(self.cell.width, before.known)
            except ModelError as error:
                raise ModelError(error.message, at=("head", "attention", *error.at)) from error
        sizes = Sizes(before.known, shape.static, targets, shape.future, self.cell.width, horizon)
        cell = self.cell.build(Flow(targets + shape.future))
        assert isinstance(cell, Stacked), "it reads one way"
        score = None if self.attention is None else self.attention.build(sizes.cell, sizes.states)
        columns = shape.target_columns if len(shape.target_columns) == targets else ()
        kind = DecoderHead if score is None else AttendingDecoderHead
        return kind(cell, score, sizes, columns, self.teacher_forcing)


class Sizes(NamedTuple):
    """Widths of what a decoder reads and writes, and its steps."""

    states: int
    static: int
    targets: int
    future: int
    cell: int
    horizon: int


class DecoderHead(nn.Module):
    """The weights of a decoder, and its loop over the horizon."""

    def __init__(
        self, cell: Stacked, score: nn.Module | None, sizes: Sizes, target_columns: Sequence[int], forcing: float
    ) -> None:
        super().__init__()
        self.sizes, self.target_columns, self.forcing = sizes, list(target_columns), forcing
        self.cell, self.score = cell, score
        self.bridge = projection(sizes.states + sizes.static, sum(sum(layer.widths) for layer in cell.of_cell()))
        self.output = projection(sizes.cell + (0 if score is None else sizes.states), sizes.targets)

    def forward(
        self, states: Float[Tensor, "batch time unit"], lengths: Lengths, batch: Batch
    ) -> Float[Tensor, "batch horizon target"]:
        """The forecast, in model units; the truth of `batch` is looked at in training alone."""
        return self.written(states, lengths, batch)[0]

    def written(
        self, states: Float[Tensor, "batch time unit"], lengths: Lengths, batch: Batch
    ) -> tuple[Float[Tensor, "batch horizon target"], Float[Tensor, "batch horizon time"]]:
        """The forecast, and how each of its steps looks back: zeros where there is no attention."""
        with one_pass(self.cell):
            return self._step_by_step(states, lengths, batch)

    def _step_by_step(
        self, states: Float[Tensor, "batch time unit"], lengths: Lengths, batch: Batch
    ) -> tuple[Float[Tensor, "batch horizon target"], Float[Tensor, "batch horizon time"]]:
        memory, fed = self._start(states, lengths, batch), self._last(batch, states)
        forced = self._forced(batch)
        forecasts, weights = [], []
        for step in range(self.sizes.horizon):
            if forced is not None and batch.target is not None and step > 0:
                fed = torch.where(forced[:, step - 1], batch.target[:, step - 1], fed)
            read = fed if batch.future is None else torch.cat([fed, batch.future[:, step]], dim=1)
            output, memory = self.cell.sequence(read[:, None], memory)
            looked = self._shares(output, states, lengths)
            seen = output if self.score is None else torch.cat([output, looked @ states], dim=2)
            fed = self.output(seen[:, 0])
            forecasts.append(fed)
            weights.append(looked[:, 0])
        return torch.stack(forecasts, dim=1), torch.stack(weights, dim=1)

    def _shares(
        self, output: Float[Tensor, "batch 1 cell"], states: Float[Tensor, "batch time unit"], lengths: Lengths
    ) -> Float[Tensor, "batch 1 time"]:
        if self.score is None:
            return states.new_zeros(len(states), 1, states.shape[1])
        return shares(self.score(output, states), lengths)

    def _start(self, states: Float[Tensor, "batch time unit"], lengths: Lengths, batch: Batch) -> Memory:
        """s_0 of every layer."""
        widths = [width for layer in self.cell.of_cell() for width in layer.widths]
        members = iter(self.bridge(summary(states, lengths, batch)).split(widths, dim=1))
        return tuple(layer.holding(tuple(next(members) for _ in layer.widths)) for layer in self.cell.of_cell())

    def _last(self, batch: Batch, states: Float[Tensor, "batch time unit"]) -> Float[Tensor, "batch target"]:
        """y_0; 0, the mean, where the targets are not among the inputs."""
        if not self.target_columns:
            return states.new_zeros(len(states), self.sizes.targets)
        return last_known(batch, self.target_columns)

    def _forced(self, batch: Batch) -> Bool[Tensor, "batch horizon target"] | None:
        """Where the truth is fed."""
        if not self.training or batch.target is None or self.forcing == 0:
            return None
        drawn = torch.rand(batch.target.shape[:2], device=batch.target.device) < self.forcing
        fed = drawn[..., None].expand_as(batch.target)
        return fed if batch.target_observed is None else fed & batch.target_observed


class AttendingDecoderHead(DecoderHead, Attends):
    """A decoder whose looks back can be looked at."""

    axes: ClassVar[tuple[str, ...]] = ("ahead", "step")

    def weights(
        self, states: Float[Tensor, "batch time unit"], lengths: Lengths, batch: Batch
    ) -> Float[Tensor, "batch horizon time"]:
        """The share of every step that was read in what each step of the horizon looks at."""
        return self.written(states, lengths, batch)[1]
