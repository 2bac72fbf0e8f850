"""IndRNN: a simple recurrent network whose units see nothing of each other's past."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Literal, cast

import torch
from jaxtyping import Float
from pydantic import Field
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from rnnlib.cells.base import Cell
from rnnlib.cells.initialisation import draw_bias, draw_kernel
from rnnlib.cells.layer import CellLayer, State
from rnnlib.cells.scan import wide
from rnnlib.initialisation import Gate

GREATEST = 2.0
"""How much a state, or a gradient, may at most grow over the longest time at the start."""

Nonlinearity = Literal["relu", "tanh"]
_ACTIVATIONS: dict[Nonlinearity, Callable[[Tensor], Tensor]] = {"relu": torch.relu, "tanh": torch.tanh}
_IN_PLACE: dict[Nonlinearity, Callable[[Tensor], Tensor]] = {"relu": torch.relu_, "tanh": torch.tanh_}
_SLOPES: dict[Nonlinearity, Callable[[Tensor], Tensor]] = {
    "relu": lambda h: (h > 0).to(h.dtype),
    "tanh": lambda h: 1 - h * h,
}
"""φ' by the value of φ."""


class IndRNN(Cell):
    r"""Independently recurrent network.

    h' = φ(W x + u ⊙ h + b),  φ = relu or tanh;  at the start u ~ U(least^(1/longest), 2^(1/longest))

    x: [batch, inputs], h: [batch, units], W: [units, inputs], u and b: [units]; units · (inputs + 2) parameters a
    layer. u is bounded at the start so that over `longest` steps a state grows at most twofold and shrinks at most to
    the share `least`: with least 0 some units forget at once, with ½ all of them remember. Units meet where layers are
    stacked: 2 or more are usual.

    Source: Li et al. 2018, arXiv:1803.04831.
    """

    gates: ClassVar[tuple[Gate, ...]] = ("candidate",)

    kind: Literal["ind_rnn"] = "ind_rnn"
    activation: Nonlinearity = Field("relu", description="φ of the equation")
    longest: int = Field(100, ge=1, le=10**9, description="longest time that is to be remembered, in steps")
    least: float = Field(
        0.0, ge=0, lt=2, description="share of a state that is left after `longest` steps at the start"
    )

    @property
    def width(self) -> int:
        """The hidden state is shown."""
        return self.units

    def layer(self, inputs: int) -> IndRNNLayer:
        """One layer of it."""
        return IndRNNLayer(inputs, self)


class IndRNNLayer(CellLayer):
    """The weights of one IndRNN layer: `kernel` W, `recurrent` u, `bias` b."""

    bias: nn.Parameter | None

    def __init__(self, inputs: int, cell: IndRNN) -> None:
        super().__init__((cell.units,), learned=cell.initial_state == "learned")
        self.activation: Nonlinearity = cell.activation
        self.kernel = nn.Parameter(torch.empty(cell.units, inputs))
        self.recurrent = nn.Parameter(torch.empty(cell.units))
        self.register_parameter("bias", nn.Parameter(torch.empty(cell.units)) if cell.bias else None)
        draw_kernel(self.kernel, 1, cell.kernel_initialisation)
        nn.init.uniform_(self.recurrent, cell.least ** (1 / cell.longest), GREATEST ** (1 / cell.longest))
        if self.bias is not None:
            draw_bias(self.bias, cell.gates, cell.bias_initialisation)

    def step(self, x: Float[Tensor, "batch feature"], state: State) -> tuple[Float[Tensor, "batch unit"], State]:
        """h' = φ(W x + u ⊙ h + b)."""
        (h,) = state
        h = _ACTIVATIONS[self.activation](F.linear(x, self.kernel, self.bias) + self.recurrent * h)
        return h, (h,)

    def sequence(
        self, x: Float[Tensor, "time batch feature"], state: State
    ) -> tuple[Float[Tensor, "time batch unit"], State]:
        """What is read of all steps at once, then two operations a step."""
        (h,) = state
        read = wide(F.linear(x, self.kernel, self.bias))
        states = cast("Tensor", _IndRNN.apply(read, self.recurrent, wide(h), self.activation))  # type: ignore[no-untyped-call]
        return states, (states[-1],)


class _IndRNN(torch.autograd.Function):
    """∂L/∂a_t = φ'_t ⊙ (∂L/∂h_t + u ⊙ ∂L/∂a_{t+1}),  ∂L/∂u = Σ_t ∂L/∂a_t ⊙ h_{t−1}, with a_t what φ is applied to."""

    @staticmethod
    def forward(ctx: Any, read: Tensor, u: Tensor, start: Tensor, activation: Nonlinearity) -> Tensor:
        states = read.new_empty(len(read) + 1, *start.shape)
        states[0] = start
        activate = _IN_PLACE[activation]
        for read_now, before, after in zip(read.unbind(0), states[:-1].unbind(0), states[1:].unbind(0), strict=True):
            activate(torch.addcmul(read_now, u, before, out=after))
        ctx.save_for_backward(u, states)
        ctx.slope = _SLOPES[activation]
        return states[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, upstream: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        u, states = ctx.saved_tensors
        gradient = upstream.clone(memory_format=torch.contiguous_format)
        steps = list(zip(ctx.slope(states[1:]).unbind(0), gradient.unbind(0), strict=True))
        for (slope, after), (_, before) in zip(steps[:0:-1], steps[-2::-1], strict=True):
            before.addcmul_(u, after.mul_(slope))
        steps[0][1].mul_(steps[0][0])
        return gradient, (gradient * states[:-1]).sum((0, 1)), u * gradient[0], None
