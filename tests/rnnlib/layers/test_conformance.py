"""What every layer promises; a new layer joins by being in its family."""

from typing import Any

import pytest
import torch
from pydantic import ValidationError
from torch import Tensor, nn

from rnnlib.errors import ModelError
from rnnlib.layer import Flow
from rnnlib.layers import AnyLayer
from tests.rnnlib.families import another, example, members

LAYERS = members(AnyLayer)
INPUTS = 8


@pytest.fixture(params=LAYERS)
def section(request: pytest.FixtureRequest) -> Any:
    return example(LAYERS[request.param])


def built(section: Any, inputs: int = INPUTS, seed: int = 3) -> nn.Module:
    torch.manual_seed(seed)
    return section.build(Flow(inputs))


def padded(batch: int = 5, time: int = 7, inputs: int = INPUTS) -> tuple[Tensor, Tensor]:
    draw = torch.Generator().manual_seed(4)
    lengths = torch.tensor([time, 1, 3, 5, 2])[:batch]
    x = torch.randn(batch, time, inputs, generator=draw)
    return x.masked_fill((torch.arange(time) >= lengths[:, None])[..., None], 0), lengths


def test_every_layer_is_in_the_suite() -> None:
    assert {"rnn", "lstm", "gru", "dense", "dropout", "attention"} <= set(LAYERS)


@pytest.mark.parametrize(("batch", "time", "inputs"), [(5, 7, 8), (1, 1, 8), (1, 7, 4), (3, 1, 4), (2, 4, 1)])
def test_the_shape_that_comes_out_is_the_one_foretold(section: Any, batch: int, time: int, inputs: int) -> None:
    width = section.after(Flow(inputs)).width
    x = torch.randn(batch, time, inputs)
    assert built(section, inputs)(x, torch.full((batch,), time))[0].shape == (batch, time, width)
    assert section.after(Flow(None)).width in (None, width)


def test_the_rest_of_a_batch_changes_nothing(section: Any) -> None:
    module = built(section).eval()
    x, lengths = padded()
    together, _ = module(x, lengths)
    for number, length in enumerate(lengths):
        alone, _ = module(x[number : number + 1, :length], lengths[number : number + 1])
        torch.testing.assert_close(together[number : number + 1, :length], alone, rtol=1e-5, atol=1e-6)


def test_padding_reaches_no_bit_of_a_valid_step(section: Any) -> None:
    module = built(section).eval()
    x, lengths = padded()
    beyond = torch.arange(7) >= lengths[:, None]
    other = torch.where(beyond[..., None], 100 * torch.randn(x.shape), x)
    assert torch.equal(module(x, lengths)[0][~beyond], module(other, lengths)[0][~beyond])


def test_padding_reaches_no_bit_of_a_gradient(section: Any) -> None:
    module = built(section).eval()
    x, lengths = padded()
    beyond = torch.arange(7) >= lengths[:, None]
    gradients = []
    for filled in (x, torch.where(beyond[..., None], 3.0, x)):
        inputs = filled.clone().requires_grad_()
        (module(inputs, lengths)[0] * (~beyond)[..., None]).square().sum().backward()
        assert not inputs.grad[beyond].any()
        gradients.append(inputs.grad)
    assert torch.equal(*gradients)


def test_every_parameter_gets_a_gradient(section: Any) -> None:
    module = built(section)
    x, lengths = padded()
    inputs = x.clone().requires_grad_()
    module(inputs, lengths)[0].square().sum().backward()
    assert inputs.grad is not None
    for name, parameter in module.named_parameters():
        assert parameter.grad is not None, name
        # a key's bias shifts all scores of a step alike: softmax does not see it, its gradient is 0 by the equation
        if name != "key.bias":
            assert parameter.grad.abs().max() > 0, name


def test_the_seed_decides_the_weights(section: Any) -> None:
    one, same, other = (built(section, seed=seed).state_dict() for seed in (3, 3, 4))
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not one or any(not torch.equal(one[name], other[name]) for name in one)


def test_its_weights_are_its_whole_state(section: Any) -> None:
    module, fresh = built(section, seed=3).eval(), built(section, seed=4).eval()
    fresh.load_state_dict(module.state_dict())
    x, lengths = padded()
    assert torch.equal(fresh(x, lengths)[0], module(x, lengths)[0])


def test_input_is_not_written_to(section: Any) -> None:
    module = built(section)
    x, lengths = padded()
    before = x.clone()
    module(x, lengths)
    assert torch.equal(x, before)


def test_it_computes_in_float64_too(section: Any) -> None:
    x, lengths = padded()
    module = built(section).eval()
    single, _ = module(x, lengths)
    double, _ = module.double()(x.double(), lengths)
    assert double.dtype == torch.float64
    torch.testing.assert_close(single.double(), double, rtol=1e-4, atol=1e-5)


FIELDS = [(kind, name) for kind, part in LAYERS.items() for name in part.model_fields if name != "kind"]


@pytest.mark.parametrize(("kind", "name"), FIELDS)
def test_every_field_changes_the_result_or_is_refused(kind: str, name: str) -> None:
    """Weights and masks are drawn from the same seed: what differs is what the field does."""
    section: Any = example(LAYERS[kind])
    try:
        changed = type(section)(**{**section.model_dump(), name: another(section, name)})
        effects = [effect(part) for part in (section, changed)]
    except (ValidationError, ModelError):
        return
    assert effects[0] != effects[1]


def effect(section: Any) -> tuple[int, list[list[float]]]:
    module = built(section)
    x, lengths = padded()
    torch.manual_seed(9)
    return sum(p.numel() for p in module.parameters()), module(x, lengths)[0].flatten(1).tolist()


@pytest.mark.parametrize(("kind", "name"), FIELDS)
def test_every_field_is_documented(kind: str, name: str) -> None:
    assert LAYERS[kind].model_fields[name].description
