"""The GRU over a whole sequence, forwards and backwards by hand: few operations a step, all in memory that is there."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from rnnlib.cells.product import Gradients, Sizes, add_product, precision, read_ahead, sigmoid_slope, tanh_slope


class ResetAfter(torch.autograd.Function):
    r"""All states of a GRU whose reset gate acts after the product.

    r, z = σ(W_rz x + b_rz + U_rz h),  q = U_n h + c,  n = tanh(W_n x + b_n + r ⊙ q),  h' = n + z ⊙ (h − n)

    Backwards, δ being the gradient of h' and δa that of what goes into a gate:

    δa_n = δ ⊙ (1 − z) ⊙ (1 − n²),  δq = δa_n ⊙ r,  δa_r = δa_n ⊙ q ⊙ r ⊙ (1 − r),  δa_z = δ ⊙ (h − n) ⊙ z ⊙ (1 − z)
    δh = δ ⊙ z + U_nᵀ δq + U_rᵀ δa_r + U_zᵀ δa_z
    """

    @staticmethod
    def forward(  # noqa: PLR0917 - autograd passes by place
        ctx: Any, x: Tensor, start: Tensor, kernel: Tensor, recurrent: Tensor, bias: Tensor, reset_bias: Tensor
    ) -> Tensor:
        """x: [time, batch, inputs], start: [batch, units], bias: [3 · units], reset_bias: [units]."""
        ctx.dtype, x, units = precision(x), x.contiguous(), len(reset_bias)
        with torch.autocast(x.device.type, enabled=False):
            hidden, products = start.new_empty(len(x) + 1, *start.shape), start.new_empty(len(x), *start.shape)
            gates = start.new_empty(*x.shape[:2], 3 * units)
            u_rz, u_n = _upward(recurrent, ctx.dtype)
            hidden[0] = start
            h, *after = hidden.unbind(0)
            steps = zip(read_ahead(x, kernel, bias, gates, ctx.dtype), products.unbind(0), after, strict=True)
            for gate, q, new in steps:
                rz, n = gate.split_with_sizes((2 * units, units), 1)
                add_product(rz, h, u_rz, rz)
                r, z = rz.sigmoid_().chunk(2, 1)
                add_product(reset_bias, h, u_n, q)
                n.addcmul_(r, q).tanh_()
                h = torch.lerp(n, h, z, out=new)
        ctx.save_for_backward(x, kernel, recurrent, gates, products, hidden)
        return hidden[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, upstream: Tensor) -> tuple[Tensor | None, ...]:
        """Gathered for each step: δq, δa_r, δa_z, δa_n; the first three go through U, the last three through W."""
        x, kernel, recurrent, gates, products, hidden = ctx.saved_tensors
        units = hidden.shape[2]
        down = recurrent.roll(units, 0).to(ctx.dtype)
        sizes = Sizes(4 * units, ctx.dtype, ctx.needs_input_grad[0])
        gradients = Gradients(x, hidden[:-1], kernel, recurrent, sizes)
        into = [(step[:, : 3 * units], *_blocks(step[:, units:]), step[:, :units]) for step in gradients.gathered]
        delta, kept, scratch = upstream[-1].clone(), torch.empty_like(hidden[0]), torch.empty_like(hidden[0])
        from_above = (torch.zeros_like(delta), *upstream.unbind(0))
        for first, end in gradients.pieces():
            for t in range(end - 1, first - 1, -1):
                through, drz, dr, dz, dn, dq = into[t - first]
                h, q, (rz, r, z, n) = hidden[t], products[t], _blocks(gates[t])
                torch.addcmul(from_above[t], delta, z, out=kept)
                tanh_slope(torch.addcmul(delta, delta, z, value=-1, out=scratch), n, grad_input=dn)
                torch.mul(dn, r, out=dq)
                torch.mul(dn, q, out=dr)
                torch.sub(h, n, out=dz).mul_(delta)
                sigmoid_slope(drz, rz, grad_input=drz)
                add_product(kept, through, down, delta)
        of_c, of_b = gradients.of_sums.split_with_sizes((units, 3 * units))
        return gradients.of_x, delta, gradients.of_kernel, gradients.of_recurrent.roll(-units, 0), of_b, of_c


class ResetBefore(torch.autograd.Function):
    r"""All states of a GRU whose reset gate acts before the product.

    r, z = σ(W_rz x + b_rz + U_rz h),  n = tanh(W_n x + b_n + U_n (r ⊙ h)),  h' = n + z ⊙ (h − n)

    δa_n and δa_z are those of the other; with s = U_nᵀ δa_n:  δa_r = s ⊙ h ⊙ r ⊙ (1 − r)
    δh = δ ⊙ z + s ⊙ r + U_rᵀ δa_r + U_zᵀ δa_z
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, start: Tensor, kernel: Tensor, recurrent: Tensor, bias: Tensor) -> Tensor:  # noqa: PLR0917
        """x: [time, batch, inputs], start: [batch, units], bias: [3 · units]."""
        ctx.dtype, x, units = precision(x), x.contiguous(), start.shape[1]
        with torch.autocast(x.device.type, enabled=False):
            hidden, seen = start.new_empty(len(x) + 1, *start.shape), start.new_empty(len(x), *start.shape)
            gates = start.new_empty(*x.shape[:2], 3 * units)
            u_rz, u_n = _upward(recurrent, ctx.dtype)
            hidden[0] = start
            h, *after = hidden.unbind(0)
            steps = zip(read_ahead(x, kernel, bias, gates, ctx.dtype), seen.unbind(0), after, strict=True)
            for gate, rh, new in steps:
                rz, n = gate.split_with_sizes((2 * units, units), 1)
                add_product(rz, h, u_rz, rz)
                r, z = rz.sigmoid_().chunk(2, 1)
                add_product(n, torch.mul(r, h, out=rh), u_n, n)
                h = torch.lerp(n.tanh_(), h, z, out=new)
        ctx.save_for_backward(x, kernel, recurrent, gates, seen, hidden)
        return hidden[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, upstream: Tensor) -> tuple[Tensor | None, ...]:
        """Gathered for each step: δa_r, δa_z, δa_n."""
        x, kernel, recurrent, gates, seen, hidden = ctx.saved_tensors
        units = hidden.shape[2]
        down_rz, down_n = recurrent.to(ctx.dtype).split_with_sizes((2 * units, units))
        sizes = Sizes(3 * units, ctx.dtype, ctx.needs_input_grad[0])
        gradients = Gradients(x, hidden[:-1], kernel, recurrent[: 2 * units], sizes)
        of_n = torch.zeros_like(recurrent[2 * units :])
        into, nothing = [_blocks(step) for step in gradients.gathered], torch.zeros_like(hidden[0])
        delta, kept, scratch, s = upstream[-1].clone(), *(torch.empty_like(nothing) for _ in range(3))
        from_above = (nothing, *upstream.unbind(0))
        for first, end in gradients.pieces():
            for t in range(end - 1, first - 1, -1):
                drz, dr, dz, dn = into[t - first]
                h, (rz, r, z, n) = hidden[t], _blocks(gates[t])
                torch.addcmul(from_above[t], delta, z, out=kept)
                tanh_slope(torch.addcmul(delta, delta, z, value=-1, out=scratch), n, grad_input=dn)
                add_product(nothing, dn, down_n, s)
                torch.mul(s, h, out=dr)
                torch.sub(h, n, out=dz).mul_(delta)
                sigmoid_slope(drz, rz, grad_input=drz)
                add_product(kept.addcmul_(s, r), drz, down_rz, delta)
            gathered = gradients.gathered[: end - first, :, 2 * units :].flatten(0, 1)
            add_product(of_n, gathered.t(), seen[first:end].flatten(0, 1).to(ctx.dtype), of_n)
        of_recurrent = torch.cat([gradients.of_recurrent, of_n])
        return gradients.of_x, delta, gradients.of_kernel, of_recurrent, gradients.of_sums


def _upward(recurrent: Tensor, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Uᵀ of the gates r and z, and of the candidate, each a block of its own: products read it faster."""
    units = recurrent.shape[1]
    gates, candidate = recurrent.to(dtype).t().split_with_sizes((2 * units, units), 1)
    return gates.contiguous(), candidate.contiguous()


def _blocks(gates: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Views of r beside z, of r, z and n, in [batch, 3 · units]."""
    units = gates.shape[1] // 3
    r, z, n = gates.split_with_sizes((units, units, units), 1)
    return gates[:, : 2 * units], r, z, n
