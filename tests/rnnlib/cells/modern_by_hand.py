"""minGRU, minLSTM, IndRNN, sLSTM and LRU in NumPy, one step at a time, forward and backward through time.

Written from the equations of the papers and not from the code under test: gates one by one, gradients by the chain
rule. `w` holds every weight by the name and in the shape of its parameter, `start` the state before the first step;
x is [time, batch, inputs].
"""

from dataclasses import dataclass

import numpy as np
from numpy import ndarray

from tests.rnnlib.cells.by_hand import sigmoid

Weights = dict[str, ndarray]
State = tuple[ndarray, ...]


@dataclass
class Pass:
    """A forward pass and the gradients of Σ outputs · upstream."""

    outputs: ndarray
    x: ndarray
    weights: Weights
    start: State


def g(a: ndarray) -> ndarray:
    return np.where(a >= 0, a + 0.5, sigmoid(a))


def slope_of_g(a: ndarray) -> ndarray:
    return np.where(a >= 0, 1.0, sigmoid(a) * (1 - sigmoid(a)))


def _read(x: ndarray, w: Weights, gates: int) -> list[list[ndarray]]:
    """W x + b of every step and gate."""
    kernels, biases = np.split(w["kernel"], gates), np.split(w["bias"], gates)
    return [[at @ kernel.T + bias for kernel, bias in zip(kernels, biases, strict=True)] for at in x]


def _behind_read(x: ndarray, da: list[list[ndarray]], w: Weights) -> tuple[ndarray, Weights]:
    """The gradients behind W x + b, of x and of W and b."""
    rows = np.stack([np.concatenate(gates, 1) for gates in da])
    dx = np.stack([at @ w["kernel"] for at in rows])
    return dx, {"kernel": sum(at.T @ read for at, read in zip(rows, x, strict=True)), "bias": rows.sum((0, 1))}


def min_gru(x: ndarray, w: Weights, start: State, upstream: ndarray) -> Pass:
    read, h = _read(x, w, 2), [start[0]]
    for az, an in read:
        z = sigmoid(az)
        h.append((1 - z) * h[-1] + z * g(an))
    da, dh = [], np.zeros_like(h[0])
    for t in reversed(range(len(x))):
        az, an = read[t]
        z = sigmoid(az)
        dh = dh + upstream[t]
        da.append([dh * (g(an) - h[t]) * z * (1 - z), dh * z * slope_of_g(an)])
        dh = dh * (1 - z)
    dx, grad = _behind_read(x, da[::-1], w)
    return Pass(np.stack(h[1:]), dx, grad, (dh,))


def min_lstm(x: ndarray, w: Weights, start: State, upstream: ndarray) -> Pass:
    read, h = _read(x, w, 3), [start[0]]
    for ai, af, an in read:
        i, f = sigmoid(ai), sigmoid(af)
        h.append(f / (f + i) * h[-1] + i / (f + i) * g(an))
    da, dh = [], np.zeros_like(h[0])
    for t in reversed(range(len(x))):
        ai, af, an = read[t]
        i, f = sigmoid(ai), sigmoid(af)
        dh = dh + upstream[t]
        by_sum = dh * (h[t] - g(an)) / (f + i) ** 2
        da.append([-by_sum * f * i * (1 - i), by_sum * i * f * (1 - f), dh * i / (f + i) * slope_of_g(an)])
        dh = dh * f / (f + i)
    dx, grad = _behind_read(x, da[::-1], w)
    return Pass(np.stack(h[1:]), dx, grad, (dh,))


def ind_rnn(x: ndarray, w: Weights, start: State, upstream: ndarray, activation: str) -> Pass:
    u, h = w["recurrent"], [start[0]]
    for (a,) in _read(x, w, 1):
        read = a + u * h[-1]
        h.append(np.tanh(read) if activation == "tanh" else np.maximum(read, 0))
    da, dh, du = [], np.zeros_like(h[0]), np.zeros_like(u)
    for t in reversed(range(len(x))):
        slope = 1 - h[t + 1] ** 2 if activation == "tanh" else (h[t + 1] > 0).astype(float)
        d = (dh + upstream[t]) * slope
        du += (d * h[t]).sum(0)
        da.append([d])
        dh = d * u
    dx, grad = _behind_read(x, da[::-1], w)
    return Pass(np.stack(h[1:]), dx, grad | {"recurrent": du}, (dh,))


def slstm(x: ndarray, w: Weights, start: State, upstream: ndarray, *, heads: int, forget: str) -> Pass:
    """As the paper's equations stand, with the true c and n: no stabiliser, so that what m must not change shows."""
    units = len(w["bias"]) // 4
    wide = units // heads
    full = np.zeros((4, units, units))
    blocks = w["recurrent_kernel"].reshape(4, heads, wide, wide)
    for k in range(4):
        for head in range(heads):
            at = slice(head * wide, (head + 1) * wide)
            full[k, at, at] = blocks[k, head]
    read, h, c, n, kept = _read(x, w, 4), [start[2]], [start[0] * np.exp(start[3])], [start[1] * np.exp(start[3])], []
    for t in range(len(x)):
        ai, af, az, ao = (read[t][k] + h[t] @ full[k].T for k in range(4))
        i, f, z, o = np.exp(ai), sigmoid(af) if forget == "sigmoid" else np.exp(af), np.tanh(az), sigmoid(ao)
        kept.append((i, f, z, o))
        c.append(f * c[t] + i * z)
        n.append(f * n[t] + i)
        h.append(o * c[-1] / n[-1])
    da, dfull = [], np.zeros_like(full)
    dh, dc, dn = (np.zeros_like(h[0]) for _ in range(3))
    for t in reversed(range(len(x))):
        i, f, z, o = kept[t]
        dh = dh + upstream[t]
        do = dh * c[t + 1] / n[t + 1]
        dc = dc + dh * o / n[t + 1]
        dn = dn - dh * o * c[t + 1] / n[t + 1] ** 2
        df = dc * c[t] + dn * n[t]
        slope = f * (1 - f) if forget == "sigmoid" else f
        da.append([(dc * z + dn) * i, df * slope, dc * i * (1 - z**2), do * o * (1 - o)])
        dfull += np.stack([d.T @ h[t] for d in da[-1]])
        dh, dc, dn = sum(d @ full[k] for k, d in enumerate(da[-1])), dc * f, dn * f
    dx, grad = _behind_read(x, da[::-1], w)
    spots = [slice(head * wide, (head + 1) * wide) for head in range(heads)]
    grad["recurrent_kernel"] = np.concatenate([dfull[k][at, at] for k in range(4) for at in spots])
    scale = np.exp(start[3])
    return Pass(np.stack(h[1:]), dx, grad, (dc * scale, dn * scale, dh))


def lru(x: ndarray, w: Weights, start: State, upstream: ndarray) -> Pass:
    """Real and imaginary parts for themselves: no gradient of a complex number is asked of anybody."""
    decay, phase = np.exp(w["log_decay"]), np.exp(w["log_phase"])
    size, scale = np.exp(-decay), np.exp(w["log_scale"])
    a, b = size * np.cos(phase), size * np.sin(phase)
    b_re, b_im = w["kernel"][:, 0], w["kernel"][:, 1]
    c_re, minus_c_im = w["output_kernel"][..., 0], w["output_kernel"][..., 1]
    re, im, outputs = [start[0]], [start[1]], []
    for at in x:
        re_new = a * re[-1] - b * im[-1] + scale * (at @ b_re.T)
        im_new = b * re[-1] + a * im[-1] + scale * (at @ b_im.T)
        re.append(re_new)
        im.append(im_new)
        outputs.append(re[-1] @ c_re.T + im[-1] @ minus_c_im.T + at @ w["skip_kernel"].T + w["bias"])
    grad = {name: np.zeros_like(value) for name, value in w.items()}
    da, db, dx = np.zeros_like(a), np.zeros_like(b), np.zeros_like(x)
    dre, dim = np.zeros_like(re[0]), np.zeros_like(im[0])
    for t in reversed(range(len(x))):
        up = upstream[t]
        grad["output_kernel"] += np.stack([up.T @ re[t + 1], up.T @ im[t + 1]], -1)
        grad["skip_kernel"] += up.T @ x[t]
        grad["bias"] += up.sum(0)
        dre, dim = dre + up @ c_re, dim + up @ minus_c_im
        grad["kernel"] += np.stack([(dre * scale).T @ x[t], (dim * scale).T @ x[t]], 1)
        grad["log_scale"] += scale * (dre * (x[t] @ b_re.T) + dim * (x[t] @ b_im.T)).sum(0)
        dx[t] = up @ w["skip_kernel"] + (dre * scale) @ b_re + (dim * scale) @ b_im
        da += (dre * re[t] + dim * im[t]).sum(0)
        db += (dim * re[t] - dre * im[t]).sum(0)
        dre, dim = dre * a + dim * b, dim * a - dre * b
    dsize = da * np.cos(phase) + db * np.sin(phase)
    grad["log_decay"] = -dsize * size * decay
    grad["log_phase"] = size * (db * np.cos(phase) - da * np.sin(phase)) * phase
    return Pass(np.stack(outputs), dx, grad, (dre, dim))
