"""Exported graphs answer as the model does, on sequences of any number and length; what cannot be exported says so."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from rnnlib.bundle import Bundle, open_bundle
from rnnlib.cells import Cell
from rnnlib.data.dataset import DataSet
from rnnlib.errors import ModelError
from rnnlib.interchange.onnx import checked, export_onnx
from rnnlib.interchange.onnx.export import model_of
from rnnlib.interchange.onnx.graph import OPSET
from rnnlib.layers import AnyLayer
from rnnlib.models import AnyModel
from rnnlib.predictor import Predictor
from tests.bundles import make
from tests.rnnlib.families import members

CELLS = {
    "rnn": {"kind": "rnn"},
    "rnn relu without bias": {"kind": "rnn", "activation": "relu", "bias": False},
    "lstm": {"kind": "lstm", "layers": 2},
    "lstm with peepholes": {"kind": "lstm", "peephole": True},
    "lstm, hard gates": {"kind": "lstm", "recurrent_activation": "hard_sigmoid", "activation": "relu"},
    "lstm from a learned state": {"kind": "lstm", "initial_state": "learned"},
    "gru": {"kind": "gru"},
    "gru, reset before": {"kind": "gru", "reset": "before"},
    "gru both ways": {"kind": "gru", "bidirectional": True, "layers": 2, "residual": True},
    "lstm both ways, summed, its ends": {"kind": "lstm", "bidirectional": True, "join": "sum", "gives": "last"},
    "residual ends": {"kind": "gru", "bidirectional": True, "layers": 2, "residual": True, "gives": "last"},
    "last": {"kind": "rnn", "layers": 2, "residual": True, "gives": "last"},
    "min_gru": {"kind": "min_gru", "layers": 2},
    "min_lstm": {"kind": "min_lstm", "initial_state": "learned"},
    "ind_rnn": {"kind": "ind_rnn", "layers": 2, "least": 0.5},
    "ind_rnn both ways": {"kind": "ind_rnn", "activation": "tanh", "bidirectional": True},
    "lru": {"kind": "lru", "outputs": 3},
}
LAYERS = {
    "activation": {"kind": "activation", "function": "leaky_relu", "slope": 0.2},
    "softmax": {"kind": "activation", "function": "softmax"},
    "hard_tanh": {"kind": "activation", "function": "hard_tanh"},
    "hard_silu": {"kind": "activation", "function": "hard_silu"},
    "softplus": {"kind": "activation", "function": "softplus"},
    "elu": {"kind": "activation", "function": "elu"},
    "gate": {"kind": "gate"},
    "layer_norm": {"kind": "layer_norm"},
    "layer_norm without weights": {"kind": "layer_norm", "affine": False},
    "batch_norm": {"kind": "batch_norm"},
    "conv1d": {"kind": "conv1d", "filters": 6, "kernel": 3, "groups": 2, "activation": "relu"},
    "conv1d, causal": {"kind": "conv1d", "filters": 5, "kernel": 2, "dilation": 2, "padding": "causal", "bias": False},
    "conv1d, strides": {"kind": "conv1d", "filters": 5, "kernel": 3, "stride": 2},
    "conv1d, no padding": {"kind": "conv1d", "filters": 5, "kernel": 3, "dilation": 2, "padding": "valid"},
    "pooling": {"kind": "pooling", "by": ["last", "mean", "max"]},
    "residual": {
        "kind": "residual",
        "layers": [{"kind": "dense", "units": 7}, {"kind": "gru", "units": 3}],
        "project": True,
    },
    "parallel": {
        "kind": "parallel",
        "branches": [[{"kind": "lstm", "units": 3}], [{"kind": "conv1d", "filters": 2, "kernel": 3}]],
    },
    "parallel sum": {
        "kind": "parallel",
        "join": "sum",
        "branches": [[{"kind": "lstm", "units": 3}], [{"kind": "dense", "units": 3}]],
    },
    "dense": {"kind": "dense", "units": 4, "activation": "gelu"},
    "dropout": {"kind": "dropout", "rate": 0.5},
    "attention": {"kind": "attention", "heads": 2},
    "causal attention": {"kind": "attention", "heads": 2, "causal": True},
}
RECURRENT = {kind for kind, part in members(AnyLayer).items() if issubclass(part, Cell)}
REFUSED = {
    "projection": ({"kind": "lstm", "projection": 2}, "no projection"),
    "layer_norm": ({"kind": "gru", "layer_norm": True}, "received layer_norm"),
    "zoneout": ({"kind": "rnn", "zoneout": 0.5}, "received zoneout"),
    "activation": ({"kind": "rnn", "activation": "gelu"}, "received gelu; use one of these"),
    "slstm": ({"kind": "slstm"}, "received SLSTMLayer"),
}


def bundled(
    folder: Path, made: Callable[[], tuple[AnyModel, DataSet]], layers: list[dict[str, Any]], **fields: Any
) -> Bundle:
    """A bundle whose weights are all drawn: zeros would hide where they go."""
    model, data = made()
    section = type(model).model_validate({**model.model_dump(exclude_unset=True), "layers": layers, **fields})
    make.write(folder / "bundle", lambda: (section, data))
    found = open_bundle(folder / "bundle")
    torch.manual_seed(3)
    for name, weight in found.weights.items():
        weight.normal_(std=0.4)
        if name.endswith("variance"):
            weight.abs_()
    return found


def units(layer: dict[str, Any]) -> dict[str, Any]:
    return {**layer, "units": 4} if layer["kind"] in RECURRENT else layer


@pytest.mark.parametrize("name", [*CELLS, *LAYERS])
def test_a_graph_answers_as_the_model_does(tmp_path: Path, name: str) -> None:
    layers = [{"kind": "dense", "units": 4, "activation": "tanh"}, units({**CELLS, **LAYERS}[name])]
    bundle = bundled(tmp_path, make.classifier, layers)
    found = export_onnx(bundle, tmp_path / "model.onnx")
    assert found.difference < 2e-6
    assert found.inputs == {"inputs": ("batch", "time", 2), "lengths": ("batch",)}
    assert found.outputs == {"probabilities": ("batch", 2)}
    assert onnx.load(found.file).opset_import[0].version == OPSET == found.opset


def test_tokens_are_drawn_where_they_are_looked_up(tmp_path: Path) -> None:
    layers = [{"kind": "embedding", "tokens": 5, "width": 3, "column": 1}, {"kind": "gru", "units": 4}]
    bundle = bundled(tmp_path, make.classifier, layers)
    assert export_onnx(bundle, tmp_path / "model.onnx", "model").difference < 2e-6


@pytest.mark.parametrize("name", REFUSED)
def test_what_onnx_does_not_express_is_refused(tmp_path: Path, name: str) -> None:
    layer, message = REFUSED[name]
    bundle = bundled(tmp_path, make.classifier, [units(layer)])
    with pytest.raises(ModelError, match=message):
        export_onnx(bundle, tmp_path / "model.onnx")
    assert not (tmp_path / "model.onnx").exists()


def test_a_forecast_with_everything_that_is_known(tmp_path: Path) -> None:
    bundle = bundled(tmp_path, make.forecaster, [units(CELLS["gru"])], relative_to="last")
    found = export_onnx(bundle, tmp_path / "model.onnx", "model")
    assert found.difference < 2e-6
    assert found.inputs == {
        "inputs": ("batch", make.CONTEXT, 3),
        "static": ("batch", 1),
        "future": ("batch", make.HORIZON, 1),
    }
    with pytest.raises(ModelError, match="differs from series to series: export in model units"):
        export_onnx(bundle, tmp_path / "other.onnx")


def test_data_units_are_the_predictors(tmp_path: Path) -> None:
    """Raw rows into the graph give the probabilities that `predict` gives for the same rows."""
    bundle = bundled(tmp_path, make.classifier, [units(CELLS["lstm"])])
    export_onnx(bundle, tmp_path / "model.onnx")
    frame = make.samples().drop("load").filter(make.pl.col("id") == 4)
    expected = Predictor(bundle).predict(frame)
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx")
    rows = frame.select("v1", "v2").to_numpy().astype(np.float32)[None]
    (found,) = session.run(None, {"inputs": rows, "lengths": np.array([len(frame)], np.int32)})
    classes = [expected[f"p_{name}"][0] for name in bundle.classes or ()]
    np.testing.assert_allclose(found[0], classes, rtol=0, atol=1e-6)


def test_a_number_on_a_logarithmic_scale_is_exported_in_model_units(tmp_path: Path) -> None:
    bundle = bundled(tmp_path, make.regressor, [units(CELLS["rnn"])])
    with pytest.raises(ModelError, match="that of `label` is Logarithm"):
        export_onnx(bundle, tmp_path / "model.onnx")
    assert export_onnx(bundle, tmp_path / "model.onnx", "model").difference < 2e-6


def test_a_graph_that_answers_otherwise_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = bundled(tmp_path, make.classifier, [units(CELLS["rnn"])])
    monkeypatch.setattr(checked, "answer", lambda *given: -np.ones((1, 2)))
    with pytest.raises(ModelError, match="differs from the model"):
        export_onnx(bundle, tmp_path / "model.onnx")
    assert not (tmp_path / "model.onnx").exists()


def test_what_stands_in_the_padding_changes_nothing(tmp_path: Path) -> None:
    bundle = bundled(tmp_path, make.classifier, [units(CELLS["gru both ways"]), LAYERS["attention"]])
    session = onnxruntime.InferenceSession(model_of(bundle, "model").SerializeToString())
    rows = np.random.default_rng(0).normal(size=(2, 5, 2)).astype(np.float32)
    other = rows.copy()
    other[1, 3:] = 50
    lengths = np.array([5, 3], np.int32)
    one, two = (session.run(None, {"inputs": x, "lengths": lengths})[0] for x in (rows, other))
    np.testing.assert_array_equal(one, two)
