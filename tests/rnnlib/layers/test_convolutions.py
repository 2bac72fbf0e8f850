"""Convolutions against torch's own, with other weights, and against sums written by hand."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from pydantic import TypeAdapter, ValidationError
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import weight_norm

from rnnlib.errors import ModelError
from rnnlib.layer import Flow
from rnnlib.layers import TCN, AnyLayer, Conv1d, Frames

CASES = [
    (kernel, stride, dilation, padding)
    for kernel in (1, 2, 3, 4)
    for stride, dilation in ((1, 1), (2, 1), (3, 2), (1, 3))
    for padding in ("valid", "same", "causal")
]


def built(section: Any, width: int) -> nn.Module:
    torch.manual_seed(2)
    module = section.build(Flow(width)).double()
    for name, parameter in module.named_parameters():
        if "bias" in name:
            nn.init.normal_(parameter)
    return module


@pytest.mark.parametrize(("kernel", "stride", "dilation", "padding"), CASES)
def test_conv1d_is_its_equation(kernel: int, stride: int, dilation: int, padding: Any) -> None:
    section = Conv1d(filters=4, kernel=kernel, stride=stride, dilation=dilation, padding=padding)
    module, x = built(section, 3), torch.randn(2, 13, 3, dtype=torch.float64)
    found = module(x, None)[0].detach().numpy()
    weights, bias = module.filters.kernel.detach().numpy(), module.filters.bias.detach().numpy()
    reach = dilation * (kernel - 1)
    left = {"valid": 0, "same": reach // 2, "causal": reach}[padding]
    wanted = math.ceil(13 / stride) if padding != "valid" else (13 - reach - 1) // stride + 1
    assert found.shape[1] == wanted == section.after(Flow(3, 13)).steps
    for t in range(wanted):
        expected = np.tile(bias, (2, 1))
        for k in range(kernel):
            source = t * stride + k * dilation - left
            if 0 <= source < 13:
                expected += x[:, source].numpy() @ weights[:, :, k].T
        np.testing.assert_allclose(found[:, t], expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("groups", [1, 2, 4])
def test_conv1d_is_torchs_with_its_gradients(groups: int) -> None:
    module = built(Conv1d(filters=8, kernel=3, dilation=2, groups=groups, activation="tanh"), 4)
    theirs = nn.Conv1d(4, 8, 3, dilation=2, groups=groups, padding="same").double()
    theirs.load_state_dict({"weight": module.filters.kernel, "bias": module.filters.bias})
    x = torch.randn(3, 9, 4, dtype=torch.float64, requires_grad=True)
    results = []
    for y, weights in (
        (module(x, None)[0], list(module.parameters())),
        (torch.tanh(theirs(x.transpose(1, 2))).transpose(1, 2), list(theirs.parameters())),
    ):
        results.append([y, *torch.autograd.grad(y.square().sum(), [x, *weights])])
    for one, other in zip(*results, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-12)


@pytest.mark.parametrize("padding", ["valid", "same", "causal"])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_each_sequence_keeps_the_length_that_it_has_alone(padding: Any, stride: int) -> None:
    module = built(Conv1d(filters=4, kernel=3, stride=stride, dilation=2, padding=padding), 3)
    x, lengths = torch.randn(4, 12, 3, dtype=torch.float64), torch.tensor([12, 5, 8, 7])
    together, after = module(x, lengths)
    for number, length in enumerate(lengths.tolist()):
        alone, _ = module(x[number : number + 1, :length], None)
        assert alone.shape[1] == after[number]
        torch.testing.assert_close(together[number, : after[number]], alone[0], rtol=0, atol=1e-12)


def test_a_sequence_that_no_kernel_fits_into_is_refused() -> None:
    section = Conv1d(filters=4, kernel=3, dilation=2, padding="valid")
    with pytest.raises(ModelError, match="reads 5 steps: received a sequence of 4 without padding") as caught:
        section.after(Flow(3, 4))
    assert caught.value.at == ("kernel",)
    with pytest.raises(ModelError, match="received a sequence of 2"):
        section.build(Flow(3))(torch.randn(2, 6, 3), torch.tensor([6, 2]))


def test_groups_divide_inputs_and_filters() -> None:
    with pytest.raises(ValueError, match="received 6; use a multiple of 4"):
        Conv1d(filters=6, kernel=3, groups=4)
    with pytest.raises(ModelError, match="received 6 inputs; use groups that divide them") as caught:
        Conv1d(filters=8, kernel=3, groups=4).after(Flow(6))
    assert caught.value.at == ("groups",)


def published(x: Tensor, block: nn.Module, normalised: bool, dilation: int) -> Tensor:
    """The block of Bai et al. as its authors wrote it: convolve, cut off the end ("chomp"), relu, twice; then add."""
    z = x.transpose(1, 2)
    for one in (block.first, block.second):
        theirs = nn.Conv1d(one.inputs, 4, 3, padding=2 * dilation, dilation=dilation).double()
        with torch.no_grad():
            theirs.bias.copy_(one.bias)
            if normalised:
                theirs = weight_norm(theirs, dim=0)
                theirs.parametrizations.weight.original0.copy_(one.length)
                theirs.parametrizations.weight.original1.copy_(one.direction)
            else:
                theirs.weight.copy_(one.kernel)
        z = torch.relu(theirs(z)[..., : -2 * dilation])
    around = x if x.shape[2] == 4 else F.linear(x, block.around.weight, block.around.bias)
    return torch.relu(z.transpose(1, 2) + around)


@pytest.mark.parametrize("normalised", [True, False])
@pytest.mark.parametrize(("width", "blocks", "dilation"), [(3, 1, 1), (4, 1, 2), (3, 3, 1)])
def test_tcn_is_the_published_block(normalised: bool, width: int, blocks: int, dilation: int) -> None:
    module = built(TCN(filters=4, blocks=blocks, dilation=dilation, weight_normalisation=normalised), width)
    for name, parameter in module.named_parameters():
        if "length" in name:
            nn.init.uniform_(parameter, 0.5, 2)
    x = torch.randn(2, 20, width, dtype=torch.float64)
    expected = x
    for place, block in enumerate(module):
        expected = published(expected, block, normalised, dilation * 2**place)
    torch.testing.assert_close(module(x, None)[0], expected, rtol=0, atol=1e-12)


def test_weight_normalisation_starts_as_plain_filters() -> None:
    x = torch.randn(2, 9, 3, dtype=torch.float64)
    plain, normalised = (built(TCN(filters=4, weight_normalisation=kind), 3) for kind in (False, True))
    with torch.no_grad():
        for one, other in ((plain[0].first, normalised[0].first), (plain[0].second, normalised[0].second)):
            other.bias.copy_(one.bias)
            torch.testing.assert_close(other.weights(), other.direction)
            other.direction.copy_(one.kernel)
            other.length.copy_(one.kernel.flatten(1).norm(dim=1)[:, None, None])
        normalised[0].around.load_state_dict(plain[0].around.state_dict())
    torch.testing.assert_close(normalised(x, None)[0], plain(x, None)[0], rtol=0, atol=1e-12)


@pytest.mark.parametrize("blocks", [1, 2, 3])
def test_a_step_of_a_tcn_sees_as_many_steps_as_said(blocks: int) -> None:
    module = TCN(filters=4, kernel=3, blocks=blocks, activation="tanh").build(Flow(2))
    x = torch.randn(1, 60, 2, requires_grad=True)
    module(x, None)[0][0, -1].sum().backward()
    assert int(x.grad.abs().sum(dim=(0, 2)).count_nonzero()) == 1 + 2 * 2 * (2**blocks - 1)


@pytest.mark.parametrize(("height", "width", "pool"), [(6, 4, "all"), (5, 7, "all"), (5, 3, "mean")])
def test_frames_are_read_as_torch_reads_pictures(height: int, width: int, pool: Any) -> None:
    section = Frames(height=height, width=width, channels=2, filters=(3, 4), pool=pool)
    module, frames = built(section, height * width * 2), torch.randn(2, 3, height, width, 2, dtype=torch.float64)
    y, _ = module(frames.flatten(2), None)
    assert y.shape == (2, 3, section.after(Flow(height * width * 2)).width)
    for t in range(3):
        z = frames[:, t].permute(0, 3, 1, 2)
        for block in module.blocks:
            z = torch.relu(F.conv2d(z, block.weight, block.bias, stride=2, padding=1))
        expected = z.flatten(1) if pool == "all" else z.mean(dim=(2, 3))
        torch.testing.assert_close(y[:, t], expected, rtol=0, atol=1e-12)


def test_frames_of_another_size_are_refused() -> None:
    with pytest.raises(ModelError, match="of 6 × 4 pixels of 2 have 48 values a step: received 24") as caught:
        Frames(height=6, width=4, channels=2).after(Flow(24))
    assert caught.value.at == ("height",)


@pytest.mark.parametrize("flat", [{"kind": "zeros"}, {"kind": "constant", "value": 0}])
def test_filters_that_are_a_length_and_a_direction_do_not_start_at_zero(flat: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="one that is 0 has no direction"):
        TCN(filters=2, initialisation=flat)
    TCN(filters=2, initialisation=flat, weight_normalisation=False)


@pytest.mark.parametrize("layer", [{"kind": "conv1d", "kernel": 3}, {"kind": "tcn"}])
def test_filters_have_no_identity(layer: dict[str, Any]) -> None:
    section = {"filters": 2, "initialisation": {"kind": "identity"}, **layer}
    with pytest.raises(ValidationError, match="does not match any of the expected tags"):
        TypeAdapter(AnyLayer).validate_python(section)
