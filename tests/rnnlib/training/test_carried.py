"""Truncated backpropagation through time and carried states, against gradients that are cut by hand."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from rnnlib.cells import CellLayer
from rnnlib.data.batching.windows import Examples
from rnnlib.errors import ModelError
from rnnlib.layers import Flow, Stack
from rnnlib.models import Forecaster, Regressor, Shape
from rnnlib.training.carried import Carriage, following, lanes
from rnnlib.training.passage import passing, recurrent_layers
from rnnlib.training.streams import cells_of, refuse_windows_of_their_own, refuse_without_recurrence

CELLS = ["rnn", "gru", "lstm"]


def stack(*layers: dict[str, object]) -> Stack:
    torch.manual_seed(3)
    section = Regressor.model_validate({"kind": "regressor", "layers": layers})
    return Stack(section.layers, Flow(2)).double().train()


def inputs(steps: int, rows: int = 4) -> Tensor:
    return torch.randn(rows, steps, 2, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def gradients(module: nn.Module, loss: Tensor) -> list[Tensor]:
    return list(torch.autograd.grad(loss, list(module.parameters()), retain_graph=True))


def cut_by_hand(module: Stack, x: Tensor, most: int) -> Tensor:
    """The outputs step by step; every state is detached where a multiple of `most` steps is left."""
    memory = module.start(len(x))
    outputs = []
    for t in range(x.shape[1]):
        if t and (x.shape[1] - t) % most == 0:
            memory = tuple(tuple(tuple(member.detach() for member in state) for state in layer) for layer in memory)
        y, memory = module.step(x[:, t], memory)
        outputs.append(y)
    return torch.stack(outputs, dim=1)


@pytest.mark.parametrize("kind", CELLS)
@pytest.mark.parametrize("most", [1, 3, 5, 10])
def test_gradients_are_those_of_states_that_are_detached_by_hand(kind: str, most: int) -> None:
    module, x = stack({"kind": kind, "units": 3, "layers": 2}, {"kind": kind, "units": 4}), inputs(11)
    with passing(module, Carriage(truncate=most).over):
        outputs, _ = module(x)
    expected = cut_by_hand(module, x, most)
    torch.testing.assert_close(outputs, expected, rtol=0, atol=1e-12)
    for steps in (slice(-1, None), slice(None)):  # a loss at the end, and one at every step
        found, wanted = (gradients(module, one[:, steps].square().sum()) for one in (outputs, expected))
        for a, b in zip(found, wanted, strict=True):
            torch.testing.assert_close(a, b, rtol=0, atol=1e-10)


def test_the_gradient_of_a_loss_at_the_end_by_numpy() -> None:
    """∂L/∂U of an RNN, L = Σ h_T: over the last k steps, from the state before them."""
    module, x, most = stack({"kind": "rnn", "units": 3}), inputs(11), 4
    with passing(module, Carriage(truncate=most).over):
        outputs, _ = module(x)
    (layer,) = [one for one in module.modules() if isinstance(one, CellLayer)]
    w, u, b = (one.detach().numpy() for one in (layer.kernel, layer.recurrent_kernel, layer.bias))
    states = [np.zeros((len(x), 3))]
    for t in range(11):
        states.append(np.tanh(x[:, t].numpy() @ w.T + states[-1] @ u.T + b))
    by_state, by_kernel = np.ones_like(states[-1]), np.zeros_like(u)
    for t in range(11, 11 - most, -1):
        inner = by_state * (1 - states[t] ** 2)
        by_kernel += inner.T @ states[t - 1]
        by_state = inner @ u
    (found,) = torch.autograd.grad(outputs[:, -1].sum(), layer.recurrent_kernel)
    np.testing.assert_allclose(found.numpy(), by_kernel, rtol=0, atol=1e-10)


@pytest.mark.parametrize("kind", CELLS)
def test_values_are_the_same_and_as_long_as_the_sequence_so_are_gradients(kind: str) -> None:
    module, x = stack({"kind": kind, "units": 3}), inputs(11)
    whole, _ = module(x)
    for most, same in ((11, True), (12, True), (4, False)):
        with passing(module, Carriage(truncate=most).over):
            outputs, _ = module(x)
        torch.testing.assert_close(outputs, whole, rtol=0, atol=1e-12)
        pairs = zip(gradients(module, outputs[:, -1].sum()), gradients(module, whole[:, -1].sum()), strict=True)
        assert all(torch.allclose(a, b, rtol=0, atol=1e-12) for a, b in pairs) == same


def stream(rows: int, context: int, sequences: int = 1) -> Examples:
    """Windows that follow each other without a gap."""
    each = rows // context
    start = np.concatenate([np.arange(each) * context + sequence * rows for sequence in range(sequences)])
    return Examples(start, np.full(len(start), context), np.repeat(np.arange(sequences), each))


@pytest.mark.parametrize("kind", CELLS)
@pytest.mark.parametrize("most", [None, 3])
def test_windows_in_order_are_read_as_one_sequence(kind: str, most: int | None) -> None:
    module = stack({"kind": kind, "units": 3, "layers": 2}, {"kind": "dense", "units": 2})
    context, batches, rows = 5, 4, 3
    x = inputs(context * batches, rows)
    whole, _ = module(x)
    examples, carriage = stream(context * batches, context, rows), Carriage(most, carry=True)
    found = []
    for number in range(batches):
        index = torch.arange(rows) * batches + number
        with passing(module, carriage.over):
            carriage.board(index, examples)
            outputs, _ = module(x[:, number * context : (number + 1) * context])
        carriage.arrive(index)
        gradients(module, outputs.sum())  # what came before is not part of this graph
        found.append(outputs)
    torch.testing.assert_close(torch.cat(found, 1), whole, rtol=0, atol=1e-12)


def test_a_batch_in_pieces_or_begun_again_carries_the_same_states() -> None:
    module, x = stack({"kind": "lstm", "units": 3}), inputs(10, 5)
    examples = stream(10, 5, 5)
    first, second = torch.arange(5) * 2, torch.arange(5) * 2 + 1

    def ran(*pieces: slice) -> tuple[Tensor, dict[str, Tensor]]:
        carriage = Carriage(carry=True)
        with passing(module, carriage.over):
            carriage.board(first, examples)
            module(x[:, :5])
            carriage.board(first, examples)  # out of memory, say
            for piece in pieces:
                module(x[piece, :5])
            carriage.arrive(first)
            carriage.board(second, examples)
            return torch.cat([module(x[piece, 5:])[0] for piece in pieces]), carriage.tensors()

    whole, states = ran(slice(0, 5))
    cut, states_cut = ran(slice(0, 2), slice(2, 5))
    torch.testing.assert_close(cut, whole, rtol=0, atol=1e-12)
    assert states.keys() == states_cut.keys() == {"index", "0.0.0", "0.0.1"}


def test_what_it_holds_survives_a_checkpoint() -> None:
    module, x = stack({"kind": "lstm", "units": 3}), inputs(10)
    examples, carriage, resumed = stream(10, 5, 4), Carriage(carry=True), Carriage(carry=True)
    index = torch.arange(4) * 2
    with passing(module, carriage.over):
        carriage.board(index, examples)
        module(x[:, :5])
        carriage.arrive(index)
        resumed.load({name: tensor.clone() for name, tensor in carriage.tensors().items()})
        carriage.board(index + 1, examples)
        expected, _ = module(x[:, 5:])
    with passing(module, resumed.over):
        resumed.board(index + 1, examples)
        found, _ = module(x[:, 5:])
    assert torch.equal(found, expected)
    assert Carriage(carry=True).tensors() == {}


def test_rows_that_do_not_go_on_start_anew_and_evaluation_carries_nothing() -> None:
    module, x = stack({"kind": "gru", "units": 3}), inputs(10, 2)
    examples, carriage = stream(10, 5, 2), Carriage(carry=True)
    anew, _ = module(x[:, 5:])
    with passing(module, carriage.over):
        carriage.board(torch.tensor([0, 2]), examples)
        module(x[:, :5])
        carriage.arrive(torch.tensor([0, 2]))
        carriage.board(torch.tensor([1, 2]), examples)  # the second row is shown the same window again
        mixed, _ = module(x[:, 5:])
        module.eval()
        alone, _ = module(x[:, 5:])
    assert torch.equal(mixed[1], anew[1])
    assert not torch.allclose(mixed[0], anew[0])
    assert torch.equal(alone, anew)
    assert not any("sequence" in layer.__dict__ for _, layer in recurrent_layers(module))


@given(st.integers(1, 60), st.integers(1, 70))
def test_lanes_hold_every_example_once_and_each_row_goes_on(count: int, size: int) -> None:
    order = lanes(count, size)
    assert sorted(order.tolist()) == list(range(count))
    one = Examples(np.arange(count), np.ones(count, int), np.zeros(count, int))
    batches = order.split(size)
    for before, now in pairwise(batches):
        assert bool(following(one, before, now).all())


def test_a_window_follows_only_within_its_sequence_and_without_a_gap() -> None:
    examples = Examples(np.array([0, 5, 11, 16]), np.full(4, 5), np.array([0, 0, 0, 1]))
    before = torch.tensor([0, 1, 2])
    assert following(examples, before, torch.tensor([1, 2, 3])).tolist() == [True, False, False]


@pytest.mark.parametrize("noise", ["recurrent_dropout", "weight_drop"])
def test_what_is_dropped_is_dropped_for_the_whole_sequence(noise: str) -> None:
    module, x = stack({"kind": "gru", "units": 5, "layers": 2, noise: 0.5}), inputs(7)
    found = []
    for carriage in (Carriage(), Carriage(truncate=2)):
        torch.manual_seed(2)
        with passing(module, carriage.over):
            found.append(module(x)[0])
    assert torch.equal(*found)
    assert not torch.equal(module(x)[0], module(x)[0]), "the next sequence has a mask of its own"


def test_cells_in_branches_are_found_and_a_decoder_does_not_carry() -> None:
    branches = {"kind": "parallel", "branches": [[{"kind": "gru", "units": 3}], [{"kind": "dense", "units": 2}]]}
    inside = Regressor.model_validate({"kind": "regressor", "layers": [branches]})
    assert [cell.units for cell in cells_of(inside)] == [3]
    refuse_without_recurrence(inside, "truncate")
    shape = Shape(inputs=2, horizon=3, targets=1, context=5, target_columns=(0,))
    gru = {"kind": "gru", "units": 3}
    decoding, carrying = (
        Forecaster.model_validate({"kind": "forecaster", "layers": [layer], "head": {"kind": "decoder"}})
        for layer in ({"kind": "dense", "units": 3}, gru)
    )
    with pytest.raises(ModelError, match="no recurrent layer"):
        refuse_without_recurrence(decoding, "truncate")
    refuse_without_recurrence(carrying, "carry_state")
    module = carrying.build(shape)
    with pytest.raises(ModelError, match="this head's cell starts from what one window was read to"):
        refuse_windows_of_their_own(module)
