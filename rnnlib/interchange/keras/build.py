"""A `.keras` file as a bundle of our own, with equal answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from pydantic import TypeAdapter, ValidationError
from torch import Tensor

from rnnlib.bundle import save_bundle
from rnnlib.data.about import About, Column, TimeAxis
from rnnlib.errors import ModelError
from rnnlib.interchange.keras.file import KerasLayer, KerasModel, read_keras
from rnnlib.interchange.keras.translate import Translated, activation_of, translated
from rnnlib.models import AnyModel, Shape, parameter_count
from rnnlib.models.base import Model

_MODEL: TypeAdapter[Model] = TypeAdapter(AnyModel)


class Imported(NamedTuple):
    """What was written, and what was left out because it acts in training only."""

    folder: Path
    kind: str
    layers: tuple[str, ...]
    parameters: int
    notes: tuple[str, ...]


class _End(NamedTuple):
    """What the last dense layer becomes: the model's kind and the weights of its head."""

    kind: str
    kernel: Tensor
    bias: Tensor
    classes: tuple[str, ...] | None


def import_keras(
    file: Path, folder: Path, *, columns: Sequence[str] = (), target: str | None = None, classes: Sequence[str] = ()
) -> Imported:
    """Writes the model in `file`, which Keras 3 saved, as a bundle into `folder`.

    Layers: SimpleRNN, LSTM, GRU, Bidirectional, Dense, Dropout, Embedding, in a row; the last one is Dense. With
    softmax (or one sigmoid) there it becomes a classifier of `classes`, with one linear unit a regressor, and where
    `target` names one of `columns` a forecaster of as many steps as there are units. Its inputs are in the units that
    the Keras model was fed: the bundle has no transforms. Padding stands on the right, as everywhere here.

    Raises `DataError` for a file that cannot be read, `ModelError` for a model that computes something ours does not.
    """
    read = read_keras(file)
    body, last = _parted(read)
    parts = [translated(layer) for layer in body]
    end = _end(last, target, classes)
    names = _columns(columns, read)
    section = {"kind": end.kind, "layers": [_plain(part.section) for part in parts]}
    shape, about = _facts(read, end, names, target)
    model, module = _built(section, shape)
    module.load_state_dict(_weights(parts, end), strict=True)
    facts = {"imported": {"keras": read.version, "file": file.name}}
    save_bundle(folder, model=model, shape=shape, module=module, about=about, classes=end.classes, facts=facts)
    kinds = tuple(layer.kind for layer in read.layers)
    return Imported(folder, end.kind, kinds, parameter_count(module), tuple(_left_out(body)))


def _parted(read: KerasModel) -> tuple[tuple[KerasLayer, ...], KerasLayer]:
    """The layers below the last dense one, and that one."""
    *body, last = read.layers
    if last.kind != "Dense" or not body:
        rule = "a model is imported whose last layer is Dense, upon others"
        raise ModelError(f"{rule}: received {' → '.join(layer.kind for layer in read.layers)}; put one at the end")
    recurrent = [layer for layer in body if "return_sequences" in _inner(layer)]
    if recurrent and _inner(recurrent[-1])["return_sequences"]:
        rule = "a model is imported that gives one answer for a sequence"
        received = f"received one whose last recurrent layer, `{recurrent[-1].name}`, gives every step"
        raise ModelError(f"{rule}: {received}; set return_sequences=False there")
    return tuple(body), last


def _inner(layer: KerasLayer) -> Mapping[str, Any]:
    """The configuration of a layer, or of the one that it wraps."""
    return layer.config["layer"]["config"] if layer.kind == "Bidirectional" else layer.config


def _end(last: KerasLayer, target: str | None, classes: Sequence[str]) -> _End:
    kernel, bias = last.weights["vars/0"].T, last.weights.get("vars/1")
    units, activation = len(kernel), activation_of(last)
    bias = torch.zeros(units) if bias is None else bias
    if target is not None and activation == "linear":
        return _End("forecaster", kernel, bias, None)
    if activation == "sigmoid" and units == 1:  # σ(z) = softmax([0, z])₁
        kernel, bias = torch.cat([torch.zeros_like(kernel), kernel]), torch.cat([torch.zeros(1), bias])
        return _End("classifier", kernel, bias, _classes(classes, 2))
    if activation == "softmax":
        return _End("classifier", kernel, bias, _classes(classes, units))
    if activation == "linear" and units == 1:
        return _End("regressor", kernel, bias, None)
    rule = "the last layer says what a model is: softmax or one sigmoid a classifier, one linear unit a regressor"
    remedy = "name the column that it forecasts (`--target`), if it forecasts"
    raise ModelError(f"{rule}: received {units} × {activation}; {remedy}")


def _classes(names: Sequence[str], units: int) -> tuple[str, ...]:
    if names and len(names) != units:
        raise ModelError(f"each of the {units} outputs is a class: received {len(names)} names ({', '.join(names)})")
    return tuple(names) or tuple(str(number) for number in range(units))


def _columns(names: Sequence[str], read: KerasModel) -> tuple[str, ...]:
    width = 1 if len(read.reads) == 1 else read.reads[1]
    if width is None:
        raise ModelError(
            "the model does not say how many columns it reads: save it with the last axis of its Input set"
        )
    if names and len(names) != width:
        raise ModelError(f"the model reads {width} columns: received {len(names)} names ({', '.join(names)})")
    return tuple(names) or tuple(f"x{number}" for number in range(1, width + 1))


def _facts(read: KerasModel, end: _End, names: tuple[str, ...], target: str | None) -> tuple[Shape, About]:
    """The sizes, and what the model knows of its data: names and types, and no transforms."""
    types = dict.fromkeys(names, "number")
    if end.kind != "forecaster":
        roles = {"sample": "sample", "time": "step", "features": list(names), "label": "label"}
        about = About(
            columns=tuple(Column(name=name, role="features") for name in names),
            time=TimeAxis(kind="integer"),
            roles=roles,
            names={"sample": "sample", "time": "step", "label": "label"},
            types={
                **types,
                "sample": "whole number",
                "step": "whole number",
                "label": "text" if end.classes else "number",
            },
        )
        return Shape(inputs=len(names), classes=len(end.classes) if end.classes else None), about
    if target not in names:
        raise ModelError(f"a forecaster's target is one of its columns, {', '.join(names)}: received {target!r}")
    if read.reads[0] is None:
        raise ModelError(
            "a forecaster reads windows of one length: save the model with the first axis of its Input set"
        )
    past = [name for name in names if name != target]
    if names[0] != target:
        raise ModelError(f"a forecaster's target stands first among its columns: received {', '.join(names)}")
    columns = (Column(name=target, role="target"), *(Column(name=name, role="past") for name in past))
    window = {"context": read.reads[0], "horizon": len(end.kernel), "stride": 1}
    about = About(
        columns=columns,
        time=TimeAxis(kind="integer", every="1i"),
        roles={"time": "step", "target": [target], **({"past": past} if past else {})},
        names={"time": "step"},
        types={**types, "step": "whole number"},
        window=window,
    )
    shape = Shape(
        inputs=len(names), context=window["context"], horizon=window["horizon"], targets=1, target_columns=(0,)
    )
    return shape, about


def _plain(section: dict[str, Any]) -> dict[str, Any]:
    """The section without options that are off: what does not act between two directions is not said of one."""
    return {name: value for name, value in section.items() if value not in (0.0, False) or name == "bias"}


def _built(section: dict[str, Any], shape: Shape) -> tuple[Any, torch.nn.Module]:
    try:
        model: Any = _MODEL.validate_python(section, strict=False)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise ModelError(f"the model cannot be written as ours: {first['loc']}: {first['msg']}") from error
    with torch.random.fork_rng(devices=[]):
        return model, model.build(shape)


def _weights(parts: Sequence[Translated], end: _End) -> dict[str, Tensor]:
    """The state of our module."""
    state = {f"layers.{at}.{name}": value for at, part in enumerate(parts) for name, value in part.weights.items()}
    state |= {"head.affine.weight": end.kernel, "head.affine.bias": end.bias}
    return {name: value.contiguous() for name, value in state.items()}


def _left_out(layers: Sequence[KerasLayer]) -> list[str]:
    """What acts in training only and is not ours: said, since training on would miss it."""
    return [
        f"`{layer.name}` drops {layer.config['dropout']:g} of its inputs in training; here it does not"
        for layer in layers
        if layer.config.get("dropout")
    ]
