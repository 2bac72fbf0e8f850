"""The cells' variants in NumPy, forward and backward through time: layer norm, peephole, projection, reset before.

Written from the equations and not from the code under test. `w` holds the weights by the names of a layer's parameters;
what is not there is not part of the equation. `zoneout` is the share of every state that stays, as in evaluation.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy import ndarray

from tests.rnnlib.cells.by_hand import sigmoid

Weights = dict[str, ndarray]


class Pass(NamedTuple):
    outputs: ndarray
    x: ndarray
    """The gradient of Σ outputs · upstream."""
    weights: Weights
    """The same, by name."""


class Normed(NamedTuple):
    value: ndarray
    back: Callable[[ndarray], tuple[ndarray, ndarray]]
    """From the gradient of the value to those of what was normalised and of the gain."""


def norm(a: ndarray, gain: ndarray | None) -> Normed:
    """α ⊙ (a − mean) / √(variance + 1e-5), or `a` itself where there is no gain."""
    if gain is None:
        return Normed(a, lambda d: (d, np.zeros(a.shape[-1])))
    deviation = np.sqrt(a.var(-1, keepdims=True) + 1e-5)
    standard = (a - a.mean(-1, keepdims=True)) / deviation

    def back(d: ndarray) -> tuple[ndarray, ndarray]:
        inner = d * gain
        across = inner.mean(-1, keepdims=True) + standard * (inner * standard).mean(-1, keepdims=True)
        return (inner - across) / deviation, (d * standard).sum(0)

    return Normed(gain * standard, back)


class Sums:
    """The gradients of the weights, added up over time; weights that are not there are left out."""

    def __init__(self, w: Weights) -> None:
        self.found = {name: np.zeros_like(value) for name, value in w.items()}

    def add(self, name: str, gradient: ndarray, rows: slice = slice(None)) -> None:
        if name in self.found:
            self.found[name][rows] += gradient


SLOPES = {
    "tanh": (np.tanh, lambda y: 1 - y**2),
    "relu": (lambda a: np.maximum(a, 0), lambda y: (y > 0).astype(float)),
    "sigmoid": (sigmoid, lambda y: y * (1 - y)),
    "linear": (lambda a: a, np.ones_like),
}


def rnn(x: ndarray, w: Weights, upstream: ndarray, activation: str = "tanh", zoneout: float = 0) -> Pass:
    (batch, time, _), act, slope = x.shape, *SLOPES[activation]
    kernel, recurrent, gain, bias = w["kernel"], w["recurrent_kernel"], w.get("norm.gain"), w.get("bias", 0)
    h, kept = np.zeros((time + 1, batch, len(recurrent))), []
    for t in range(time):
        normed = norm(x[:, t] @ kernel.T + h[t] @ recurrent.T, gain)
        y = act(normed.value + bias)
        kept.append((normed, y))
        h[t + 1] = zoneout * h[t] + (1 - zoneout) * y
    sums, dx, dh = Sums(w), np.zeros_like(x), np.zeros_like(h[0])
    for t in reversed(range(time)):
        normed, y = kept[t]
        dh = dh + upstream[:, t]
        shifted = (1 - zoneout) * dh * slope(y)
        da, dgain = normed.back(shifted)
        sums.add("bias", shifted.sum(0))
        sums.add("norm.gain", dgain)
        sums.add("kernel", da.T @ x[:, t])
        sums.add("recurrent_kernel", da.T @ h[t])
        dx[:, t], dh = da @ kernel, da @ recurrent + zoneout * dh
    return Pass(h[1:].transpose(1, 0, 2), dx, sums.found)


def gru(x: ndarray, w: Weights, upstream: ndarray, reset: str = "after", zoneout: float = 0) -> Pass:
    batch, time, _ = x.shape
    units = w["recurrent_kernel"].shape[1]
    gates, candidate = slice(0, 2 * units), slice(2 * units, 3 * units)
    W, U, b = w["kernel"], w["recurrent_kernel"], w.get("bias", np.zeros(3 * units))
    gains = [
        w.get(f"{block}_{matrix}_norm.gain") for block in ("gates", "candidate") for matrix in ("kernel", "recurrent")
    ]
    h, kept = np.zeros((time + 1, batch, units)), []
    for t in range(time):
        wrz, urz = norm(x[:, t] @ W[gates].T, gains[0]), norm(h[t] @ U[gates].T, gains[1])
        r, z = np.split(sigmoid(wrz.value + urz.value + b[gates]), 2, axis=1)
        wn = norm(x[:, t] @ W[candidate].T, gains[2])
        un = norm((h[t] if reset == "after" else r * h[t]) @ U[candidate].T, gains[3])
        q = un.value + w.get("reset_bias", 0)
        n = np.tanh(wn.value + b[candidate] + (r * q if reset == "after" else q))
        kept.append((wrz, urz, wn, un, r, z, q, n))
        h[t + 1] = zoneout * h[t] + (1 - zoneout) * ((1 - z) * n + z * h[t])
    sums, dx, dh = Sums(w), np.zeros_like(x), np.zeros_like(h[0])
    for t in reversed(range(time)):
        wrz, urz, wn, un, r, z, q, n = kept[t]
        dh = dh + upstream[:, t]
        dnew, before = (1 - zoneout) * dh, zoneout * dh
        dan = dnew * (1 - z) * (1 - n**2)
        dz, before = dnew * (h[t] - n), before + dnew * z
        dq = dan * r if reset == "after" else dan
        dun, dgain = un.back(dq)
        through = dun @ U[candidate]
        sums.add("recurrent_kernel", dun.T @ (h[t] if reset == "after" else r * h[t]), candidate)
        sums.add("candidate_recurrent_norm.gain", dgain)
        sums.add("reset_bias", dq.sum(0))
        dr = dan * q if reset == "after" else through * h[t]
        before = before + (through if reset == "after" else through * r)
        darz = np.concatenate([dr * r * (1 - r), dz * z * (1 - z)], axis=1)
        durz, dgain = urz.back(darz)
        sums.add("recurrent_kernel", durz.T @ h[t], gates)
        sums.add("gates_recurrent_norm.gain", dgain)
        for da, normed, rows, name in ((darz, wrz, gates, "gates"), (dan, wn, candidate, "candidate")):
            dw, dgain = normed.back(da)
            sums.add(f"{name}_kernel_norm.gain", dgain)
            sums.add("kernel", dw.T @ x[:, t], rows)
            sums.add("bias", da.sum(0), rows)
            dx[:, t] += dw @ W[rows]
        dh = before + durz @ U[gates]
    return Pass(h[1:].transpose(1, 0, 2), dx, sums.found)


def lstm(x: ndarray, w: Weights, upstream: ndarray, zoneout: float = 0, memory_zoneout: float = 0) -> Pass:
    batch, time, _ = x.shape
    units = len(w["kernel"]) // 4
    W, U, b = w["kernel"], w["recurrent_kernel"], w.get("bias", np.zeros(4 * units))
    P = w.get("projection_kernel", np.eye(units))
    pi, pf, po = np.split(w.get("peephole", np.zeros(3 * units)), 3)
    h, c, kept = np.zeros((time + 1, batch, len(P))), np.zeros((time + 1, batch, units)), []
    for t in range(time):
        wx, uh = norm(x[:, t] @ W.T, w.get("kernel_norm.gain")), norm(h[t] @ U.T, w.get("recurrent_norm.gain"))
        ai, af, ag, ao = np.split(wx.value + uh.value + b, 4, axis=1)
        i, f, g = sigmoid(ai + pi * c[t]), sigmoid(af + pf * c[t]), np.tanh(ag)
        new = f * c[t] + i * g
        o = sigmoid(ao + po * new)
        normed = norm(new, w.get("memory_norm.gain"))
        squashed = np.tanh(normed.value + w.get("memory_bias", 0))
        kept.append((wx, uh, i, f, g, o, new, normed, squashed))
        h[t + 1] = zoneout * h[t] + (1 - zoneout) * ((o * squashed) @ P.T)
        c[t + 1] = memory_zoneout * c[t] + (1 - memory_zoneout) * new
    sums, dx, dh, dc = Sums(w), np.zeros_like(x), np.zeros_like(h[0]), np.zeros_like(c[0])
    for t in reversed(range(time)):
        wx, uh, i, f, g, o, new, normed, squashed = kept[t]
        dh = dh + upstream[:, t]
        dprojected = (1 - zoneout) * dh
        dshown = dprojected @ P
        sums.add("projection_kernel", dprojected.T @ (o * squashed))
        dsquashed = dshown * o * (1 - squashed**2)
        sums.add("memory_bias", dsquashed.sum(0))
        through, dgain = normed.back(dsquashed)
        sums.add("memory_norm.gain", dgain)
        dao = dshown * squashed * o * (1 - o)
        dnew = (1 - memory_zoneout) * dc + through + dao * po
        dai, daf, dag = dnew * g * i * (1 - i), dnew * c[t] * f * (1 - f), dnew * i * (1 - g**2)
        sums.add("peephole", np.concatenate([(dai * c[t]).sum(0), (daf * c[t]).sum(0), (dao * new).sum(0)]))
        dc = memory_zoneout * dc + dnew * f + dai * pi + daf * pf
        da = np.concatenate([dai, daf, dag, dao], axis=1)
        sums.add("bias", da.sum(0))
        (dwx, dgain_x), (duh, dgain_h) = wx.back(da), uh.back(da)
        sums.add("kernel_norm.gain", dgain_x)
        sums.add("recurrent_norm.gain", dgain_h)
        sums.add("kernel", dwx.T @ x[:, t])
        sums.add("recurrent_kernel", duh.T @ h[t])
        dx[:, t], dh = dwx @ W, duh @ U + zoneout * dh
    return Pass(h[1:].transpose(1, 0, 2), dx, sums.found)
