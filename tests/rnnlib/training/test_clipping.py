import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from rnnlib.training.clipping import AnyClip, Clip, length


def clipped(clip: Clip, *values: float) -> list[float]:
    gradient = torch.tensor(values, dtype=torch.float64)
    clip(gradient, length(gradient))
    return gradient.tolist()


def test_the_length_is_that_of_a_vector() -> None:
    assert float(length(torch.tensor([3.0, 0.0, 4.0]))) == pytest.approx(5.0)
    assert float(length(torch.zeros(0))) == 0.0
    assert math.isnan(float(length(torch.tensor([math.nan, 1.0]))))


def test_a_long_gradient_is_shortened_to_the_limit() -> None:
    # 3/5 and 4/5, but for the 1e-6 of the denominator
    assert clipped(Clip(norm=1.0), 3.0, 0.0, 4.0) == pytest.approx([0.6, 0.0, 0.8], abs=1e-6)


def test_a_short_gradient_stays_as_it_is() -> None:
    assert clipped(Clip(norm=1.0), 0.3, 0.0, 0.4) == [0.3, 0.0, 0.4]


def test_values_are_bounded_and_then_the_length() -> None:
    assert clipped(Clip(value=0.5), 3.0, -0.1, -4.0) == [0.5, -0.1, -0.5]
    assert clipped(Clip(value=3.0, norm=1.0), 3.0, 0.0, 9.0) == pytest.approx([0.5**0.5, 0, 0.5**0.5], abs=1e-6)


@given(values=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20), limit=st.floats(1e-3, 1e3))
def test_it_equals_torchs_own(values: list[float], limit: float) -> None:
    by_norm, by_value = (torch.nn.Parameter(torch.zeros(len(values), dtype=torch.float64)) for _ in range(2))
    by_norm.grad, by_value.grad = (torch.tensor(values, dtype=torch.float64) for _ in range(2))
    torch.nn.utils.clip_grad_norm_([by_norm], limit)
    torch.nn.utils.clip_grad_value_([by_value], limit)
    assert clipped(Clip(norm=limit), *values) == by_norm.grad.tolist()
    assert clipped(Clip(value=limit), *values) == by_value.grad.tolist()


def test_a_number_is_the_greatest_norm() -> None:
    assert TypeAdapter(AnyClip).validate_python(1.0) == Clip(norm=1.0)
    assert TypeAdapter(AnyClip).validate_python({"value": 0.5}) == Clip(value=0.5)


@pytest.mark.parametrize("wrong", [{}, 0, -1.0, {"norm": 0}, {"value": -1}, {"norm": math.inf}, True, "1"])
def test_what_clips_nothing_is_refused(wrong: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(AnyClip).validate_python(wrong)
