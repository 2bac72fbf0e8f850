"""What every head of forecasts promises; a new one joins by being in its family, each field with a proof."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from rnnlib.models import Forecaster, Shape
from rnnlib.models.heads import AnyForecastHead, DistributionHead
from tests.rnnlib.families import members
from tests.rnnlib.models.examples import FORECAST, batch_of

HEADS = members(AnyForecastHead)
LAYERS = [{"kind": "gru", "units": 4}]
WRITES = [{"kind": "segment", "length": 2, "cell": {"kind": "gru", "units": 4}}]
NO_SIDES = FORECAST.model_copy(update={"static": 0, "future": 0, "context": 8})
ON: dict[str, tuple[list[dict[str, Any]], Shape]] = {"steps": (WRITES, NO_SIDES)}
"""What a head stands on; the others stand on `LAYERS`."""
OTHERS: dict[tuple[str, str], Any] = {
    ("decoder", "cell"): {"kind": "lstm", "units": 5},
    ("decoder", "attention"): {"kind": "multiplicative"},
    ("decoder", "teacher_forcing"): 1.0,
    ("quantile", "levels"): (0.25, 0.5, 0.75),
    ("gaussian", "levels"): (0.25, 0.5),
    ("student_t", "levels"): (0.25, 0.5),
    ("negative_binomial", "levels"): (0.25, 0.999),
}
"""Another value for every field: the output in training, or the quantiles of predictions, must change."""


def section_of(kind: str, **fields: Any) -> tuple[Forecaster, Shape]:
    layers, shape = ON.get(kind, (LAYERS, FORECAST))
    return Forecaster(layers=layers, head={"kind": kind, **fields}), shape


def built(kind: str, **fields: Any) -> tuple[nn.Module, Shape]:
    section, shape = section_of(kind, **fields)
    torch.manual_seed(3)
    return section.build(shape), shape


def test_every_field_has_a_proof() -> None:
    assert set(OTHERS) == {(kind, name) for kind, head in HEADS.items() for name in head.model_fields if name != "kind"}


@pytest.mark.parametrize("kind", HEADS)
def test_its_width_is_what_it_gives_and_the_truth_is_not_seen(kind: str) -> None:
    module, shape = built(kind)
    batch = batch_of(shape)
    made = module.eval()(batch)
    section, _ = section_of(kind)
    assert made.shape[:3] == (5, 4, 2)
    assert made[0].numel() == section.head.width(shape)
    blind = replace(batch, target=None, target_observed=None)
    assert torch.equal(module(blind), made)


@pytest.mark.parametrize("kind", HEADS)
def test_padding_reaches_no_bit_of_the_output_and_of_the_gradients(kind: str) -> None:
    module, shape = built(kind)
    batch = batch_of(shape)
    beyond = (torch.arange(7) >= batch.lengths[:, None])[..., None]
    found = []
    for inputs in (batch.inputs, torch.where(beyond, 50.0, batch.inputs)):
        module.zero_grad()
        made = module.eval()(replace(batch, inputs=inputs))
        made.square().sum().backward()
        found.append([made, *(p.grad for p in module.parameters() if p.grad is not None)])
    assert all(torch.equal(one, other) for one, other in zip(*found, strict=True))


@pytest.mark.parametrize("kind", HEADS)
def test_every_parameter_gets_a_gradient_from_its_own_loss(kind: str) -> None:
    section, shape = section_of(kind)
    torch.manual_seed(3)
    module, batch = section.build(shape), batch_of(shape)
    batch = replace(batch, target=batch.target.abs().round())
    total, count = section.loss_of(module(batch), batch)
    (total / count).backward()
    for name, parameter in module.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().max() > 0, name


def effect(kind: str, **fields: Any) -> list[Any]:
    section, shape = section_of(kind, **fields)
    torch.manual_seed(3)
    module, batch = section.build(shape).train(), batch_of(shape)
    torch.manual_seed(9)
    made: Tensor = module(batch)
    head, loss = section.head, section.loss_of(made, replace(batch, target=batch.target.abs().round()))[0].item()
    if isinstance(head, DistributionHead):
        return [loss, np.round(head.quantiles(made.detach().double().numpy()), 9).tolist()]
    return [loss, made.detach().tolist()]


@pytest.mark.parametrize(("kind", "name"), OTHERS)
def test_every_field_changes_something(kind: str, name: str) -> None:
    assert effect(kind) != effect(kind, **{name: OTHERS[kind, name]})
    assert HEADS[kind].model_fields[name].description
