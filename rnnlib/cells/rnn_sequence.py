"""The simple recurrent network over a whole sequence, forwards and backwards by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from rnnlib.activations import Activation
from rnnlib.cells.product import Gradients, Sizes, add_product, precision, read_ahead, sigmoid_slope, tanh_slope


class Slope(NamedTuple):
    """An activation whose derivative follows from its value."""

    act: Callable[[Tensor], Tensor]
    """φ in place."""
    back: Callable[[Tensor, Tensor, Tensor], object]
    """(δ, y, into): δ ⊙ φ′, with φ′ by the value y of φ."""


def _relu_slope(delta: Tensor, y: Tensor, into: Tensor) -> None:
    torch.ops.aten.threshold_backward.grad_input(delta, y, 0, grad_input=into)


SLOPES: dict[Activation, Slope] = {
    "tanh": Slope(torch.tanh_, lambda delta, y, into: tanh_slope(delta, y, grad_input=into)),
    "sigmoid": Slope(torch.sigmoid_, lambda delta, y, into: sigmoid_slope(delta, y, grad_input=into)),
    "relu": Slope(torch.relu_, _relu_slope),
    "linear": Slope(lambda a: a, lambda delta, _, into: into.copy_(delta)),
}
"""Other activations go step by step."""


class Simple(torch.autograd.Function):
    r"""All states h' = φ(W x + b + U h).

    Backwards, δ being the gradient of h':  δa = δ ⊙ φ′,  δh = Uᵀ δa
    """

    @staticmethod
    def forward(  # noqa: PLR0917 - autograd passes by place
        ctx: Any, x: Tensor, start: Tensor, kernel: Tensor, recurrent: Tensor, bias: Tensor, activation: Activation
    ) -> Tensor:
        """x: [time, batch, inputs], start: [batch, units], bias: [units]."""
        ctx.dtype, ctx.slope, x = precision(x), SLOPES[activation], x.contiguous()
        with torch.autocast(x.device.type, enabled=False):
            hidden = start.new_empty(len(x) + 1, *start.shape)
            hidden[0] = start
            h, upward = hidden[0], recurrent.to(ctx.dtype).t().contiguous()
            for after in read_ahead(x, kernel, bias, hidden[1:], ctx.dtype):
                add_product(after, h, upward, after)
                h = ctx.slope.act(after)
        ctx.save_for_backward(x, kernel, recurrent, hidden)
        return hidden[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, upstream: Tensor) -> tuple[Tensor | None, ...]:
        """Gathered for each step: δa."""
        x, kernel, recurrent, hidden = ctx.saved_tensors
        down, back = recurrent.to(ctx.dtype), ctx.slope.back
        sizes = Sizes(hidden.shape[2], ctx.dtype, ctx.needs_input_grad[0])
        gradients = Gradients(x, hidden[:-1], kernel, recurrent, sizes)
        delta, into, nothing = upstream[-1].clone(), gradients.gathered.unbind(0), torch.zeros_like(hidden[0])
        values, from_above = hidden[1:].unbind(0), (nothing, *upstream[:-1].unbind(0))
        for first, end in gradients.pieces():
            for t in range(end - 1, first - 1, -1):
                back(delta, values[t], into[t - first])
                add_product(from_above[t], into[t - first], down, delta)
        return gradients.of_x, delta, gradients.of_kernel, gradients.of_recurrent, gradients.of_sums, None
