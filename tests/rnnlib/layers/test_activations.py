"""Every activation against SciPy, its slope from the output against autograd, and the layer that applies one."""

import math
from typing import get_args

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from scipy.special import erf, expit
from scipy.special import softmax as soft

from rnnlib.activations import ACTIVATIONS, AT_ZERO, SLOPES, Activation
from rnnlib.layer import Flow
from rnnlib.layers import Activate

BY_HAND = {
    "linear": lambda a: a,
    "relu": lambda a: np.maximum(a, 0),
    "leaky_relu": lambda a: np.where(a > 0, a, 0.01 * a),
    "elu": lambda a: np.where(a > 0, a, np.expm1(a)),
    "tanh": np.tanh,
    "sigmoid": expit,
    "softmax": lambda a: soft(a, axis=-1),
    "gelu": lambda a: a * (1 + erf(a / math.sqrt(2))) / 2,
    "silu": lambda a: a * expit(a),
    "softplus": lambda a: np.log1p(np.exp(a)),
    "hard_sigmoid": lambda a: np.clip(a / 6 + 0.5, 0, 1),
    "hard_tanh": lambda a: np.clip(a, -1, 1),
    "hard_silu": lambda a: a * np.clip(a / 6 + 0.5, 0, 1),
}


def test_every_activation_has_a_name_and_an_oracle() -> None:
    assert set(get_args(Activation)) == set(ACTIVATIONS) == set(BY_HAND)


@pytest.mark.parametrize("name", BY_HAND)
def test_it_is_its_equation(name: Activation) -> None:
    a = torch.linspace(-8, 8, 402, dtype=torch.float64).view(6, 67)
    np.testing.assert_allclose(ACTIVATIONS[name](a), BY_HAND[name](a.numpy()), rtol=0, atol=1e-12)
    module = Activate(function=name).build(Flow(67))
    assert torch.equal(module(a[None], None)[0], ACTIVATIONS[name](a)[None])


@pytest.mark.parametrize("name", SLOPES)
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_the_slope_can_be_told_from_the_output(name: Activation, dtype: torch.dtype) -> None:
    a = torch.linspace(-7.9, 7.9, 400, dtype=dtype, requires_grad=True)
    y = ACTIVATIONS[name](a)
    (slope,) = torch.autograd.grad(y.sum(), a)
    told = SLOPES[name](y.detach())
    assert told.dtype == dtype
    torch.testing.assert_close(told, slope, rtol=0, atol=1e-12 if dtype == torch.float64 else 1e-5)


@pytest.mark.parametrize("name", sorted(set(ACTIVATIONS) - set(SLOPES)))
def test_where_it_cannot_two_inputs_give_one_output_or_values_are_mixed(name: Activation) -> None:
    a = torch.linspace(-3.5, -0.01, 3000, dtype=torch.float64)
    y = ACTIVATIONS[name](a)
    assert name == "softmax" or (y.diff() < 0).any() & (y.diff() > 0).any()


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_those_that_keep_zero_are_listed(name: Activation) -> None:
    assert (name in AT_ZERO) == (not ACTIVATIONS[name](torch.zeros(3)).any())


def test_a_slope_of_its_own_is_for_leaky_relu() -> None:
    x = torch.tensor([[[-2.0, 3.0]]])
    assert Activate(function="leaky_relu", slope=0.5).build(Flow(2))(x, None)[0].tolist() == [[[-1.0, 3.0]]]
    with pytest.raises(ValidationError, match=r"slope is that of leaky_relu below 0: received 0\.5 with relu"):
        Activate(function="relu", slope=0.5)
