"""The head that takes a layer's own steps: what it picks, and what it refuses."""

from typing import Any

import pytest
import torch

from rnnlib.errors import ModelError
from rnnlib.models import Forecaster, Shape
from tests.rnnlib.models.examples import batch_of

LAYERS = ({"kind": "segment", "length": 2, "cell": {"kind": "gru", "units": 4}},)
SHAPE = Shape(inputs=5, horizon=4, targets=2, context=8, target_columns=(3, 0))
SECTION = Forecaster(layers=LAYERS, head={"kind": "steps"})


def test_the_forecast_is_the_target_columns_of_the_layers_steps() -> None:
    module, batch = SECTION.build(SHAPE), batch_of(SHAPE, time=8)
    written, _ = module.layers(batch.inputs, batch.padding)
    assert torch.equal(module(batch), written[..., [3, 0]])
    assert SECTION.head.width(SHAPE) == 8
    assert not list(module.head.parameters())


def test_relative_to_last_adds_the_level() -> None:
    section = SECTION.model_copy(update={"relative_to": "last"})
    batch = batch_of(SHAPE, time=8)
    module = section.build(SHAPE)
    last = batch.inputs[torch.arange(5), batch.lengths - 1][:, [3, 0]]
    torch.nn.init.zeros_(module.layers[0].output.weight)
    torch.nn.init.zeros_(module.layers[0].output.bias)
    assert torch.equal(module(batch), last[:, None].expand(-1, 4, -1))


@pytest.mark.parametrize(
    ("layers", "shape", "message"),
    [
        (({"kind": "gru", "units": 5},), {}, "received 8 steps of 5 values, the context's; put a `segment` layer last"),
        ((*LAYERS, {"kind": "dense", "units": 3}), {}, "writes? 4 steps of 5 values: received 4 steps of 3 values"),
        (LAYERS, {"future": 2}, "received 2 future and 0 static columns; leave them out"),
        (LAYERS, {"static": 1}, "received 0 future and 1 static columns"),
        (LAYERS, {"target_columns": ()}, "received horizon 4, 2 targets, columns"),
    ],
)
def test_what_does_not_fit_is_refused_at_the_head(layers: Any, shape: dict[str, Any], message: str) -> None:
    section = Forecaster(layers=layers, head={"kind": "steps"})
    with pytest.raises(ModelError, match=message) as caught:
        section.build(SHAPE.model_copy(update=shape))
    assert caught.value.at == ("head",)
