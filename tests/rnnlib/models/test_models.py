"""What each model does beyond what all promise."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from pydantic import TypeAdapter, ValidationError
from torch import nn

from rnnlib.errors import ModelError
from rnnlib.models import AnyModel, Classifier, Forecaster, Regressor, Shape, describe, parameter_count
from tests.rnnlib.models.examples import CLASSES, FORECAST, LAYERS, VALUE, batch_of

READ: TypeAdapter[AnyModel] = TypeAdapter(AnyModel)


def test_the_keras_example() -> None:
    """SimpleRNN(32) and Dense(1) on one column: 1,121 parameters, as `model.summary()` of Keras counts them."""
    section = READ.validate_python({"kind": "forecaster", "layers": [{"kind": "rnn", "units": 32}]})
    shape = Shape(inputs=1, horizon=1, targets=1, context=20, target_columns=(0,))
    assert parameter_count(section.build(shape)) == 1121
    assert describe(section, shape) == [("layers[0] rnn", 32, 1088), ("head point", 1, 33)]


def test_frozen_parameters_are_not_counted() -> None:
    module = nn.Linear(3, 2)
    module.bias.requires_grad_(False)
    assert parameter_count(module) == 6


def test_a_forecast_is_an_affine_map_of_last_state_static_and_future() -> None:
    module, batch = Forecaster(layers=LAYERS).build(FORECAST).eval(), batch_of(FORECAST)
    states = module.layers(batch.inputs, batch.lengths)[0].detach().numpy()
    weight, bias = (p.detach().numpy() for p in (module.head.affine.weight, module.head.affine.bias))
    forecast = module(batch).detach().numpy()
    for number, length in enumerate(batch.lengths.tolist()):
        known = np.concatenate([states[number, length - 1], batch.static[number], batch.future[number].flatten()])
        np.testing.assert_allclose(forecast[number].flatten(), weight @ known + bias, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("model", "shape"), [(Classifier, CLASSES), (Regressor, VALUE)])
def test_other_heads_read_last_state_and_static(model: type, shape: Shape) -> None:
    module, batch = model(layers=LAYERS).build(shape), batch_of(shape)
    states = module.layers(batch.inputs, batch.lengths)[0]
    output = module(batch).reshape(5, -1)
    for number, length in enumerate(batch.lengths.tolist()):
        known = torch.cat([states[number, length - 1], batch.static[number]])
        torch.testing.assert_close(output[number], module.head.affine(known))


def test_heads_start_glorot_uniform_with_no_bias() -> None:
    shape = FORECAST.model_copy(update={"static": 40})
    torch.manual_seed(0)
    affine = Forecaster(layers=[{"kind": "rnn", "units": 52}]).build(shape).head.affine
    assert affine.weight.shape == (8, 52 + 40 + 4 * 2)
    assert 0.97 < affine.weight.abs().max() / (6 / 108) ** 0.5 <= 1
    assert not affine.bias.any()


def test_relative_to_last_moves_with_the_level() -> None:
    """The targets' level is taken off and given back: lifting it by 5 lifts the forecast by 5 and nothing else."""
    module, batch = Forecaster(layers=LAYERS, relative_to="last").build(FORECAST), batch_of(FORECAST)
    lifted = batch.inputs.clone()
    lifted[..., FORECAST.target_columns] += 5
    torch.testing.assert_close(module(replace(batch, inputs=lifted)), module(batch) + 5, rtol=1e-4, atol=1e-4)
    level = batch.inputs.clone()
    level[..., 1] += 5  # no target
    assert not torch.allclose(module(replace(batch, inputs=level)), module(batch), atol=1e-3)


def test_relative_to_last_with_silent_weights_repeats_the_last_value() -> None:
    module, batch = Forecaster(layers=LAYERS, relative_to="last").build(FORECAST), batch_of(FORECAST)
    nn.init.zeros_(module.head.affine.weight)
    last = torch.stack([batch.inputs[n, length - 1, [0, 3]] for n, length in enumerate(batch.lengths)])
    assert torch.equal(module(batch), last[:, None].expand(5, 4, 2))


def test_relative_to_last_goes_by_the_last_value_that_there_is() -> None:
    """A value that is missing is no value: what stands in its place changes nothing, and the one before it counts."""
    module, batch = Forecaster(layers=LAYERS, relative_to="last").build(FORECAST), batch_of(FORECAST)
    batch = replace(batch, lengths=torch.full_like(batch.lengths, batch.inputs.shape[1]))
    absent = torch.zeros_like(batch.inputs, dtype=torch.bool)
    absent[:, -2:, 0] = True
    absent[:, 1, 3] = True
    absent[0, :, 0] = True
    holes = replace(batch, inputs=batch.inputs.masked_fill(absent, 0), absent=absent)
    other = replace(batch, inputs=batch.inputs.masked_fill(absent, 7), absent=absent)
    assert torch.equal(module(holes), module(other))
    nn.init.zeros_(module.head.affine.weight)
    last = torch.stack([batch.inputs[:, -3, 0], batch.inputs[:, -1, 3]], dim=1)
    last[0, 0] = 0  # a window without any value: the mean
    assert torch.equal(module(holes), last[:, None].expand(5, 4, 2))


def test_relative_to_last_does_not_write_to_its_input() -> None:
    module, batch = Forecaster(layers=LAYERS, relative_to="last").build(FORECAST), batch_of(FORECAST)
    before = batch.inputs.clone()
    module(batch)
    assert torch.equal(batch.inputs, before)


@pytest.mark.parametrize("model", [Forecaster, Classifier, Regressor])
def test_heads_of_attention_that_do_not_divide_are_found_in_the_spec(model: type) -> None:
    layers = [{"kind": "dropout", "rate": 0.1}, {"kind": "lstm", "units": 10}, {"kind": "attention", "heads": 4}]
    with pytest.raises(ValidationError) as caught:
        model(layers=layers)
    (error,) = caught.value.errors()
    assert error["msg"].endswith("10 inputs out to its heads evenly: received 4 heads; use one of 1, 2, 5, 10")
    assert error["ctx"]["at"] == ("layers", 2, "heads")


def test_heads_of_attention_on_the_data_are_found_when_it_is_known() -> None:
    section = Regressor(layers=[{"kind": "attention", "heads": 4}])
    with pytest.raises(ModelError, match="5 inputs") as caught:
        section.build(VALUE)
    assert caught.value.at == ("layers", 0, "heads")


@pytest.mark.parametrize("kind", ["forecaster", "classifier", "regressor"])
@pytest.mark.parametrize(
    "fields", [{"layers": []}, {"layers": [{"kind": "lstm"}]}, {"layers": [{"kind": "lsmt", "units": 3}]}, {"unit": 3}]
)
def test_broken_sections_are_refused(kind: str, fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        READ.validate_python({"kind": kind, "layers": [{"kind": "rnn", "units": 3}], **fields})


@pytest.mark.parametrize(
    ("section", "shape", "message", "at"),
    [
        (Forecaster(layers=LAYERS), VALUE, "a forecast has a horizon and target columns: received horizon None", ()),
        (Classifier(layers=LAYERS), VALUE, "tells two or more classes apart: received None", ()),
        (Classifier(layers=LAYERS), Shape(inputs=5, classes=1), "two or more classes apart: received 1", ()),
        (
            Forecaster(layers=LAYERS, relative_to="last"),
            FORECAST.model_copy(update={"target_columns": (0,)}),
            r"needs every target among the inputs: received target columns \[0\] for 2 targets",
            ("relative_to",),
        ),
    ],
)
def test_data_that_a_model_cannot_stand_on(section: Forecaster, shape: Shape, message: str, at: tuple[str]) -> None:
    with pytest.raises(ModelError, match=message) as caught:
        section.build(shape)
    assert caught.value.at == at


def test_sections_hold_their_defaults_by_value() -> None:
    one, other = Forecaster(layers=LAYERS), Forecaster(layers=LAYERS)
    assert one == other
    with pytest.raises(ValidationError):
        one.head = other.head
