"""One vector of weights, one of gradients: every weight of a module is a view of them, and stays one."""

import pytest
import torch
from torch import nn

from rnnlib.training.flat import ALIGNMENT, Flat


class Tied(nn.Module):
    """A vector, two matrices of which one has two names, a frozen one, and a statistic that is no weight."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(3))
        self.first = nn.Linear(3, 5)
        self.again = self.first
        self.frozen = nn.Parameter(torch.zeros(2, 2), requires_grad=False)
        self.last = nn.Linear(5, 3)
        self.register_buffer("statistic", torch.zeros(1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        hidden: torch.Tensor = self.last(self.again(self.first(x) @ torch.eye(5, 3)))
        return hidden * self.scale


@pytest.fixture
def module() -> Tied:
    torch.manual_seed(0)
    return Tied()


def test_matrices_stand_first_shared_weights_once_and_frozen_ones_not_at_all(module: Tied) -> None:
    flat = Flat(module.named_parameters(remove_duplicate=False))
    assert list(flat.weights) == ["first.weight", "last.weight", "scale", "first.bias", "last.bias"]
    assert flat.matrices == 32, "15 and 15 values, each from a multiple of 64 bytes on"
    assert len(flat.theta) == 32 + 3 * 16
    assert float(flat.theta.sum()) == pytest.approx(
        sum(float(weight.detach().sum()) for weight in flat.weights.values()), rel=1e-5
    )


def test_weights_keep_their_values_and_become_views(module: Tied) -> None:
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    flat = Flat(module.named_parameters())
    assert all(torch.equal(before[name], tensor) for name, tensor in module.state_dict().items())
    for weight in flat.weights.values():
        assert weight.untyped_storage().data_ptr() == flat.theta.untyped_storage().data_ptr()
        assert weight.data_ptr() % ALIGNMENT == flat.theta.data_ptr() % ALIGNMENT
    flat.theta.fill_(2.0)
    assert all(bool((weight == 2).all()) for weight in flat.weights.values())


def test_gradients_gather_in_one_vector_and_are_those_of_weights_on_their_own(module: Tied) -> None:
    torch.manual_seed(1)
    x = torch.randn(4, 3)
    other = Tied()
    other.load_state_dict(module.state_dict())
    flat = Flat(module.named_parameters())
    for _ in range(2):
        flat.gradient.zero_()
        module(x).square().sum().backward()
    other(x).square().sum().backward()
    for name, weight in other.named_parameters():
        if weight.requires_grad:
            assert weight.grad is not None
            assert torch.equal(flat.of(name, flat.gradient), weight.grad)
    assert module.frozen.grad is None


def test_loading_weights_keeps_the_views(module: Tied) -> None:
    flat, other = Flat(module.named_parameters()), Tied()
    module.load_state_dict(other.state_dict())
    assert torch.equal(flat.of("first.weight", flat.theta), other.first.weight)
    assert module.first.weight.untyped_storage().data_ptr() == flat.theta.untyped_storage().data_ptr()


def test_released_weights_have_memory_of_their_own(module: Tied) -> None:
    flat = Flat(module.named_parameters())
    before = module.first.weight.detach().clone()
    flat.release()
    flat.theta.zero_()
    assert torch.equal(module.first.weight, before)
    assert all(weight.grad is None for weight in module.parameters())


def test_a_module_without_weights_is_an_empty_vector() -> None:
    assert len(Flat([]).theta) == 0
