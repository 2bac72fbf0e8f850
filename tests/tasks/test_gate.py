"""The gate lets through what is better, and nothing else."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.registry.gate import Bar, Evidence, decide

BETTER = Evidence(
    "mase", False, False, 0.8, 52, 10, 0.01, (Bar("the champion (version 3)", 0.9), Bar("seasonal_naive", 1.1))
)


def test_what_beats_every_bar_is_promoted_and_the_sentence_says_so() -> None:
    decision = decide(BETTER)
    assert decision.promote
    assert decision.reason == (
        "mase 0.8 beats the champion (version 3) (0.9) and seasonal_naive (1.1) by at least 1%, on 52 test cases"
    )


@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf, 1.797e308, -1.797e308, None])
def test_a_score_that_is_no_number_is_refused_whosever_it_is(odd: float | None) -> None:
    assert "is no score" in decide(replace(BETTER, score=odd)).reason
    assert not decide(replace(BETTER, score=odd)).promote
    worse = replace(BETTER, bars=(*BETTER.bars, Bar("naive", odd)))
    assert not decide(worse).promote
    assert decide(worse).reason.startswith("naive is to be beaten, and its mase is")
    higher = replace(worse, higher_is_better=True, stated=True, score=2.0)
    assert not decide(higher).promote


def test_too_few_test_cases_are_refused() -> None:
    assert not decide(replace(BETTER, cases=9)).promote
    assert decide(replace(BETTER, cases=9)).reason == "a promotion rests on at least 10 test cases, and there are 9"
    assert decide(replace(BETTER, cases=10)).promote


def test_scores_that_have_the_direction_wrong_are_refused() -> None:
    decision = decide(replace(BETTER, stated=True))
    assert not decision.promote
    assert decision.reason == "the scores have the direction of mase wrong: score the model again"


def test_without_a_bar_nothing_is_promoted() -> None:
    assert decide(replace(BETTER, bars=())).reason.startswith("there is nothing to beat")
    assert not decide(replace(BETTER, bars=())).promote


def test_a_champion_that_cannot_be_compared_is_a_refusal() -> None:
    decision = decide(replace(BETTER, bars=(Bar("the champion (version 3)", None, "its bundle is damaged"),)))
    assert not decision.promote
    assert decision.reason == ("the champion (version 3) is to be beaten and cannot be compared: its bundle is damaged")


@pytest.mark.parametrize(
    ("higher", "score", "bar", "by", "promoted"),
    [
        (False, 0.99, 1.0, 0.01, True),
        (False, 0.991, 1.0, 0.01, False),
        (True, 0.91, 0.9, 0.01, True),
        (True, 0.908, 0.9, 0.01, False),
        (False, 1.0, 1.0, 0.0, False),
        (True, 1.0, 1.0, 0.0, False),
        (False, 1.1, 1.0, 0.0, False),
        (False, 0.0, 0.0, 0.05, False),
        (False, -1.0, 0.0, 0.05, True),
        (False, -1.1, -1.0, 0.05, True),
        (False, -1.01, -1.0, 0.05, False),
        (True, 0.8, 0.9, 0.0, False),
    ],
)
def test_the_margin_is_a_share_of_the_bar_in_the_metrics_direction(
    higher: bool, score: float, bar: float, by: float, promoted: bool
) -> None:
    evidence = Evidence("metric", higher, higher, score, 52, 10, by, (Bar("a", bar),))
    assert decide(evidence).promote is promoted


SCORES = st.floats(-1e6, 1e6)


@given(SCORES, st.lists(SCORES, min_size=1, max_size=4), st.booleans(), st.floats(0, 1))
def test_a_promoted_version_is_strictly_better_than_every_bar(
    score: float, bars: list[float], higher: bool, by: float
) -> None:
    evidence = Evidence(
        "m", higher, higher, score, 52, 10, by, tuple(Bar(str(number), bar) for number, bar in enumerate(bars))
    )
    if decide(evidence).promote:
        assert all(score > bar if higher else score < bar for bar in bars)
        assert not decide(replace(evidence, higher_is_better=not higher, stated=None)).promote


def test_equal_models_pass_seldom_and_better_ones_often_where_a_margin_is_asked() -> None:
    draw = np.random.default_rng(0)
    noise = draw.normal(0, 0.01, (2, 1000))  # the spread of the mean error over a large test part

    def share(gain: float) -> float:
        made = (
            decide(
                Evidence("mae", False, False, 1 - gain + new, 500, 10, 0.03, (Bar("the champion", 1 + old),))
            ).promote
            for new, old in noise.T
        )
        return sum(made) / 1000

    assert share(0.0) < 0.05
    assert share(0.07) > 0.95
