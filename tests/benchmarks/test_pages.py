"""The pages are made of records alone: what is there is shown, and what is not says why."""

import pytest

from benchmarks.contestants import GOALS, JAX, OURS, OURS_LOWER, PYTORCH
from benchmarks.qualities import QUALITIES, baselines, score
from benchmarks.quality import quality_table
from benchmarks.report import speed_page
from benchmarks.workloads import WORKLOADS

MACHINE = {"processor": "a processor", "load before": "0.10"}


def trained(contestant, rates, losses=(0.5, 0.25), **more):
    return {
        "contest": "lstm-128",
        "threads": 1,
        "contestant": contestant,
        "rates": rates,
        "processor_rates": [2 * rate if contestant == OURS else 1.5 * rate for rate in rates],
        "losses": list(losses),
        "megabytes": [200.0, 300.0] if rates else None,
        "answer": {},
        "profile": [],
        "reason": None,
        "machine": MACHINE,
        "when": "2026-01-01T00:00+00:00",
        **more,
    }


def test_a_speed_page_holds_ratios_goals_reasons_and_profiles():
    page = speed_page(
        [
            trained(PYTORCH, [100.0, 110.0, 90.0]),
            trained(OURS, [150.0, 165.0, 135.0], (0.5, 0.2501), profile=[["aten::mm", 0.5, 10]]),
            trained(JAX, [], (), reason="could not be installed: no wheel"),
        ]
    )
    assert f"| {OURS} | 150.0 | 1.50 (1.50–1.50) | 2.00 |" in page
    assert f"| {JAX} | not measured: could not be installed: no wheel |" in page
    assert "| lstm-128 | rnnlib | 1.6 × PyTorch nn + DataLoader | 1.50 (1.50–1.50) | missed by 6 % |" in page
    assert "| lstm-128 | rnnlib, bfloat16 | 2.8 × PyTorch nn + DataLoader | – | not measured |" in page
    assert "| aten::mm | 50 % | 10 |" in page
    assert "4e-04" in page  # how far the losses lie apart


def test_every_goal_is_of_contestants_that_run():
    for goal in GOALS:
        assert goal.contestant in (OURS, OURS_LOWER)
        assert goal.contest in {*WORKLOADS, "windows", "windows-panel", "streaming", "load-csv"}


def test_a_workload_is_the_same_every_time():
    for workload in WORKLOADS.values():
        inputs, labels = workload.data(1)
        again, _ = workload.data(1)
        assert (inputs == again).all()
        assert inputs.shape == (workload.batch, workload.steps, workload.features)
        assert labels.shape == (workload.batch,)
        assert len(workload.weights()) == workload.layers


def test_qualities_show_mean_and_spread_over_seeds_and_what_is_missing():
    ett = next(quality for quality in QUALITIES if quality.spec == "etth1-336")
    scores = {"parts": {"test": {"model": {"rmse": 0.6}, "baselines": {"naive": {"rmse": 1.1}}}}}
    assert score(scores, ett) == pytest.approx(0.36)
    assert baselines(scores, ett) == pytest.approx({"naive": 1.21})
    with pytest.raises(KeyError, match="metrics are mae, not mse"):
        score({"parts": {"test": {"model": {"mae": 0.6}, "baselines": {}}}}, ett)
    common = {"spec": "etth1-336", "when": "2026-01-01T00:00", "baselines": {"naive": 1.21}, "seconds": 120}
    page = quality_table(
        [
            {**common, "seed": 1, "score": 0.36},
            {**common, "seed": 2, "score": 0.38},
            {"spec": "m4-hourly", "seed": 1, "when": "2026-01-01T00:00", "reason": "no memory"},
        ]
    )
    assert "| 0.3700 ± 0.014 | 2 | ≤ 0.375 | reached | naive 1.21 |" in page
    assert "| 2.0 | 2026-01-01 |" in page
    assert "no memory" in page
    assert "not run yet" in page
