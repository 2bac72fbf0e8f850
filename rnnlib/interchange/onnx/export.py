"""A bundle as an ONNX file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import onnx
from onnx import TensorProto, helper
from torch import nn

from rnnlib import __version__
from rnnlib.bundle import Bundle
from rnnlib.errors import ModelError
from rnnlib.interchange.onnx.checked import check
from rnnlib.interchange.onnx.graph import OPSET, Graph, Steps
from rnnlib.interchange.onnx.heads import Known
from rnnlib.interchange.onnx.models import write_model
from rnnlib.interchange.onnx.units import scale_of
from rnnlib.models.category_vectors import CategoryVectors
from rnnlib.models.shape import Shape

Units = Literal["data", "model"]


class Exported(NamedTuple):
    """What was written, and how far onnxruntime's answers lie from ours on random inputs, at most."""

    file: Path
    opset: int
    inputs: Mapping[str, tuple[str | int, ...]]
    outputs: Mapping[str, tuple[str | int, ...]]
    difference: float


def export_onnx(bundle: Bundle, file: Path, units: Units = "data") -> Exported:
    """Writes the model of `bundle` to `file`, and checks it with onnxruntime on random inputs of several sizes.

    Inputs: `inputs` [batch, time, column] in the bundle's own order of columns; `lengths` [batch] (int32) where
    sequences vary in length, padded on the right; `static` and `future` where the model has such. With `units: data`
    the shift and scale of the normalizers stand in the graph. Missing values are not filled: give complete rows.
    Output: `forecast` [batch, horizon, target], `probabilities` [batch, class] or `value` [batch].

    Raises `ModelError` for a model that ONNX cannot express. Needs onnx and onnxruntime (`pip install rnnlib[onnx]`).
    """
    model = model_of(bundle, units)
    difference = check(model, bundle, units)
    file.write_bytes(model.SerializeToString())
    graph = model.graph
    return Exported(file, OPSET, _described(graph.input), _described(graph.output), difference)


def model_of(bundle: Bundle, units: Units = "data") -> onnx.ModelProto:
    """The ONNX model, checked by ONNX itself but not yet against our own answers."""
    end = _END.get(bundle.model.kind)
    if end is None:
        raise ModelError(f"{', '.join(_END)} models are exported: received a {bundle.model.kind}")
    graph, shape, about, module = Graph(), bundle.shape, bundle.about, bundle.module()
    _refuse_vectors(module)
    roles = [column.role for column in about.columns]
    names = {"inputs": "inputs", "static": "static", "future": "future"}
    if units == "data":
        of: dict[str, Sequence[str]] = {
            "inputs": roles,
            "static": ["static"] * shape.static,
            "future": ["future"] * shape.future,
        }
        names = {name: scale_of(about, of[name]).apply(graph, name) if of[name] else name for name in names}
    known = Known(
        inputs=shape.inputs,
        static=names["static"] if shape.static else None,
        future=names["future"] if shape.future else None,
    )
    steps = Steps(names["inputs"], None if shape.context else "lengths")
    made = write_model(module, graph, steps, known)
    output, axes = end.finish(graph, made, bundle, units)
    graph.named(output, end.name)
    metadata = {
        "rnnlib": __version__,
        "units": units,
        "columns": json.dumps([column.name for column in about.columns]),
        "classes": json.dumps(bundle.classes),
        "bundle": bundle.digest,
    }
    outputs = [helper.make_tensor_value_info(end.name, TensorProto.FLOAT, axes)]
    return graph.finished(bundle.model.kind, _inputs(shape), outputs, metadata)


def _refuse_vectors(module: nn.Module) -> None:
    vectors = getattr(module, "vectors", None)
    if isinstance(vectors, CategoryVectors):
        received = ", ".join(f"`{name}`" for name in vectors.names)
        rule = "categories become vectors outside of the graph, which reads numbers"
        raise ModelError(f"{rule}: received a model that reads {received}; serve the bundle itself", at=("embed",))


def _inputs(shape: Shape) -> list[onnx.ValueInfoProto]:
    """What the graph reads; batch and time are free, but for a forecaster, whose context is what it was trained on."""
    read: dict[str, tuple[int, list[str | int | None]]] = {
        "inputs": (TensorProto.FLOAT, ["batch", shape.context or "time", shape.inputs])
    }
    if shape.context is None:
        read["lengths"] = (TensorProto.INT32, ["batch"])
    if shape.static:
        read["static"] = (TensorProto.FLOAT, ["batch", shape.static])
    if shape.future:
        read["future"] = (TensorProto.FLOAT, ["batch", shape.horizon, shape.future])
    return [helper.make_tensor_value_info(name, kind, axes) for name, (kind, axes) in read.items()]


class _End(NamedTuple):
    """What leaves the graph: its name, and the last nodes, which give its name in the graph and its axes."""

    name: str
    finish: Callable[[Graph, str, Bundle, Units], tuple[str, list[str | int | None]]]


def _forecast(graph: Graph, made: str, bundle: Bundle, units: Units) -> tuple[str, list[str | int | None]]:
    shape = bundle.shape
    if units == "data":
        made = scale_of(bundle.about, ["target"] * (shape.targets or 0)).invert(graph, made)
    return made, ["batch", shape.horizon, shape.targets]


def _probabilities(graph: Graph, made: str, bundle: Bundle, units: Units) -> tuple[str, list[str | int | None]]:  # noqa: ARG001 - a probability has no unit
    return graph.node("Softmax", made, attributes={"axis": 1}), ["batch", bundle.shape.classes]


def _value(graph: Graph, made: str, bundle: Bundle, units: Units) -> tuple[str, list[str | int | None]]:
    return (scale_of(bundle.about, ["label"]).invert(graph, made) if units == "data" else made), ["batch"]


_END: Mapping[str, _End] = {
    "forecaster": _End("forecast", _forecast),
    "classifier": _End("probabilities", _probabilities),
    "regressor": _End("value", _value),
}


def _described(values: Iterable[onnx.ValueInfoProto]) -> dict[str, tuple[str | int, ...]]:
    return {
        value.name: tuple(axis.dim_param or axis.dim_value for axis in value.type.tensor_type.shape.dim)
        for value in values
    }
