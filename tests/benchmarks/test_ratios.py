"""Rounds are compared in pairs, and what a table says of a goal is what the numbers say."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.ratios import Ratio, quantile, ratio, verdict

RATES = st.lists(st.tuples(st.floats(1, 1e6), st.floats(1, 1e6)), min_size=1, max_size=9)


def test_a_ratio_is_taken_round_by_round():
    # the second round was slow for both: the ratio does not see it
    assert ratio([20.0, 2.0, 30.0], [10.0, 1.0, 10.0]) == Ratio(2.0, 2.0, 2.5)
    assert str(Ratio(2.0, 1.5, 2.504)) == "2.00 (1.50–2.50)"


@given(RATES)
def test_the_middle_lies_within_the_spread_and_turns_over(pairs):
    mine, other = zip(*pairs, strict=True)
    found, turned = ratio(mine, other), ratio(other, mine)
    assert found.low <= found.middle <= found.high
    if len(pairs) % 2:
        assert math.isclose(found.middle * turned.middle, 1, rel_tol=1e-9)


def test_unpaired_rounds_are_refused():
    with pytest.raises(ValueError, match="in pairs: received 1 and 2"):
        ratio([1.0], [1.0, 2.0])


def test_a_quantile_lies_on_the_line_between_its_neighbours():
    assert [quantile([4.0, 1.0, 3.0, 2.0], share) for share in (0, 0.5, 1)] == [1.0, 2.5, 4.0]
    assert quantile([7.0], 0.99) == 7.0


def test_a_verdict_says_by_how_much_a_goal_was_missed():
    assert verdict(1.6, 1.6) == "reached"
    assert verdict(1.2, 1.6) == "missed by 25 %"
