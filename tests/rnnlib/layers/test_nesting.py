"""Layers around layers: sums and branches of what stands inside, and where a misfit inside is reported."""

from typing import Any

import pytest
import torch
from pydantic import TypeAdapter

from rnnlib.errors import ModelError
from rnnlib.layer import Flow
from rnnlib.layers import AnyLayer, Dense, LayerNorm, Parallel, Residual, flows

GRU = {"kind": "gru", "units": 3}
DENSE = {"kind": "dense", "units": 4}
CONV = {"kind": "conv1d", "filters": 3, "kernel": 3}
MEAN = {"kind": "pooling", "by": ["mean"]}
ADAPTER = TypeAdapter(AnyLayer)
LENGTHS = torch.tensor([6, 2, 4])


def test_a_residual_is_the_sum_of_its_parts() -> None:
    x = torch.randn(3, 6, 4)
    module = Residual(layers=(GRU, DENSE)).build(Flow(4, 6))
    torch.testing.assert_close(module(x, LENGTHS)[0], x + module.layers(x, LENGTHS)[0])
    projected = Residual(layers=(GRU,), project=True).build(Flow(4, 6))
    torch.testing.assert_close(projected(x, LENGTHS)[0], projected.around(x) + projected.layers(x, LENGTHS)[0])


@pytest.mark.parametrize("last", [DENSE, {**CONV, "filters": 4}, {"kind": "layer_norm"}])
def test_a_block_that_starts_at_zero_is_not_there_yet(last: Any) -> None:
    layers = ({"kind": "gru", "units": 4}, last)
    module = Residual(layers=layers, zero=True).build(Flow(4, 6))
    x = torch.randn(3, 6, 4, requires_grad=True)
    y, _ = module(x, LENGTHS)
    assert torch.equal(y, x)
    (gradient,) = torch.autograd.grad(y.sum(), x, retain_graph=True)
    assert torch.equal(gradient, torch.ones_like(x))
    y.square().sum().backward()
    assert any(parameter.grad.abs().max() > 0 for parameter in module.layers[-1].parameters()), "it can grow in"


@pytest.mark.parametrize(
    "last", [GRU, {**DENSE, "activation": "sigmoid"}, {"kind": "layer_norm", "affine": False}, {"kind": "positional"}]
)
def test_what_cannot_start_at_zero_is_refused(last: Any) -> None:
    with pytest.raises(ModelError, match="a layer that can start at 0 is") as caught:
        Residual(layers=(DENSE, last), zero=True, project=True).after(Flow(4, 6))
    assert caught.value.at == ("zero",)


def test_branches_are_each_for_itself_side_by_side() -> None:
    x = torch.randn(3, 6, 4)
    module = Parallel(branches=((GRU, DENSE), (CONV,))).build(Flow(4, 6))
    found, after = module(x, LENGTHS)
    one, other = (branch(x, LENGTHS)[0] for branch in module.branches)
    assert torch.equal(found, torch.cat([one, other], dim=2))
    assert torch.equal(after, LENGTHS)
    added = Parallel(branches=((GRU,), (CONV,)), join="sum").build(Flow(4, 6))
    torch.testing.assert_close(added(x, LENGTHS)[0], sum(branch(x, LENGTHS)[0] for branch in added.branches))


def test_branches_that_turn_out_unlike_are_refused_when_they_run() -> None:
    branches = (({**CONV, "stride": 2},), ({**CONV, "stride": 2, "padding": "valid"},))
    module = Parallel(branches=branches).build(Flow(4))
    with pytest.raises(ModelError, match="branches give the same steps: received 4 and 3"):
        module(torch.randn(2, 8, 4), None)


def nested(layer: Any) -> Any:
    """A layer deep inside: the second of the second branch of what stands in a residual."""
    inside = {"kind": "parallel", "branches": [[GRU], [DENSE, layer]]}
    return ADAPTER.validate_python({"kind": "residual", "layers": [DENSE, inside], "project": True})


PLACE = ("layers", 1, "layers", 1, "branches", 1, 1)


@pytest.mark.parametrize(
    ("layer", "at", "message"),
    [
        ({"kind": "attention", "heads": 3}, (*PLACE, "heads"), "received 3 heads"),
        ({**CONV, "groups": 3}, (*PLACE, "groups"), "received 4 inputs"),
        ({"kind": "embedding", "tokens": 4, "width": 2, "column": 9}, (*PLACE, "column"), "received 9"),
        ({"kind": "frames", "height": 3, "width": 3}, (*PLACE, "height"), "received 4"),
        ({"kind": "residual", "layers": [GRU]}, (*PLACE, "layers", 0), "layers that give 3"),
        ({**CONV, "stride": 2}, PLACE, "received 6 steps of the input from the first and 3 other"),
        (MEAN, PLACE, "branches give the same steps"),
        ({"kind": "learned_positional", "length": 2}, (*PLACE, "length"), "received sequences of 6 steps"),
        ({**CONV, "kernel": 9, "padding": "valid"}, (*PLACE, "kernel"), "received a sequence of 6"),
    ],
)
def test_a_misfit_deep_inside_is_reported_where_it_stands(layer: Any, at: tuple[Any, ...], message: str) -> None:
    with pytest.raises(ModelError, match=message) as caught:
        flows((Dense(units=4), nested(layer)), Flow(7, 6))
    assert caught.value.at == at


def test_branches_to_be_added_are_equally_wide() -> None:
    with pytest.raises(ModelError, match="the first gives 3: received 4; make them agree") as caught:
        Parallel(branches=((GRU,), (DENSE,)), join="sum").after(Flow(4))
    assert caught.value.at == ("branches", 1, 0)


def test_a_residual_adds_step_to_step() -> None:
    with pytest.raises(ModelError, match="a residual adds step to step") as caught:
        Residual(layers=(DENSE, MEAN)).after(Flow(4, 6))
    assert caught.value.at == ("layers",)


def test_nests_survive_json() -> None:
    section = nested(CONV)
    assert ADAPTER.validate_json(section.model_dump_json()) == section
    assert isinstance(section.layers[1].branches[1][0], Dense)
    assert not isinstance(section.layers[0], LayerNorm)


def test_a_residual_adds_no_other_steps_where_steps_moved_before_it() -> None:
    stride = {"kind": "conv1d", "filters": 3, "kernel": 3, "stride": 2}
    with pytest.raises(ModelError, match="received layers that give other steps than they read"):
        flows([ADAPTER.validate_python(stride), Residual(layers=(stride,))], Flow(3))
    summed = [ADAPTER.validate_python(MEAN), Residual(layers=({**GRU, "gives": "last"},))]
    assert flows(summed, Flow(3))[-1].steps == 1
