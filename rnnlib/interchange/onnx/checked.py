"""The exported graph beside our own module: equal answers on random inputs, of several batch sizes and lengths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import onnx
import torch
from numpy import ndarray
from torch import nn

from rnnlib.bundle import Bundle
from rnnlib.data.batching.batch import Batch
from rnnlib.data.normalizers import fitted
from rnnlib.errors import ModelError
from rnnlib.layers.convolution import Convolution
from rnnlib.layers.embedding import EmbeddingSteps

SIZES = ((1, 1), (1, 23), (3, 8), (5, 40))
"""Sequences and steps of each trial; a forecaster takes its own context."""
TOLERANCE = 1e-4
"""How far the answers may lie apart, as a share of their largest magnitude (at least 1)."""


def check(model: onnx.ModelProto, bundle: Bundle, units: str) -> float:
    """The largest difference that was seen, as a share of the answers' magnitude.

    Raises `ModelError` where it is above `TOLERANCE`: the graph is then not what was trained.
    """
    import onnxruntime

    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    module, draw = bundle.module(), np.random.default_rng(0)
    worst = 0.0
    needs = _needs(module)
    for batch, time in SIZES:
        size = batch, bundle.shape.context or max(time, needs.steps)
        inputs = _random(bundle, size, draw, units, needs)
        theirs = session.run(None, inputs)[0]
        ours = answer(module, bundle, inputs, units)
        worst = max(worst, float(np.abs(ours - theirs).max() / max(1.0, np.abs(ours).max())))
    if not worst <= TOLERANCE:
        raise ModelError(
            f"the exported graph differs from the model by {worst:.1e}, more than {TOLERANCE:g}: not written"
        )
    return worst


class _Needs(NamedTuple):
    """What a model can read at all."""

    steps: int
    """So many at least."""
    tokens: int | None
    """Whole numbers below this, where they are looked up; none where any number will do."""


def _needs(module: nn.Module) -> _Needs:
    """As if every convolution stood upon the one before, and every column were looked up in the smallest table."""
    steps = 1
    for one in reversed([one for one in module.modules() if isinstance(one, Convolution)]):
        taps = one.filters.taps
        steps = max(1, (steps - 1) * taps.stride + taps.reach - taps.before - taps.behind)
    tables = [len(one.vectors) for one in module.modules() if isinstance(one, EmbeddingSteps)]
    return _Needs(steps, min(tables, default=None))


def _random(
    bundle: Bundle, size: tuple[int, int], draw: np.random.Generator, units: str, needs: _Needs
) -> dict[str, ndarray]:
    """Inputs in the units of the graph; what lies beyond a sequence's length is not 0, since it must not matter."""
    shape = bundle.shape
    roles = [column.role for column in bundle.about.columns]
    batch, time = size
    places = batch, time, shape.inputs
    read = draw.normal(size=places) if needs.tokens is None else draw.integers(0, needs.tokens, places)
    made = {"inputs": _units(read, bundle, roles, units)}
    if shape.context is None:
        made["lengths"] = np.concatenate([[time], draw.integers(needs.steps, time + 1, batch - 1)]).astype(np.int32)
    if shape.static:
        made["static"] = _units(draw.normal(size=(batch, shape.static)), bundle, ["static"] * shape.static, units)
    if shape.future:
        ahead = draw.normal(size=(batch, shape.horizon or 0, shape.future))
        made["future"] = _units(ahead, bundle, ["future"] * shape.future, units)
    return made


def _units(values: ndarray, bundle: Bundle, roles: Sequence[str], units: str) -> ndarray:
    return (_moved(values, bundle, roles, "invert") if units == "data" else values).astype(np.float32)


def _moved(values: ndarray, bundle: Bundle, roles: Sequence[str], way: str) -> ndarray:
    """Columns between data units (`invert`) and model units (`apply`), by the fitted transforms themselves."""
    moved = np.array(values, np.float64)
    for role in dict.fromkeys(roles):
        if role in bundle.about.transforms:
            at = [position for position, one in enumerate(roles) if one == role]
            state = fitted(bundle.about.transforms[role])
            group = np.zeros(len(values), np.int64)
            moved[..., at] = getattr(state, way)(moved[..., at], group)
    return moved


def answer(module: nn.Module, bundle: Bundle, inputs: Mapping[str, ndarray], units: str) -> ndarray:
    """What our own module answers to the inputs of the graph, in the units of the graph."""
    shape = bundle.shape
    roles: dict[str, Sequence[str]] = {
        "inputs": [column.role for column in bundle.about.columns],
        "static": ["static"] * shape.static,
        "future": ["future"] * shape.future,
    }
    read = {
        name: torch.from_numpy(
            (_moved(inputs[name], bundle, of, "apply") if units == "data" else inputs[name]).astype(np.float32)
        )
        for name, of in roles.items()
        if name in inputs
    }
    count, time = inputs["inputs"].shape[:2]
    lengths = (
        torch.from_numpy(inputs["lengths"].astype(np.int64)) if "lengths" in inputs else torch.full((count,), time)
    )
    batch = Batch(**read, lengths=lengths, index=torch.arange(count), padded="lengths" in inputs)
    with torch.inference_mode():
        made = module(batch).double().numpy()
    return _OUT[bundle.model.kind](made, bundle, units)


def _probabilities(made: ndarray, bundle: Bundle, units: str) -> ndarray:  # noqa: ARG001 - a probability has no unit
    return torch.softmax(torch.from_numpy(made), dim=1).numpy()


def _forecast(made: ndarray, bundle: Bundle, units: str) -> ndarray:
    return _moved(made, bundle, ["target"] * made.shape[-1], "invert") if units == "data" else made


def _value(made: ndarray, bundle: Bundle, units: str) -> ndarray:
    return _moved(made[:, None], bundle, ["label"], "invert")[:, 0] if units == "data" else made


_OUT = {"classifier": _probabilities, "forecaster": _forecast, "regressor": _value}
