"""What every cell promises; a new cell joins by being in its family."""

import pytest
import torch
from pydantic import ValidationError

from rnnlib.cells import Cell, CellLayer
from rnnlib.layer import Flow
from rnnlib.layers import AnyLayer
from tests.rnnlib.families import example, members

CELLS = {kind: part for kind, part in members(AnyLayer).items() if issubclass(part, Cell)}


@pytest.fixture(params=CELLS)
def cell(request: pytest.FixtureRequest) -> Cell:
    found = example(CELLS[request.param], layers=2)
    assert isinstance(found, Cell)
    return found


@pytest.fixture
def layer(cell: Cell) -> CellLayer:
    torch.manual_seed(5)
    return cell.layer(3).double()


def test_a_sequence_is_its_steps(layer: CellLayer) -> None:
    x, state, hidden = torch.randn(4, 6, 3, dtype=torch.float64), layer.start(4), []
    for at in x.unbind(1):
        output, state = layer.step(at, state)
        hidden.append(output)
    outputs, last = layer.sequence(x, layer.start(4))
    torch.testing.assert_close(outputs, torch.stack(hidden, 1), rtol=0, atol=1e-12)
    assert len(last) == len(state)
    for ours, theirs in zip(last, state, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-12)


def test_a_state_carries_on(layer: CellLayer) -> None:
    x = torch.randn(4, 7, 3, dtype=torch.float64)
    whole, end = layer.sequence(x, layer.start(4))
    first, state = layer.sequence(x[:, :3], layer.start(4))
    second, state = layer.sequence(x[:, 3:], state)
    torch.testing.assert_close(torch.cat([first, second], 1), whole, rtol=0, atol=1e-12)
    for ours, theirs in zip(state, end, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-12)


def test_stacked_steps_are_the_stacked_sequence(cell: Cell) -> None:
    module = cell.build(Flow(3)).double()
    x, states, tops = torch.randn(4, 6, 3, dtype=torch.float64), module.start(4), []
    for at in x.unbind(1):
        top, states = module.step(at, states)
        tops.append(top)
    torch.testing.assert_close(torch.stack(tops, 1), module(x)[0], rtol=0, atol=1e-12)


def test_the_members_of_a_state_are_tensors_of_their_own(layer: CellLayer) -> None:
    """One tensor for both h and c would tie them together wherever the state is written in place or exported."""
    assert len({member.data_ptr() for member in layer.start(2)}) == len(layer.start(2))


def test_every_member_of_the_state_matters(layer: CellLayer) -> None:
    x, start = torch.randn(2, 1, 3, dtype=torch.float64), layer.start(2)
    before = layer.sequence(x, start)[0]
    for place in range(len(start)):
        moved = tuple(member + (place == number) for number, member in enumerate(start))
        assert not torch.allclose(layer.sequence(x, moved)[0], before)
        assert not torch.allclose(layer.step(x[:, 0], moved)[0], before[:, 0])


def test_dropout_without_a_second_layer_is_refused(cell: Cell) -> None:
    with pytest.raises(ValidationError, match=r"layers is 1: received dropout 0\.5; use layers: 2 or more") as caught:
        type(cell)(**{**cell.model_dump(), "layers": 1, "dropout": 0.5})
    assert caught.value.errors()[0]["ctx"]["at"] == ("dropout",)


@pytest.mark.parametrize("field", [{"units": 0}, {"units": 65_537}, {"layers": 0}, {"layers": 65}, {"dropout": 1.0}])
def test_sizes_are_bounded(cell: Cell, field: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        type(cell)(**{**cell.model_dump(), **field})
