"""Scores of whole parts, against loops written by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from rnnlib.data.dataset import PartOf
from rnnlib.errors import DataError, ModelError, Refused
from rnnlib.metrics.metric import ModelKind
from rnnlib.metrics.scoring import (
    SCORED,
    metric_units,
    score_model,
    score_part,
)
from rnnlib.metrics.table import fitting
from tests.rnnlib.metrics.samples import CONTEXT, HORIZON, Guesses, a_bit_high, labelled, series

FORECASTER = Guesses("forecaster", a_bit_high)
ALL = ("mase", "mae", "rmse", "smape")


def windows_by_hand(data, part):
    """(sequence, first row of the horizon) of every window whose whole horizon lies in `part`."""
    for sequence, (first, end) in enumerate(zip(data.offsets[:-1], data.offsets[1:], strict=True)):
        for start in range(first + CONTEXT, end - HORIZON + 1):
            if (data.part[start : start + HORIZON] == part).all():
                yield sequence, start


@pytest.mark.parametrize("missing", [0.0, 0.2])
@pytest.mark.parametrize("part", [PartOf.validation, PartOf.test])
def test_every_window_of_a_part_counts_and_only_what_was_observed(part, missing) -> None:
    data = series(missing=missing)
    errors, cases = [], 0
    for _, start in windows_by_hand(data, part):
        forecast = a_bit_high(data, np.array([start]))[0]
        seen = data.observed[start : start + HORIZON, :1]
        errors += list(abs(forecast - data.raw[start : start + HORIZON, :1])[seen])
        cases += seen.any()
    found = score_part(FORECASTER, data, part, ("mae", "rmse"), season=4, units="data")
    assert found.cases == cases > 10
    assert found.model["mae"] == pytest.approx(np.mean(errors), rel=1e-12)
    assert found.model["rmse"] == pytest.approx(np.sqrt(np.mean(np.square(errors))), rel=1e-12)
    assert score_model(FORECASTER, data, part, ("mae", "rmse"), season=4, units="data") == found.model
    assert list(found.baselines) == ["naive", "seasonal_naive", "drift"]


def test_what_was_filled_in_is_no_truth_and_no_known_value() -> None:
    data = series(missing=0.2)
    filled = replace(data, raw=np.nan_to_num(data.raw, nan=1e6))
    model = Guesses("forecaster", lambda _, starts: np.full((len(starts), HORIZON, 1), 20.0))
    before, after = (score_part(model, one, PartOf.test, ALL, season=4, units="data") for one in (data, filled))
    assert before.model == after.model
    assert before.baselines == after.baselines


def test_mase_is_scaled_by_the_train_rows_of_each_series() -> None:
    data, season = series(missing=0.1), 6
    scales = []
    for first, end in zip(data.offsets[:-1], data.offsets[1:], strict=True):
        values = np.where(data.part[first:end] == PartOf.train, data.raw[first:end, 0], np.nan)
        scales.append(np.nanmean(abs(values[season:] - values[:-season])))
    errors = []
    for sequence, start in windows_by_hand(data, PartOf.test):
        miss = abs(a_bit_high(data, np.array([start]))[0, :, 0] - data.raw[start : start + HORIZON, 0])
        errors += list(miss[data.observed[start : start + HORIZON, 0]] / scales[sequence])
    found = score_model(FORECASTER, data, PartOf.test, ("mase",), season=season, units="data")
    assert found["mase"] == pytest.approx(np.mean(errors), rel=1e-12)


def test_a_perfect_forecast_scores_zero_and_naive_equals_the_last_value() -> None:
    data = series()
    perfect = Guesses("forecaster", lambda data, starts: data.raw[starts[:, None] + np.arange(HORIZON)][..., :1])
    found = score_part(perfect, data, PartOf.test, ALL, season=6, units="data")
    assert set(found.model.values()) == {0.0}
    last = Guesses("forecaster", lambda data, starts: np.repeat(data.raw[starts - 1, None, :1], HORIZON, axis=1))
    again = score_part(last, data, PartOf.test, ALL, season=6, units="data")
    assert again.model == again.baselines["naive"]


def test_normalized_scores_are_on_the_scale_of_the_transforms() -> None:
    data = series(normalized=True)
    deviation = data.raw[data.part == PartOf.train, 0].std()
    names = ("mase", "mae", "rmse")
    plain, scaled = (
        score_part(FORECASTER, data, PartOf.test, names, season=6, units=u) for u in ("data", "normalized")
    )
    for by in ("model", "naive", "seasonal_naive", "drift"):
        one, other = (found.model if by == "model" else found.baselines[by] for found in (plain, scaled))
        assert other["mae"] == pytest.approx(one["mae"] / deviation, rel=1e-9)
        assert other["rmse"] == pytest.approx(one["rmse"] / deviation, rel=1e-9)
        assert other["mase"] == pytest.approx(one["mase"], rel=1e-9)
    assert metric_units(FORECASTER, data, names, "normalized") == {
        "mase": "",
        "mae": "normalized",
        "rmse": "normalized",
    }
    assert plain.predictions.equals(scaled.predictions)
    with pytest.raises(Refused, match="needs a `normalize` step that has a transform of `target`") as caught:
        score_part(FORECASTER, series(), PartOf.test, names, season=6, units="normalized")
    assert caught.value.at == ("units",)


def test_units_are_named() -> None:
    assert metric_units(FORECASTER, series(), ALL, "data") == {"mase": "", "mae": "kW", "rmse": "kW", "smape": "%"}
    assert metric_units(FORECASTER, series(), ("mse",), "data") == {"mse": "kW squared"}
    assert metric_units(FORECASTER, series(targets=2), ("mae",), "data") == {"mae": "kW and MW"}
    assert metric_units(Guesses("regressor", a_bit_high), labelled([1.0], [PartOf.test]), ("mae",), "data") == {
        "mae": "unit of what"
    }
    assert metric_units(Guesses("classifier", a_bit_high), series(), ("accuracy",), "data") == {"accuracy": ""}


def test_scores_by_step_target_and_series_are_those_of_the_predictions() -> None:
    data = series(missing=0.1, targets=2)
    found = score_part(FORECASTER, data, PartOf.test, ("mae",), season=6, units="data")
    lines = found.predictions.with_columns(error=(pl.col("forecast") - pl.col("truth")).abs())
    assert lines.height == found.cases * HORIZON * 2
    assert found.model["mae"] == pytest.approx(lines["error"].mean())
    steps = lines.group_by("step", maintain_order=True).agg(pl.col("error").mean())["error"]
    assert found.details["steps"]["mae"]["model"] == pytest.approx(steps.to_list())
    assert set(found.details["steps"]["mae"]) == {"model", "naive", "seasonal_naive", "drift"}
    targets = dict(lines.group_by("column").agg(pl.col("error").mean()).iter_rows())
    assert {name: by["model"]["mae"] for name, by in found.details["targets"].items()} == pytest.approx(targets)
    each = found.series.filter(pl.col("by") == "model")
    apart = dict(lines.group_by("series").agg(pl.col("error").mean()).iter_rows())
    assert dict(each.select("series", "score").iter_rows()) == pytest.approx(apart)
    assert each["cases"].sum() == found.cases


def test_predictions_say_which_series_row_and_time_they_are_for() -> None:
    data = series(missing=0.1)
    lines = score_part(FORECASTER, data, PartOf.test, ("mae",), season=6, units="data").predictions
    assert lines.columns == [
        "part", "window", "series", "step", "time", "row", "column", "truth", "forecast", "naive", "seasonal_naive",
        "drift",
    ]  # fmt: skip
    for line in lines.sample(20, seed=1).iter_rows(named=True):
        row = line["row"]
        assert line["series"] == data.sequences["key"][int(data.sequence_of_row[row])]
        assert line["time"].timestamp() * 1e6 == pytest.approx(data.times[row], abs=4e10)
        assert (line["truth"] is None) == (not data.observed[row, 0])
        assert line["truth"] is None or line["truth"] == data.raw[row, 0]
        assert line["naive"] in data.raw[: row - line["step"] + 1, 0]


def test_a_baseline_that_cannot_forecast_every_window_is_left_out_and_says_why() -> None:
    data = series()
    without = score_part(FORECASTER, data, PartOf.test, ("mae",), season=None, units="data")
    assert without.left_out == {"seasonal_naive": "no season follows from the step between rows: set `season`"}
    assert list(without.baselines) == ["naive", "drift"]
    long = score_part(FORECASTER, data, PartOf.test, ("mae",), season=40, units="data")
    count = sum(sequence == 1 for sequence, _ in windows_by_hand(data, PartOf.test))
    expected = f"nothing was observed whole seasons of 40 rows before for {count} of {long.cases} windows"
    assert long.left_out == {"seasonal_naive": expected}


def test_what_does_not_fit_is_refused_at_its_place() -> None:
    data = series()
    with pytest.raises(Refused, match="`accuracy` cannot score a forecaster: take mase, mae") as caught:
        score_model(FORECASTER, data, PartOf.test, ("mae", "accuracy"), season=6, units="data")
    assert caught.value.at == ("metrics", 1)
    with pytest.raises(Refused, match="`mase` needs the rows of a season") as caught:
        score_model(FORECASTER, data, PartOf.test, ("mase",), season=None, units="data")
    assert caught.value.at == ("metrics", 0)
    zeros = replace(data, raw=np.zeros_like(data.raw))
    with pytest.raises(Refused, match="truths are 0") as caught:
        score_model(FORECASTER, zeros, PartOf.test, ("mae", "mape"), season=6, units="data")
    assert caught.value.at == ("metrics", 1)
    empty = replace(data, part=np.zeros(100, np.int8))
    with pytest.raises(DataError, match="`test` has none: give it more rows"):
        score_model(FORECASTER, empty, PartOf.test, ("mae",), season=6, units="data")


def test_forecasts_that_are_not_finite_or_of_another_size_are_refused() -> None:
    data = series()
    broken = Guesses("forecaster", lambda _, starts: np.full((len(starts), HORIZON, 1), np.nan))
    with pytest.raises(ModelError, match=r"57 of the model's 57 forecasts of test are not finite|not finite"):
        score_model(broken, data, PartOf.test, ("mae",), season=6, units="data")
    other = Guesses("forecaster", lambda _, starts: np.zeros((len(starts), HORIZON + 1, 1)))
    with pytest.raises(ModelError, match="the model forecasts 4 steps of 1 targets, the data has 3 steps of 1 targets"):
        score_model(other, data, PartOf.test, ("mae",), season=6, units="data")


PARTS = [PartOf.train] * 4 + [PartOf.validation] * 2 + [PartOf.test] * 4


def test_a_classifier_is_scored_beside_the_most_frequent_class_of_train() -> None:
    data = labelled([7, 7, 7, 9, 9, 9, 7, 9, 7, 11], PARTS)
    asked = []

    def sure_of_nine(_, sequences):
        asked.append(sequences.tolist())
        return np.tile([0.2, 0.8], (len(sequences), 1))

    model = Guesses("classifier", sure_of_nine, ("7", "9"))
    found = score_part(model, data, PartOf.test, ("accuracy", "macro_f1"), season=None, units="data")
    assert asked == [[6, 7, 8, 9]]
    assert found.cases == 4
    assert found.model["accuracy"] == 0.25
    assert found.baselines["majority"]["accuracy"] == 0.5
    assert found.details["confusion"] == {"classes": ["7", "9", "11"], "table": [[0, 2, 0], [0, 1, 0], [0, 1, 0]]}
    assert found.predictions.columns == ["part", "key", "label", "predicted", "p_7", "p_9"]
    assert found.predictions["key"].to_list() == ["s6", "s7", "s8", "s9"]
    assert found.predictions["label"].to_list() == ["7", "9", "7", "11"]
    assert found.series is None


def test_a_regressor_is_scored_beside_the_mean_of_train() -> None:
    data = labelled([1.0, 2.0, 3.0, 6.0, 0.0, 0.0, 4.0, 5.0, 1.0, 2.0], PARTS)
    model = Guesses("regressor", lambda _, sequences: np.arange(len(sequences), dtype=float))
    found = score_part(model, data, PartOf.test, ("mae", "rmse"), season=None, units="data")
    assert found.model["mae"] == pytest.approx(np.mean([4, 4, 1, 1]))
    assert found.baselines["mean"]["mae"] == pytest.approx(np.mean([1, 2, 2, 1]))
    assert found.predictions.to_dict(as_series=False) == {
        "part": ["test"] * 4, "key": ["s6", "s7", "s8", "s9"], "label": [4.0, 5.0, 1.0, 2.0],
        "predicted": [0.0, 1.0, 2.0, 3.0], "mean": [3.0] * 4,
    }  # fmt: skip


def test_predicted_numbers_and_probabilities_that_are_not_finite_are_refused() -> None:
    data = labelled([1.0] * 10, PARTS)
    with pytest.raises(ModelError, match="4 of the model's 4 predictions of test are not finite"):
        score_model(
            Guesses("regressor", lambda _, s: np.full(len(s), np.inf)), data, PartOf.test, ("mae",), season=None,
            units="data",
        )  # fmt: skip
    with pytest.raises(ModelError, match="4 of the model's 4 predictions of test are not finite"):
        score_model(
            Guesses("classifier", lambda _, s: np.full((len(s), 2), np.nan), ("1.0", "2.0")), data, PartOf.test,
            ("accuracy",), season=None, units="data",
        )  # fmt: skip


def test_a_sequence_without_a_label_is_refused_by_name() -> None:
    data = labelled(["a", "b", "a", "b", "a", "b", "a", None, "b", "a"], PARTS)
    model = Guesses("classifier", lambda _, s: np.ones((len(s), 2)) / 2, ("a", "b"))
    with pytest.raises(DataError, match="column `what`: a sequence is scored by its label, `s7` of test has none"):
        score_model(model, data, PartOf.test, ("accuracy",), season=None, units="data")


@pytest.mark.parametrize("kind", ModelKind.__args__)
def test_every_kind_of_model_is_scored_and_has_metrics(kind) -> None:
    assert SCORED[kind].kind == kind
    assert fitting(kind)
