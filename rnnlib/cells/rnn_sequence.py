"""The simple recurrent network over a whole sequence, forwards and backwards by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from rnnlib.activations import Activation
from rnnlib.cells.product import Gradients, Sizes, add_product, precision, read_ahead


class Slope(NamedTuple):
    """An activation whose derivative follows from its value."""

    act: Callable[[Tensor], Tensor]
    """φ in place."""
    write: Callable[[Tensor, Tensor], object]
    """(y, into): φ′ by the value y of φ."""


SLOPES: dict[Activation, Slope] = {
    "tanh": Slope(torch.tanh_, lambda y, into: torch.mul(y, y, out=into).neg_().add_(1)),
    "sigmoid": Slope(torch.sigmoid_, lambda y, into: torch.mul(y, y, out=into).neg_().add_(y)),
    "relu": Slope(torch.relu_, lambda y, into: torch.sign(y, out=into)),
    "linear": Slope(lambda a: a, lambda _, into: into.fill_(1)),
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
        """Gathered for each step: δa. What comes from above is added to in place, which is the cheaper product."""
        x, kernel, recurrent, hidden = ctx.saved_tensors
        down, slope = recurrent.to(ctx.dtype), ctx.slope.write
        sizes = Sizes(hidden.shape[2], ctx.dtype, ctx.needs_input_grad[0])
        gradients = Gradients(x, hidden[:-1], kernel, recurrent, sizes)
        deltas = upstream.new_empty(len(x) + 1, *upstream.shape[1:])
        deltas[0] = 0
        deltas[1:] = upstream
        of_h, into = deltas.unbind(0), gradients.gathered.unbind(0)
        for first, end in gradients.pieces():
            slope(hidden[first + 1 : end + 1], gradients.gathered[: end - first])
            for t in range(end - 1, first - 1, -1):
                add_product(of_h[t], into[t - first].mul_(of_h[t + 1]), down, of_h[t])
        return gradients.of_x, of_h[0], gradients.of_kernel, gradients.of_recurrent, gradients.of_sums, None
