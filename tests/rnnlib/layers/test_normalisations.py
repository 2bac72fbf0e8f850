"""Normalisations against torch's own, over padded batches too, where torch has only the sequences alone."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from rnnlib.layer import Flow
from rnnlib.layers import BatchNorm, InstanceNorm, LayerNorm, Stack

LENGTHS = torch.tensor([7, 1, 4, 6])


def built(section: Any, width: int = 5) -> nn.Module:
    torch.manual_seed(1)
    module = section.build(Flow(width)).double()
    for parameter in module.parameters():
        nn.init.normal_(parameter)
    return module


def assert_same(one: Tensor, other: Tensor) -> None:
    torch.testing.assert_close(one, other, rtol=0, atol=1e-12)


def test_layer_norm_is_torchs() -> None:
    module, x = built(LayerNorm(epsilon=1e-3)), torch.randn(4, 7, 5, dtype=torch.float64)
    theirs = nn.LayerNorm(5, eps=1e-3).double()
    theirs.load_state_dict({"weight": module.learned.scale, "bias": module.learned.shift})
    assert_same(module(x, LENGTHS)[0], theirs(x))


@pytest.mark.parametrize("padded", [False, True])
@pytest.mark.parametrize("affine", [False, True])
def test_batch_norm_is_torchs_over_the_valid_steps(padded: bool, affine: bool) -> None:
    module = built(BatchNorm(momentum=0.3, affine=affine))
    theirs = nn.BatchNorm1d(5, momentum=0.3, affine=affine).double()
    if affine:
        theirs.weight.data.copy_(module.learned.scale.data)
        theirs.bias.data.copy_(module.learned.shift.data)
    lengths = LENGTHS if padded else None
    valid = torch.arange(7) < (LENGTHS if padded else torch.full((4,), 7))[:, None]
    for _ in range(3):
        x = (3 + 2 * torch.randn(4, 7, 5, dtype=torch.float64)).requires_grad_()
        results = []
        for y in (module(x, lengths)[0][valid], theirs(x[valid])):
            results.append([y, *torch.autograd.grad(y.pow(3).sum(), x)])
        for one, other in zip(*results, strict=True):
            torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-10)
    assert_same(module.mean, theirs.running_mean)
    assert_same(module.variance, theirs.running_var)
    module.eval()
    theirs.eval()
    assert_same(module(x, lengths)[0][valid], theirs(x[valid]))


def test_batch_norm_learns_nothing_in_evaluation_and_takes_a_single_step() -> None:
    module = BatchNorm().build(Flow(2))
    module(torch.tensor([[[1.0, 5.0]]]), None)
    assert module.mean.tolist() == pytest.approx([0.1, 0.5])
    assert torch.isfinite(module.variance).all()
    before = module.eval().mean.clone()
    module(torch.randn(3, 4, 2), None)
    assert torch.equal(module.mean, before)


def test_instance_norm_is_torchs_for_each_sequence_alone() -> None:
    module, x = built(InstanceNorm(epsilon=1e-3)), 3 + 2 * torch.randn(4, 7, 5, dtype=torch.float64)
    theirs = nn.InstanceNorm1d(5, eps=1e-3, affine=True).double()
    theirs.weight.data.copy_(module.learned.scale.data)
    theirs.bias.data.copy_(module.learned.shift.data)
    together, _ = module(x, LENGTHS)
    for number, length in enumerate(LENGTHS.tolist()):
        if length > 1:
            alone = theirs(x[number : number + 1, :length].transpose(1, 2)).transpose(1, 2)
            assert_same(together[number, :length], alone[0])
    assert_same(together[1, :1], module.learned.shift.expand(1, 5))  # a single step is its own mean


def test_running_statistics_are_part_of_what_is_saved() -> None:
    stack = Stack((BatchNorm(), LayerNorm(affine=False)), Flow(2))
    stack(torch.randn(3, 4, 2), None)
    assert set(stack.state_dict()) == {
        "0.mean", "0.variance", "0.learned.scale", "0.learned.shift",
    }  # fmt: skip
    fresh = Stack((BatchNorm(), LayerNorm(affine=False)), Flow(2))
    fresh.load_state_dict(stack.state_dict())
    x = torch.randn(2, 3, 2)
    assert torch.equal(fresh.eval()(x, None)[0], stack.eval()(x, None)[0])


@pytest.mark.parametrize("section", [BatchNorm(), InstanceNorm()], ids=["batch", "instance"])
def test_means_over_many_steps_are_not_taken_in_half_precision(section: Any) -> None:
    """float16 ends at 65,504: neither so many steps nor their sum has a number there."""
    x = 30 + torch.randn(1, 70_000, 2)
    module = section.build(Flow(2))
    torch.testing.assert_close(module(x.half())[0].float(), module(x)[0], rtol=0, atol=0.03)
