"""What every layer promises; a new layer joins by being in its family, and fails here until it has an example."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from rnnlib.cells import Cell
from rnnlib.layer import Flow, Streams
from tests.rnnlib.layers.examples import EXAMPLES, FLOW, FRAMES, INPUTS, KINDS, OTHERS, TIME

ALL = {**EXAMPLES, **FRAMES}
LENGTHS = torch.tensor([TIME, 1, 3, 5, 2])


@pytest.fixture(params=ALL)
def section(request: pytest.FixtureRequest) -> Any:
    return ALL[request.param]


def built(section: Any, flow: Flow = FLOW, seed: int = 3) -> nn.Module:
    torch.manual_seed(seed)
    return section.build(flow)


def some(batch: int, inputs: int = INPUTS, draw: torch.Generator | None = None) -> Tensor:
    """Random values; the first two columns are whole numbers, so that they can be tokens."""
    x = torch.randn(batch, TIME, inputs, generator=draw)
    x[..., :2] = torch.randint(0, 8, (batch, TIME, 2), generator=draw)
    return x


def padded(inputs: int = INPUTS) -> Tensor:
    draw = torch.Generator().manual_seed(4)
    x = some(len(LENGTHS), inputs, draw)
    return x.masked_fill((torch.arange(TIME) >= LENGTHS[:, None])[..., None], 0)


def valid(y: Tensor, lengths: Tensor | None) -> Tensor:
    """Which steps of what comes out are no padding."""
    steps = torch.full((len(y),), y.shape[1]) if lengths is None else lengths
    return torch.arange(y.shape[1]) < steps[:, None]


def test_every_layer_has_an_example_and_another_value_for_each_of_its_fields() -> None:
    assert {name.split(",")[0] for name in ALL} == set(KINDS)
    with_fields = {kind: part for kind, part in KINDS.items() if not issubclass(part, Cell)}
    assert {kind: set(fields) for kind, fields in OTHERS.items()} == {
        kind: set(part.model_fields) - {"kind"} for kind, part in with_fields.items()
    }


@pytest.mark.parametrize(("batch", "inputs"), [(5, 8), (1, 8), (3, 4), (1, 4)])
def test_what_comes_out_is_what_was_foretold(section: Any, batch: int, inputs: int) -> None:
    flow = FLOW._replace(width=inputs)
    if section in FRAMES.values() and inputs != INPUTS:
        pytest.skip("a frame has one size")
    after, x = section.after(flow), some(batch, inputs)
    y, lengths = built(section, flow)(x, None)
    assert lengths is None
    assert y.shape == (batch, after.steps, after.width)
    assert after.horizon == flow.horizon
    known_early = section.after(Flow(None))
    assert known_early.width in (None, after.width)
    assert known_early.steps in (None, after.steps)
    assert known_early.aligned == after.aligned


def test_lengths_that_are_all_there_are_as_none(section: Any) -> None:
    module, x = built(section).eval(), some(2)
    torch.testing.assert_close(module(x, torch.tensor([TIME, TIME]))[0], module(x, None)[0])


def test_the_rest_of_a_batch_changes_nothing(section: Any) -> None:
    module, x = built(section).eval(), padded()
    together, after = module(x, LENGTHS)
    for number, length in enumerate(LENGTHS):
        alone, _ = module(x[number : number + 1, :length], LENGTHS[number : number + 1])
        steps = together.shape[1] if after is None else int(after[number])
        torch.testing.assert_close(together[number, :steps], alone[0, :steps], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("training", [False, True])
def test_padding_reaches_no_bit_of_a_valid_step_nor_of_a_gradient(section: Any, training: bool) -> None:
    x, beyond = padded(), torch.arange(TIME) >= LENGTHS[:, None]
    found = []
    for filled in (x, torch.where(beyond[..., None], 100 * torch.randn(x.shape), x)):
        module, inputs = built(section).train(training), filled.clone().requires_grad_()
        torch.manual_seed(9)
        y, after = module(inputs, LENGTHS)
        shown = y[valid(y, after)]
        shown.square().sum().backward()
        assert not inputs.grad[beyond].any()
        weights = [parameter.grad for parameter in module.parameters()]
        found.append([shown, inputs.grad, *weights, *module.buffers()])
    assert all(torch.equal(one, other) for one, other in zip(*found, strict=True))


def test_every_parameter_gets_a_gradient(section: Any) -> None:
    module = built(section)
    inputs = padded().requires_grad_()
    module(inputs, LENGTHS)[0].square().sum().backward()
    assert inputs.grad is not None
    for name, parameter in module.named_parameters():
        assert parameter.grad is not None, name
        # a key's bias shifts all scores of a step alike: softmax does not see it, its gradient is 0 by the equation
        if not name.endswith("key.bias"):
            assert parameter.grad.abs().max() > 0, name


def test_the_seed_decides_the_weights(section: Any) -> None:
    one, same, other = (built(section, seed=seed).state_dict() for seed in (3, 3, 4))
    assert all(torch.equal(one[name], same[name]) for name in one)
    is_drawn = any(len(values.unique()) > 1 for values in one.values())
    assert is_drawn == any(not torch.equal(one[name], other[name]) for name in one)


def test_its_state_is_all_that_it_learned(section: Any) -> None:
    module, fresh, x = built(section, seed=3), built(section, seed=4).eval(), padded()
    module(x, LENGTHS)
    fresh.load_state_dict(module.eval().state_dict())
    assert torch.equal(fresh(x, LENGTHS)[0], module(x, LENGTHS)[0])


def test_input_is_not_written_to(section: Any) -> None:
    x = padded()
    before = x.clone()
    built(section)(x, LENGTHS)
    assert torch.equal(x, before)


def test_it_computes_in_float64_too(section: Any) -> None:
    x, module = padded(), built(section).eval()
    single, _ = module(x, LENGTHS)
    double, _ = module.double()(x.double(), LENGTHS)
    assert double.dtype == torch.float64
    torch.testing.assert_close(single.double(), double, rtol=1e-4, atol=1e-5)


def test_it_says_truly_whether_a_step_sees_later_ones(section: Any) -> None:
    """Layers whose steps are others than the input's say that they rest on all of it."""
    module, x = built(section).eval(), some(3)
    moved = x.clone()
    moved[:, -1] += 1
    y, other = module(x, None)[0], module(moved, None)[0]
    same = y.shape[1] == TIME and torch.allclose(y[:, :-1], other[:, :-1], rtol=0, atol=1e-6)
    assert section.one_way == same


def test_step_by_step_it_gives_what_it_gives_at_once(section: Any) -> None:
    module, x = built(section), some(3)
    for _ in range(3):  # running statistics move away from where they start
        module(x, None)
    module.eval()
    if not isinstance(module, Streams):
        pytest.skip("it reads a whole sequence")
    memory, given = module.start(3), []
    for t in range(TIME):
        y, memory = module.step(x[:, t], memory)
        given.append(y)
    for t, y in enumerate(given):
        torch.testing.assert_close(y, module(x[:, : t + 1], None)[0][:, -1], rtol=1e-5, atol=1e-6)


def test_it_can_be_built_without_memory(section: Any) -> None:
    module, x = built(section).eval(), padded()
    with torch.device("meta"):
        empty = section.build(FLOW).eval()
    empty.load_state_dict(module.state_dict(), assign=True)
    assert torch.equal(empty(x, LENGTHS)[0], module(x, LENGTHS)[0])


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, fields in OTHERS.items() for name in fields])
def test_every_field_changes_the_result(kind: str, name: str) -> None:
    """Weights and masks are drawn from the same seed: what differs is what the field does."""
    section: Any = ALL[kind]
    value = OTHERS[kind][name]
    value, company = (
        value if isinstance(value, tuple) and isinstance(value[-1], dict) and len(value) == 2 else (value, {})
    )
    changed = type(section)(**{**section.model_dump(), name: value, **company})
    assert effect(section) != effect(changed)


def effect(section: Any) -> list[Any]:
    """What one pass of training gives, and one of evaluation after it."""
    module, x = built(section), padded()
    found: list[Any] = [sum(parameter.numel() for parameter in module.parameters())]
    for training in (True, False):
        torch.manual_seed(9)
        y, after = module.train(training)(x, LENGTHS)
        found += [y.flatten(1).tolist(), None if after is None else after.tolist()]
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_is_documented(kind: str) -> None:
    assert all(field.description for name, field in KINDS[kind].model_fields.items() if name != "kind")
