"""The cells' equations in NumPy, one sequence step at a time, forward and backward through time.

Written from the equations of the papers and not from the code under test: gates one by one, gradients by the chain
rule. `weights` holds W [gates, units, inputs], U [gates, units, units] and b [gates, units]; the GRU also c [units].
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy import ndarray

Weights = Mapping[str, ndarray]


def sigmoid(a: ndarray) -> ndarray:
    return 1 / (1 + np.exp(-a))


@dataclass
class Pass:
    """A forward pass and the gradients of Σ outputs · upstream."""

    outputs: ndarray
    x: ndarray
    weights: dict[str, ndarray]


def _zeros(weights: Weights) -> dict[str, ndarray]:
    return {name: np.zeros_like(value) for name, value in weights.items()}


def _through_gate(gate: int, da: ndarray, read: tuple, w: Weights, grad: dict[str, ndarray]) -> tuple:
    """The gradients behind a = W x + U h + b: collects those of the weights, returns those of `read`, x and h."""
    x, h = read
    grad["W"][gate] += da.T @ x
    grad["U"][gate] += da.T @ h
    grad["b"][gate] += da.sum(0)
    return da @ w["W"][gate], da @ w["U"][gate]


def rnn(x: ndarray, w: Weights, upstream: ndarray, activation: str) -> Pass:
    batch, time, _ = x.shape
    h = np.zeros((time + 1, batch, w["b"].shape[1]))
    for t in range(time):
        a = x[:, t] @ w["W"][0].T + h[t] @ w["U"][0].T + w["b"][0]
        h[t + 1] = np.tanh(a) if activation == "tanh" else np.maximum(a, 0)
    grad, dx, dh = _zeros(w), np.zeros_like(x), np.zeros_like(h[0])
    for t in reversed(range(time)):
        dh = dh + upstream[:, t]
        slope = 1 - h[t + 1] ** 2 if activation == "tanh" else (h[t + 1] > 0).astype(float)
        dx[:, t], dh = _through_gate(0, dh * slope, (x[:, t], h[t]), w, grad)
    return Pass(h[1:].transpose(1, 0, 2), dx, grad)


def lstm(x: ndarray, w: Weights, upstream: ndarray) -> Pass:
    batch, time, _ = x.shape
    units = w["b"].shape[1]
    h, c = np.zeros((time + 1, batch, units)), np.zeros((time + 1, batch, units))
    gates = np.zeros((time, 4, batch, units))
    for t in range(time):
        a = [x[:, t] @ w["W"][k].T + h[t] @ w["U"][k].T + w["b"][k] for k in range(4)]
        i, f, g, o = sigmoid(a[0]), sigmoid(a[1]), np.tanh(a[2]), sigmoid(a[3])
        c[t + 1] = f * c[t] + i * g
        h[t + 1] = o * np.tanh(c[t + 1])
        gates[t] = i, f, g, o
    grad, dx = _zeros(w), np.zeros_like(x)
    dh, dc = np.zeros_like(h[0]), np.zeros_like(c[0])
    for t in reversed(range(time)):
        i, f, g, o = gates[t]
        squashed = np.tanh(c[t + 1])
        dh = dh + upstream[:, t]
        dc = dc + dh * o * (1 - squashed**2)
        da = dc * g * i * (1 - i), dc * c[t] * f * (1 - f), dc * i * (1 - g**2), dh * squashed * o * (1 - o)
        behind = [_through_gate(k, da[k], (x[:, t], h[t]), w, grad) for k in range(4)]
        dx[:, t], dh, dc = sum(b[0] for b in behind), sum(b[1] for b in behind), dc * f
    return Pass(h[1:].transpose(1, 0, 2), dx, grad)


def gru(x: ndarray, w: Weights, upstream: ndarray) -> Pass:
    batch, time, _ = x.shape
    units = w["b"].shape[1]
    h, kept = np.zeros((time + 1, batch, units)), np.zeros((time, 4, batch, units))
    for t in range(time):
        r = sigmoid(x[:, t] @ w["W"][0].T + h[t] @ w["U"][0].T + w["b"][0])
        z = sigmoid(x[:, t] @ w["W"][1].T + h[t] @ w["U"][1].T + w["b"][1])
        q = h[t] @ w["U"][2].T + w["c"]
        n = np.tanh(x[:, t] @ w["W"][2].T + w["b"][2] + r * q)
        h[t + 1] = (1 - z) * n + z * h[t]
        kept[t] = r, z, q, n
    grad, dx, dh = _zeros(w), np.zeros_like(x), np.zeros_like(h[0])
    for t in reversed(range(time)):
        r, z, q, n = kept[t]
        dh = dh + upstream[:, t]
        dan = dh * (1 - z) * (1 - n**2)
        dq = dan * r
        dxr, dhr = _through_gate(0, dan * q * r * (1 - r), (x[:, t], h[t]), w, grad)
        dxz, dhz = _through_gate(1, dh * (h[t] - n) * z * (1 - z), (x[:, t], h[t]), w, grad)
        grad["W"][2] += dan.T @ x[:, t]
        grad["b"][2] += dan.sum(0)
        grad["U"][2] += dq.T @ h[t]
        grad["c"] += dq.sum(0)
        dx[:, t] = dxr + dxz + dan @ w["W"][2]
        dh = dh * z + dhr + dhz + dq @ w["U"][2]
    return Pass(h[1:].transpose(1, 0, 2), dx, grad)
