import math

import pytest
import torch
from torch import nn

from rnnlib.training.clipping import clip_gradients, gradient_norm


def model_with(*gradients: list[float]) -> nn.Module:
    model = nn.Module()
    for number, gradient in enumerate(gradients):
        weight = nn.Parameter(torch.zeros(len(gradient)))
        weight.grad = torch.tensor(gradient)
        model.register_parameter(f"w{number}", weight)
    model.register_parameter("unused", nn.Parameter(torch.zeros(2)))
    return model


def gradients(model: nn.Module) -> list[list[float]]:
    return [weight.grad.tolist() for weight in model.parameters() if weight.grad is not None]


def test_the_norm_is_over_all_weights_together() -> None:
    assert float(gradient_norm(model_with([3.0, 0.0], [4.0]))) == pytest.approx(5.0)
    assert float(gradient_norm(nn.Module())) == 0.0


def test_a_long_gradient_is_shortened_to_the_limit() -> None:
    model = model_with([3.0, 0.0], [4.0])
    clip_gradients(model, gradient_norm(model), 1.0)
    # 3/5 and 4/5, but for the 1e-6 of the denominator
    torch.testing.assert_close(gradients(model), [[0.6, 0.0], [0.8]], atol=1e-6, rtol=0)
    assert float(gradient_norm(model)) == pytest.approx(1.0, abs=1e-6)


def test_a_short_gradient_stays_as_it_is() -> None:
    model = model_with([0.3, 0.0], [0.4])
    clip_gradients(model, gradient_norm(model), 1.0)
    assert gradients(model) == gradients(model_with([0.3, 0.0], [0.4]))


def test_nan_is_seen_in_the_norm() -> None:
    assert math.isnan(float(gradient_norm(model_with([math.nan, 1.0], [4.0]))))
