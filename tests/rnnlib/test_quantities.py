"""Durations and percentages: what is read, what is refused, and that they print as written."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from rnnlib.quantities import Duration, Percent

durations, percents = TypeAdapter(Duration), TypeAdapter(Percent)


@given(st.integers(1, 10**8), st.sampled_from(["s", "m", "h", "d", "w", "mo", "y"]))
def test_a_duration_prints_as_it_was_written(count, unit):
    duration = durations.validate_json(f'"{count}{unit}"', strict=True)
    assert (duration.count, duration.unit) == (count, unit)
    assert durations.dump_json(duration) == f'"{count}{unit}"'.encode()


def test_fixed_durations_have_a_length_and_calendar_ones_have_none():
    assert Duration.read("28d").timedelta() == timedelta(days=28)
    assert Duration.read("15m").timedelta() == timedelta(minutes=15)
    with pytest.raises(ValueError, match="counted on a calendar"):
        Duration.read("1mo").timedelta()


@pytest.mark.parametrize("wrong", ['"28"', '"d"', '"0d"', '"-3d"', '"1.5d"', '"3 d"', "28", '"3x"', '"28d "'])
def test_what_is_no_duration(wrong):
    with pytest.raises(ValidationError, match="expected a duration such as `28d`, received"):
        durations.validate_json(wrong)


def test_a_percentage_is_a_share():
    assert percents.validate_python("5%").value == 0.05
    assert percents.validate_python("0.5%").value == pytest.approx(0.005)
    for wrong in ("5", "%", "5 %", 5):
        with pytest.raises(ValidationError, match="expected a percentage such as `5%`"):
            percents.validate_python(wrong)
