"""Layers in a row: widths found from the sections alone, and misfits before anything is built."""

import pytest
import torch
from jaxtyping import TypeCheckError

from rnnlib.errors import ModelError
from rnnlib.layer import Flow
from rnnlib.layers import GRU, LSTM, Attention, Dense, Dropout, Stack, flows
from rnnlib.padding import last_valid, valid_steps

LAYERS = (Dense(units=6), Dropout(rate=0.5), LSTM(units=8), Attention(heads=4), GRU(units=5))


def test_widths_are_those_of_the_built_modules() -> None:
    stack = Stack(LAYERS, Flow(3))
    assert [flow.width for flow in flows(LAYERS, Flow(3))] == [6, 6, 8, 8, 5]
    x = torch.randn(2, 4, 3)
    for module, flow in zip(stack, flows(LAYERS, Flow(3)), strict=True):
        x, _ = module(x, torch.tensor([4, 2]))
        assert x.shape == (2, 4, flow.width)
    assert stack.flow.width == 5


def test_widths_without_data_are_known_from_the_first_layer_that_sets_one() -> None:
    layers = (Dropout(rate=0.5), Attention(heads=7), LSTM(units=8), Attention(heads=4))
    assert [flow.width for flow in flows(layers, Flow(None))] == [None, None, 8, 8]


@pytest.mark.parametrize("inputs", [None, 3])
def test_a_misfit_says_which_layer_and_which_field(inputs: int | None) -> None:
    with pytest.raises(ModelError, match="received 3 heads; use one of 1, 2, 4, 8") as caught:
        flows((LSTM(units=8), Dropout(rate=0.1), Attention(heads=3)), Flow(inputs))
    assert caught.value.at == ("layers", 2, "heads")


def test_a_stack_is_its_modules_one_after_the_other() -> None:
    stack = Stack(LAYERS, Flow(3)).eval()
    x, lengths = torch.randn(2, 4, 3), torch.tensor([4, 2])
    expected = x
    for module in stack:
        expected, _ = module(expected, lengths)
    assert torch.equal(stack(x, lengths)[0], expected)
    assert [name for name, _ in stack.named_children()] == ["0", "1", "2", "3", "4"]


def test_padding_is_told_from_the_rest() -> None:
    lengths = torch.tensor([3, 1, 4])
    assert valid_steps(lengths, 4).tolist() == [[True] * 3 + [False], [True] + [False] * 3, [True] * 4]
    x = torch.arange(12.0).view(3, 4, 1)
    assert last_valid(x, lengths).tolist() == [[2.0], [4.0], [11.0]]


def test_shapes_are_checked_in_tests() -> None:
    """The hook of tests/conftest.py is at work: a wrong rank and a wrong batch are type errors."""
    with pytest.raises(TypeCheckError):
        last_valid(torch.zeros(3, 4), torch.tensor([1, 1, 1]))
    with pytest.raises(TypeCheckError):
        last_valid(torch.zeros(3, 4, 1), torch.tensor([1, 1]))
