"""Forecasts relative to each window's own level and size: the equation, holes, and what they do not depend on."""

from dataclasses import replace

import pytest
import torch
from pydantic import ValidationError

from rnnlib.data.batching.batch import Batch
from rnnlib.errors import ModelError
from rnnlib.models import Forecaster
from rnnlib.models.instance import EPSILON, level_and_size
from tests.rnnlib.models.examples import FORECAST, LAYERS, batch_of

SECTION = Forecaster(layers=LAYERS, relative_to="instance")
TARGETS = list(FORECAST.target_columns)


def test_it_is_its_equation_window_by_window() -> None:
    module, batch = SECTION.build(FORECAST).eval(), batch_of(FORECAST)
    found = module(batch)
    for number, length in enumerate(batch.lengths.tolist()):
        window = batch.inputs[number, :length, TARGETS]
        mean, size = window.mean(dim=0), (window.var(dim=0, correction=0) + EPSILON).sqrt()
        inputs = batch.inputs[number : number + 1, :length].clone()
        inputs[..., TARGETS] = (inputs[..., TARGETS] - mean) / size
        fields = {name: getattr(batch, name)[number : number + 1] for name in ("lengths", "static", "future", "index")}
        alone = Batch(inputs=inputs, **fields)
        expected = module.head(*module.layers(inputs, alone.padding), alone) * size + mean
        torch.testing.assert_close(found[number], expected[0], rtol=1e-4, atol=1e-5)


def test_a_window_of_another_level_and_size_is_the_same_window() -> None:
    module, batch = SECTION.build(FORECAST).eval(), batch_of(FORECAST)
    batch = replace(batch, lengths=torch.full_like(batch.lengths, 7), inputs=torch.randn(5, 7, 5))
    changed = batch.inputs.clone()
    changed[..., TARGETS] = 100 + 20 * changed[..., TARGETS]
    other = module(replace(batch, inputs=changed))
    torch.testing.assert_close(other, 100 + 20 * module(batch), rtol=1e-3, atol=1e-3)


def test_a_constant_window_and_one_without_values_are_finite() -> None:
    batch = batch_of(FORECAST)
    full = replace(batch, inputs=torch.full_like(batch.inputs, 3.0), lengths=torch.full_like(batch.lengths, 7))
    mean, size = level_and_size(full, TARGETS)
    assert (mean == 3).all()
    torch.testing.assert_close(size, torch.full_like(size, EPSILON**0.5))
    absent = torch.zeros_like(batch.inputs, dtype=torch.bool)
    absent[0, :, 0] = True
    absent[1:, 2, 0] = True
    filled = replace(full, absent=absent, inputs=full.inputs.masked_fill(absent, 9))
    mean, size = level_and_size(filled, TARGETS)
    assert mean[:, 0, 0].tolist() == [0, 3, 3, 3, 3]
    assert size[0, 0, 0] == 1
    assert torch.isfinite(SECTION.build(FORECAST)(filled)).all()


def test_what_it_cannot_stretch_is_refused() -> None:
    with pytest.raises(ValidationError, match="stretches a forecast of points: received the head `gaussian`"):
        Forecaster(layers=LAYERS, head={"kind": "gaussian"}, relative_to="instance")
    with pytest.raises(ModelError, match="`relative_to: instance` needs every target among the inputs") as caught:
        SECTION.build(FORECAST.model_copy(update={"target_columns": (0,)}))
    assert caught.value.at == ("relative_to",)
