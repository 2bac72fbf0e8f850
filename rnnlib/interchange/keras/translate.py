"""Keras layers as sections and weights of our own: one function per class of theirs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor

from rnnlib.errors import ModelError
from rnnlib.interchange.keras.file import KerasLayer

SAME = {
    "linear": "linear",
    "relu": "relu",
    "tanh": "tanh",
    "sigmoid": "sigmoid",
    "hard_sigmoid": "hard_sigmoid",
    "softmax": "softmax",
    "gelu": "gelu",
    "elu": "elu",
    "silu": "silu",
    "swish": "silu",
    "softplus": "softplus",
    "hard_silu": "hard_silu",
    "hard_swish": "hard_silu",
}
"""Keras' activations by our names, where both are the same function."""


class Translated(NamedTuple):
    """A section as a spec would write it, and its weights by their names within the layer's module."""

    section: dict[str, Any]
    weights: dict[str, Tensor]


def translated(layer: KerasLayer) -> Translated:
    """Raises `ModelError` for a layer, or an option of it, that computes something ours does not."""
    if layer.kind not in _TRANSLATORS:
        known = ", ".join(sorted(_TRANSLATORS))
        raise ModelError(f"`{layer.name}` is a {layer.kind}; what can be imported: {known}")
    return _TRANSLATORS[layer.kind](layer)


def activation_of(layer: KerasLayer, option: str = "activation") -> str:
    """Our name for an activation; raises `ModelError` where it has none."""
    name = layer.config[option]
    if not isinstance(name, str) or name not in SAME:  # a function of one's own is a mapping
        raise ModelError(f"`{layer.name}` uses {option} {name!r}; what can be imported: {', '.join(SAME)}")
    return SAME[name]


def _dense(layer: KerasLayer) -> Translated:
    kernel, bias = layer.weights["vars/0"], layer.weights.get("vars/1")
    section = {"kind": "dense", "units": kernel.shape[1], "activation": activation_of(layer)}
    return Translated(section, {"affine.weight": kernel.T, "affine.bias": _or_zeros(bias, kernel.shape[1])})


def _dropout(layer: KerasLayer) -> Translated:
    return Translated({"kind": "dropout", "rate": layer.config["rate"]}, {})


def _embedding(layer: KerasLayer) -> Translated:
    table = layer.weights["vars/0"]
    return Translated({"kind": "embedding", "tokens": table.shape[0], "width": table.shape[1]}, {"vectors": table})


def _bidirectional(layer: KerasLayer) -> Translated:
    join = layer.config["merge_mode"]
    if join not in ("concat", "sum"):
        raise ModelError(f"`{layer.name}` joins its directions by {join!r}; what can be imported: concat, sum")
    ways = [_way(layer, "layer", "forward_layer/"), _way(layer, "backward_layer", "backward_layer/")]
    there, back = (_cell(way) for way in ways)
    if there.section != back.section or ways[0].config["go_backwards"]:
        raise ModelError(f"the directions of `{layer.name}` differ: both must be the same cell with the same options")
    weights = {
        f"0.{name}.{key.removeprefix('0.')}": value
        for name, one in (("forwards", there), ("backwards", back))
        for key, value in one.weights.items()
    }
    return Translated({**there.section, "bidirectional": True, "join": join}, weights)


def _way(layer: KerasLayer, option: str, place: str) -> KerasLayer:
    inner = layer.config[option]
    weights = {key.removeprefix(place): value for key, value in layer.weights.items() if key.startswith(place)}
    config = {**inner["config"], "go_backwards": option == "backward_layer" and not inner["config"]["go_backwards"]}
    return KerasLayer(inner["class_name"], layer.name, config, weights)


def _cell(layer: KerasLayer) -> Translated:
    """What all recurrent layers share, around what is the cell's own."""
    if layer.kind not in _CELLS:
        raise ModelError(f"`{layer.name}` wraps a {layer.kind}; what can be imported: {', '.join(_CELLS)}")
    config = layer.config
    if config["go_backwards"]:
        raise ModelError(f"`{layer.name}` reads backwards; what can be imported reads forwards, or both ways")
    own = _CELLS[layer.kind](layer)
    section = {
        **own.section,
        "units": config["units"],
        "bias": config["use_bias"],
        "gives": "steps" if config["return_sequences"] else "last",
        "recurrent_dropout": config["recurrent_dropout"],
    }
    return Translated(section, {f"0.{name}": value for name, value in own.weights.items()})


def _rnn(layer: KerasLayer) -> Translated:
    kernel, recurrent, bias = _arrays(layer)
    weights = {"kernel": kernel.T, "recurrent_kernel": recurrent.T}
    if bias is not None:
        weights["bias"] = bias
    return Translated({"kind": "rnn", "activation": activation_of(layer)}, weights)


def _lstm(layer: KerasLayer) -> Translated:
    """Keras' gates stand in the order of ours: i, f, g (its c), o."""
    kernel, recurrent, bias = _arrays(layer)
    weights = {"kernel": kernel.T, "recurrent_kernel": recurrent.T}
    if bias is not None:
        weights["bias"] = bias
    return Translated({"kind": "lstm", **_activations(layer)}, weights)


def _gru(layer: KerasLayer) -> Translated:
    """Keras' gates stand in the order z, r, n; its bias has a second row, for U h: ours has it only where r acts."""
    kernel, recurrent, bias = _arrays(layer)
    after = layer.config["reset_after"]
    weights = {"kernel": _r_z_n(kernel.T), "recurrent_kernel": _r_z_n(recurrent.T)}
    if bias is not None and after:
        inputs, second = (_r_z_n(row) for row in bias)
        units = len(second) // 3
        shared = torch.cat([second[: 2 * units], torch.zeros(units)])
        weights |= {"bias": inputs + shared, "reset_bias": second[2 * units :]}
    elif bias is not None:
        weights["bias"] = _r_z_n(bias)
    return Translated({"kind": "gru", "reset": "after" if after else "before", **_activations(layer)}, weights)


def _r_z_n(rows: Tensor) -> Tensor:
    z, r, n = rows.chunk(3)
    return torch.cat([r, z, n])


def _activations(layer: KerasLayer) -> dict[str, str]:
    return {
        "activation": activation_of(layer),
        "recurrent_activation": activation_of(layer, "recurrent_activation"),
    }


def _arrays(layer: KerasLayer) -> tuple[Tensor, Tensor, Tensor | None]:
    """Kernel [inputs, rows], recurrent kernel [units, rows] and bias."""
    return layer.weights["cell/vars/0"], layer.weights["cell/vars/1"], layer.weights.get("cell/vars/2")


def _or_zeros(bias: Tensor | None, width: int) -> Tensor:
    return torch.zeros(width) if bias is None else bias


_CELLS: Mapping[str, Callable[[KerasLayer], Translated]] = {"SimpleRNN": _rnn, "LSTM": _lstm, "GRU": _gru}
_TRANSLATORS: Mapping[str, Callable[[KerasLayer], Translated]] = {
    **dict.fromkeys(_CELLS, _cell),
    "Bidirectional": _bidirectional,
    "Dense": _dense,
    "Dropout": _dropout,
    "Embedding": _embedding,
}
