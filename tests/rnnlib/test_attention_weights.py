"""What a stored model looks at: example by example, without padding, whatever the batches are."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnlib.bundle import open_bundle
from rnnlib.errors import ModelError
from rnnlib.models import Classifier, Forecaster
from rnnlib.predictor import Predictor
from tests.bundles import make

GRU = {"kind": "gru", "units": 4}


def opened(folder: Path, model: Any, data: Any, at_once: int = 256) -> Predictor:
    if not folder.exists():
        make.write(folder, lambda: (model, data))
    return Predictor(open_bundle(folder), at_once)


def test_of_a_forecaster(tmp_path: Path) -> None:
    data = make.forecaster()[1]
    layers = [{"kind": "time_attention"}, {"kind": "input_attention", "units": 4}, {"kind": "attention", "heads": 2}]
    model = Forecaster(layers=layers, head={"kind": "decoder", "cell": GRU})
    starts = np.array([make.CONTEXT, 21, int(data.offsets[1]) + 30])
    found = opened(tmp_path / "m", model, data).attention_weights(data, starts)
    columns = len(data.about.columns)
    shapes = {
        "layers.0": (("column", "step"), (columns, 6)),
        "layers.1": (("step", "column"), (6, columns)),
        "layers.2": (("head", "step", "step"), (2, 6, 6)),
        "head": (("ahead", "step"), (3, 6)),
    }
    assert {name: (one.axes, one.cases[0].shape) for name, one in found.items()} == shapes
    for one in found.values():
        assert sorted(one.cases) == [0, 1, 2]
        for weights in one.cases.values():
            np.testing.assert_allclose(weights.sum(axis=-1), 1, atol=1e-6)
    again = opened(tmp_path / "m", model, data, at_once=1).attention_weights(data, starts)
    for name, one in found.items():
        for case, weights in one.cases.items():
            np.testing.assert_allclose(again[name].cases[case], weights, atol=1e-6)


def test_of_sequences_of_unequal_length_they_are_as_long_as_each(tmp_path: Path) -> None:
    data = make.classifier()[1]
    model = Classifier(layers=[GRU, {"kind": "attention"}, {"kind": "attention_pooling"}])
    sequences = np.arange(5)
    found = opened(tmp_path / "m", model, data).attention_weights(data, sequences)
    for number, length in enumerate(data.lengths[sequences].tolist()):
        assert found["layers.1"].cases[number].shape == (1, length, length)
        assert found["layers.2"].cases[number].shape == (length,)
        assert found["layers.2"].cases[number].sum() == pytest.approx(1)


def test_a_model_without_attention_has_none(tmp_path: Path) -> None:
    model, data = make.forecaster()
    with pytest.raises(ModelError, match="this one has none; add a layer such as `attention_pooling`"):
        opened(tmp_path / "m", model, data).attention_weights(data, np.array([make.CONTEXT]))
