"""The dense layer against NumPy, its activations, and how it starts."""

import math

import numpy as np
import pytest
import torch

from rnnlib.activations import Activation
from rnnlib.layer import Flow
from rnnlib.layers import Dense
from tests.rnnlib.layers.test_activations import BY_HAND


@pytest.mark.parametrize("activation", BY_HAND)
def test_it_is_its_equation(activation: Activation) -> None:
    module = Dense(units=4, activation=activation).build(Flow(3)).double()
    torch.nn.init.normal_(module.affine.bias)
    x = torch.randn(2, 5, 3, dtype=torch.float64)
    weight, bias = (parameter.detach().numpy() for parameter in (module.affine.weight, module.affine.bias))
    expected = BY_HAND[activation](x.numpy() @ weight.T + bias)
    np.testing.assert_allclose(module(x)[0].detach(), expected, rtol=0, atol=1e-12)


def test_it_starts_glorot_uniform_with_no_bias() -> None:
    torch.manual_seed(0)
    affine, limit = Dense(units=60).build(Flow(40)).affine, math.sqrt(6 / 100)
    assert 0.99 * limit < affine.weight.abs().max() <= limit
    assert affine.weight.var().item() == pytest.approx(limit**2 / 3, rel=0.05)
    assert not affine.bias.any()


def test_it_starts_as_it_is_told() -> None:
    torch.manual_seed(0)
    affine = Dense(units=60, initialisation={"kind": "constant", "value": 0.25}).build(Flow(40)).affine
    assert (affine.weight == 0.25).all()
    assert not affine.bias.any()
