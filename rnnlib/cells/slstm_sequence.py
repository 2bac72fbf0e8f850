"""The recurrence of sLSTM over a sequence, forward and backward written by hand."""

from __future__ import annotations

from typing import Any, Literal, cast

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from rnnlib.cells.layer import State
from rnnlib.cells.scan import wide

ForgetGate = Literal["sigmoid", "exp"]


def slstm_sequence(
    read: Float[Tensor, "time batch row"],
    by_head: Float[Tensor, "gate head to from_"],
    state: State,
    forget: ForgetGate,
) -> tuple[Float[Tensor, "time batch unit"], State]:
    """Every h, and (c, n, h, m) after the last step, of gates that get `read` from the inputs and R from the past.

    Heads stand before the batch inside, so that all of them are one batched product a step. All of it is float32 under
    autocast too: exponential gates are nothing for half precision.
    """
    gates, heads, units, _ = by_head.shape
    rows = read.view(*read.shape[:2], gates, heads, units).permute(0, 3, 1, 2, 4)
    weights = by_head.permute(1, 3, 0, 2).flatten(2)
    by_heads = (member.view(-1, heads, units).transpose(0, 1) for member in state)
    with torch.autocast(read.device.type, enabled=False):
        given = wide(rows), weights, forget == "sigmoid", *by_heads
        found = cast("tuple[Tensor, ...]", _SLSTM.apply(*given))  # type: ignore[no-untyped-call]
    outputs, *after = (member.transpose(-3, -2).flatten(-2) for member in found)
    return outputs, (after[0], after[1], outputs[-1], after[2])


def reach(m: Float[Tensor, "*shape"], n: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """m where something is remembered; where nothing is, n = 0, the scale is that of the first input gate."""
    return m.detach().masked_fill(n == 0, -torch.inf)


class _SLSTM(torch.autograd.Function):
    """No gradient passes m: c and n move with exp(−m), and h = o ⊙ c / n does not depend on it.

    With r = c / n:  dc += o / n ⊙ dh,  dn −= r ⊙ o / n ⊙ dh,  da_o = o (1 − o) ⊙ r ⊙ dh,  da_z = i ⊙ (1 − z²) ⊙ dc,
    da_i = i ⊙ (z ⊙ dc + dn),  da_f = f ⊙ (1 − σ(a_f), or 1) ⊙ (c_{t−1} ⊙ dc + n_{t−1} ⊙ dn),
    then back by one step: dc, dn ← f ⊙ dc, f ⊙ dn and dh ← ∂L/∂h + Rᵀ da.
    """

    @staticmethod
    def forward(ctx: Any, read: Tensor, weights: Tensor, sigmoid: bool, *state: Tensor) -> tuple[Tensor, ...]:
        c, n, h, m = state
        time, heads, batch, _, units = read.shape
        cs, ns, hs = (read.new_empty(time + 1, heads, batch, units) for _ in range(3))
        gates = read.new_empty(5, time, heads, batch, units)
        cs[0], ns[0], hs[0], m = c, n, h, reach(m, n)
        steps = zip(read.contiguous().flatten(3).unbind(0), gates.unbind(1), strict=True)
        for t, (read_now, (i, f, z, o, slope)) in enumerate(steps):
            a = torch.baddbmm(read_now, hs[t], weights).chunk(4, dim=-1)
            log_f = F.logsigmoid(a[1]) if sigmoid else a[1]
            log_f_reaching = log_f + m
            m = torch.maximum(log_f_reaching, a[0])
            torch.exp(a[0] - m, out=i)
            torch.exp(log_f_reaching - m, out=f)
            torch.tanh(a[2], out=z)
            torch.sigmoid(a[3], out=o)
            torch.neg(torch.expm1(log_f), out=slope) if sigmoid else slope.fill_(1)
            torch.mul(f, cs[t], out=cs[t + 1]).addcmul_(i, z)
            torch.mul(f, ns[t], out=ns[t + 1]).add_(i)
            torch.mul(o, cs[t + 1], out=hs[t + 1]).div_(ns[t + 1])
        ctx.save_for_backward(weights, gates, cs, ns, hs)
        ctx.mark_non_differentiable(m)
        return hs[1:], cs[-1].clone(), ns[-1].clone(), m

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, upstream: Tensor, dc: Tensor, dn: Tensor, _: Tensor) -> tuple[Tensor | None, ...]:
        weights, (i, f, z, o, slope), cs, ns, hs = ctx.saved_tensors
        r, by_n = cs[1:] / ns[1:], o / ns[1:]
        by_r, by_o, by_z, by_f = r * by_n, r * o * (1 - o), i * (1 - z * z), f * slope
        da, back = f.new_empty(*f.shape[:3], 4, f.shape[3]), weights.transpose(1, 2)
        dc, dn, dh = dc.clone(), dn.clone(), torch.zeros_like(hs[0])
        for t in reversed(range(len(f))):
            dh = dh + upstream[t]
            dc.addcmul_(dh, by_n[t])
            dn.addcmul_(dh, by_r[t], value=-1)
            da_i, da_f, da_z, da_o = da[t].unbind(2)
            torch.addcmul(dn, dc, z[t], out=da_i).mul_(i[t])
            torch.mul(dc, cs[t], out=da_f).addcmul_(dn, ns[t]).mul_(by_f[t])
            torch.mul(dc, by_z[t], out=da_z)
            torch.mul(dh, by_o[t], out=da_o)
            dc.mul_(f[t])
            dn.mul_(f[t])
            dh = torch.bmm(da[t].flatten(2), back)
        of_weights = torch.einsum("thbe,thbk->hek", hs[:-1], da.flatten(3))
        return da, of_weights, None, dc, dn, dh, None
