"""What every cell promises, with each of its options; a new cell joins by being in its family."""

from typing import Any

import pytest
import torch
from pydantic import ValidationError
from torch import Tensor, nn

from rnnlib.cells import GRU, AnyCell, Cell, CellLayer
from rnnlib.cells.stacked import Stacked
from rnnlib.errors import ModelError
from rnnlib.layer import Flow
from rnnlib.layers.stack import Stack
from tests.rnnlib.cells.options import Option, options
from tests.rnnlib.families import example, members

CELLS: dict[str, type[Cell]] = members(AnyCell)
EACH = [pytest.param(cell, name, option, id=f"{kind}.{name}") for kind, cell in CELLS.items()
        for name, option in options(cell).items()]  # fmt: skip
INPUTS = 3


def made(part: type[Cell], **fields: Any) -> Cell:
    found = example(part, **fields)
    assert isinstance(found, Cell)
    return found


def variants(part: type[Cell]) -> dict[str, Cell]:
    """The cell as it is, and with each of its options that leave every step an output."""
    changed = {
        name: made(part, **{**option.given, name: option.value})
        for name, option in options(part).items()
        if option.changes != "steps"
    }
    return {"as it is": made(part), **changed}


VARIANTS = {f"{kind}: {name}": cell for kind, part in CELLS.items() for name, cell in variants(part).items()}
ONE_WAY = {name: cell for name, cell in VARIANTS.items() if cell.one_way}


def drawn(cell: Cell, seed: int = 5) -> nn.Module:
    """The module in float64 with every weight drawn anew by its own name: what stays 0 hides what it does."""
    module = cell.build(Flow(INPUTS)).double()
    for name, parameter in module.named_parameters():
        torch.manual_seed(seed + sum(map(ord, name)))
        with torch.no_grad():
            parameter.normal_(std=0.4)
    return module


def outputs(module: nn.Module, x: Tensor, lengths: Tensor | None = None) -> Tensor:
    torch.manual_seed(9)
    return module(x, lengths)[0]


def inputs(batch: int = 4, time: int = 6) -> Tensor:
    return torch.randn(batch, time, INPUTS, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("part", CELLS.values(), ids=CELLS)
def test_every_field_has_a_line_here(part: type[Cell]) -> None:
    assert set(options(part)) == set(part.model_fields) - {"kind"}


@pytest.mark.parametrize(("part", "name", "option"), EACH)
def test_every_field_changes_what_it_says(part: type[Cell], name: str, option: Option) -> None:
    before, after = made(part, **option.given), made(part, **{**option.given, name: option.value})
    if option.changes == "weights":
        states = []
        for cell in (before, after):
            torch.manual_seed(0)
            states.append(cell.build(Flow(INPUTS)).state_dict())
        assert any(not torch.equal(states[0][key], states[1][key]) for key in states[0])
        return
    one, other = (drawn(cell).train(option.changes == "training") for cell in (before, after))
    x = inputs()
    ours, theirs = outputs(one, x), outputs(other, x)
    assert ours.shape != theirs.shape or not torch.allclose(ours, theirs)
    if option.changes == "training":
        torch.testing.assert_close(outputs(one.eval(), x), outputs(other.eval(), x))


@pytest.mark.parametrize("name", VARIANTS)
def test_every_weight_gets_a_gradient(name: str) -> None:
    module = drawn(VARIANTS[name])
    outputs(module, inputs()).square().sum().backward()
    for key, parameter in module.named_parameters():
        assert parameter.grad is not None, key
        assert parameter.grad.any(), key


@pytest.mark.parametrize("training", [True, False], ids=["training", "evaluation"])
@pytest.mark.parametrize("name", VARIANTS)
def test_what_stands_in_the_padding_changes_no_bit(name: str, training: bool) -> None:
    module = drawn(VARIANTS[name]).train(training)
    lengths = torch.tensor([6, 2, 4, 1])
    valid = torch.arange(6) < lengths[:, None]
    found = []
    for padding in (0.0, -7.5, float("nan")):
        x = torch.where(valid[..., None], inputs(), padding).requires_grad_()
        module.zero_grad()
        shown = outputs(module, x, lengths)[valid]
        shown.square().sum().backward()
        found.append([shown, x.grad, *(parameter.grad for parameter in module.parameters())])
    for other in found[1:]:
        assert all(torch.equal(a, b) for a, b in zip(found[0], other, strict=True))


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-12), (torch.float32, 1e-5)])
@pytest.mark.parametrize("name", VARIANTS)
def test_a_padded_batch_is_each_sequence_alone(name: str, dtype: torch.dtype, tolerance: float) -> None:
    module, x, lengths = drawn(VARIANTS[name]).to(dtype).eval(), inputs().to(dtype), torch.tensor([6, 2, 4, 1])
    batch = outputs(module, x, lengths)
    for row, length in enumerate(lengths):
        alone = outputs(module, x[row : row + 1, :length])
        torch.testing.assert_close(batch[row : row + 1, :length], alone, rtol=0, atol=tolerance)


@pytest.mark.parametrize("name", VARIANTS)
def test_a_sequence_is_its_steps(name: str) -> None:
    layer: CellLayer = drawn_layer(VARIANTS[name]).eval()
    x, state, shown = inputs().transpose(0, 1), layer.start(4), []
    for at in x.unbind(0):
        output, state = layer.step(at, state)
        shown.append(output)
    found, last = layer.sequence(x, layer.start(4))
    torch.testing.assert_close(found, torch.stack(shown), rtol=0, atol=1e-12)
    assert len(last) == len(state)
    for ours, theirs in zip(last, state, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-12)


def drawn_layer(cell: Cell) -> CellLayer:
    torch.manual_seed(5)
    layer = cell.layer(INPUTS).double()
    for parameter in layer.parameters():
        nn.init.normal_(parameter, std=0.4)
    return layer


@pytest.mark.parametrize("name", VARIANTS)
def test_every_member_of_the_state_matters(name: str) -> None:
    """From within a sequence: before the first step a scale of zeros has nothing to act on."""
    layer = drawn_layer(VARIANTS[name]).eval()
    x = inputs(2, 1).transpose(0, 1)
    _, start = layer.sequence(inputs(2, 3).transpose(0, 1), layer.start(2))
    before = layer.sequence(x, start)[0]
    for place in range(len(start)):
        moved = tuple(member + 0.7 * (place == number) for number, member in enumerate(start))
        assert not torch.allclose(layer.sequence(x, moved)[0], before)
        assert not torch.allclose(layer.step(x[0], moved)[0], before[0])


@pytest.mark.parametrize("name", VARIANTS)
def test_the_members_of_a_state_are_tensors_of_their_own(name: str) -> None:
    """One tensor for both h and c would tie them together wherever the state is written in place or exported."""
    layer = drawn_layer(VARIANTS[name])
    for batch in (1, 2):
        places = {member.data_ptr() for member in layer.start(batch)}
        assert len(places) == len(layer.start(batch))
        assert not places & {parameter.data_ptr() for parameter in layer.parameters()}


@pytest.mark.parametrize("name", ONE_WAY)
def test_a_stack_runs_step_by_step(name: str) -> None:
    module, x, tops = drawn(ONE_WAY[name]).eval(), inputs(), []
    memory = module.start(4)
    for at in x.unbind(1):
        top, memory = module.step(at, memory)
        tops.append(top)
    torch.testing.assert_close(torch.stack(tops, 1), module(x)[0], rtol=0, atol=1e-12)


def flat(memory: Any) -> list[Tensor]:
    return [memory] if isinstance(memory, Tensor) else [tensor for part in memory for tensor in flat(part)]


@pytest.mark.parametrize("batch", [1, 4])
@pytest.mark.parametrize("name", ONE_WAY)
def test_a_prepared_stream_is_the_sequence(name: str, batch: int) -> None:
    module, x = drawn(ONE_WAY[name]).eval(), inputs(batch)
    assert isinstance(module, Stacked)
    stream = module.streaming(batch)
    for _ in range(2):
        shown = [stream.push(at) for at in x[:, :3].unbind(1)]
        middle = stream.memory()
        shown += [stream.push(at) for at in x[:, 3:].unbind(1)]
        torch.testing.assert_close(torch.stack(shown, 1), module(x)[0].detach(), rtol=0, atol=1e-12)
        stream.restore(module.start(batch))
    expected, _ = module.sequence(x[:, 3:], middle)
    stream.restore(middle)
    found = [stream.push(at) for at in x[:, 3:].unbind(1)]
    torch.testing.assert_close(torch.stack(found, 1), expected.detach(), rtol=0, atol=1e-12)


def test_a_stream_is_not_made_in_training() -> None:
    with pytest.raises(ModelError, match="received a module in training; call eval"):
        made(GRU).build(Flow(INPUTS)).streaming()


@pytest.mark.parametrize("name", ONE_WAY)
def test_a_stack_carries_its_memory_on(name: str) -> None:
    module, x = drawn(ONE_WAY[name]).eval(), inputs()
    assert isinstance(module, Stacked)
    whole, end = module.sequence(x, module.start(4))
    first, memory = module.sequence(x[:, :4], module.start(4))
    second, memory = module.sequence(x[:, 4:], memory)
    torch.testing.assert_close(torch.cat([first, second], 1), whole, rtol=0, atol=1e-12)
    for ours, theirs in zip(flat(memory), flat(end), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", ONE_WAY)
def test_a_memory_is_that_of_each_sequences_own_last_step(name: str) -> None:
    module, x, lengths = drawn(ONE_WAY[name]).eval(), inputs(), torch.tensor([6, 2, 0, 1])
    assert isinstance(module, Stacked)
    _, start = module.sequence(inputs(4, 2), module.start(4))
    found, memory = module.sequence(x, start, lengths)
    assert found.shape[:2] == x.shape[:2]
    for row, length in enumerate(lengths):
        alone = [member[row : row + 1] for member in flat(start)]
        if length:
            kept = tuple(tuple(member[row : row + 1] for member in state) for state in start)
            shown, after = module.sequence(x[row : row + 1, :length], kept)
            torch.testing.assert_close(found[row : row + 1, :length], shown, rtol=0, atol=1e-12)
            alone = flat(after)
        assert not found[row, length:].any()
        for ours, theirs in zip(flat(memory), alone, strict=True):
            torch.testing.assert_close(ours[row : row + 1], theirs, rtol=0, atol=1e-12)


@pytest.mark.parametrize("part", CELLS.values(), ids=CELLS)
def test_a_bidirectional_cell_does_not_stream(part: type[Cell]) -> None:
    cell = made(part, bidirectional=True)
    assert not cell.one_way
    with pytest.raises(ModelError, match="one-way layers"):
        Stack([cell], Flow(INPUTS)).start(2)


@pytest.mark.parametrize("part", CELLS.values(), ids=CELLS)
def test_the_second_direction_is_the_first_on_the_turned_sequence(part: type[Cell]) -> None:
    module, x = drawn(made(part, bidirectional=True)).eval(), inputs()
    joined = module(x)[0]
    there, back = joined.chunk(2, dim=2)
    (layer,) = module
    for direction, found, read in ((layer.forwards, there, x), (layer.backwards, back.flip(1), x.flip(1))):
        alone, _ = direction.sequence(read.transpose(0, 1), direction.start(len(x)))
        torch.testing.assert_close(found, alone.transpose(0, 1), rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("fields", "at", "message"),
    [
        ({"dropout": 0.5}, "dropout", r"layers is 1: received dropout 0\.5; use layers: 2 or more"),
        ({"residual": True}, "residual", r"layers is 1: received residual true; use layers: 2 or more"),
        ({"join": "sum"}, "join", r"there is one: received join sum; use bidirectional: true"),
        (
            {"bias": False, "bias_initialisation": {"kind": "normal"}},
            "bias_initialisation",
            r"received bias_initialisation normal beside bias: false; use bias: true",
        ),
    ],
)
@pytest.mark.parametrize("part", CELLS.values(), ids=CELLS)
def test_options_without_company_are_refused(part: type[Cell], fields: dict[str, Any], at: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message) as caught:
        made(part, **fields)
    assert caught.value.errors()[0]["ctx"]["at"] == (at,)


@pytest.mark.parametrize(
    "field", [{"units": 0}, {"units": 65_537}, {"layers": 0}, {"layers": 65}, {"dropout": 1.0}, {"bias": 2}]
)
@pytest.mark.parametrize("part", CELLS.values(), ids=CELLS)
def test_sizes_are_bounded(part: type[Cell], field: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        made(part, **field)


@pytest.mark.parametrize("part", CELLS.values(), ids=CELLS)
def test_a_cell_knows_its_width_without_being_built(part: type[Cell]) -> None:
    for cell in variants(part).values():
        shown = cell.build(Flow(INPUTS))(torch.zeros(1, 2, INPUTS))[0]
        assert cell.after(Flow(None)).width == cell.after(Flow(INPUTS)).width == shown.shape[2]
