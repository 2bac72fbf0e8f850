"""Raw columns in, data units out, and nothing of what is asked for is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch

from rnnlib.bundle import open_bundle
from rnnlib.data.about import About
from rnnlib.data.batching.batch import Batch
from rnnlib.data.dataset import DataSet
from rnnlib.data.encoders import Characters, Longest, encoded
from rnnlib.data.loading import frame_to_dataset
from rnnlib.data.missing import Missing
from rnnlib.data.normalizers import Standard
from rnnlib.data.roles import Roles
from rnnlib.data.splits import ByRandom, split
from rnnlib.data.transforms import fit_transforms, transformed
from rnnlib.errors import DataError, ModelError
from rnnlib.models import AnyModel, Classifier, Forecaster, Tagger
from rnnlib.predictor import Predictor
from tests.bundles import make

CONTEXT, HORIZON = make.CONTEXT, make.HORIZON


@pytest.fixture(scope="module")
def predictors(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Predictor]:
    folder = tmp_path_factory.mktemp("predictors")
    for kind, (made, _) in make.INPUTS.items():
        make.write(folder / kind, made)
    return {kind: Predictor(open_bundle(folder / kind)) for kind in make.INPUTS}


@pytest.fixture(scope="module")
def forecaster(predictors: dict[str, Predictor]) -> Predictor:
    return predictors["forecaster"]


def predictor_of(tmp_path: Path, model: AnyModel, data: DataSet) -> Predictor:
    make.write(tmp_path / "bundle", lambda: (model, data))
    return Predictor(open_bundle(tmp_path / "bundle"))


def test_a_forecast_is_the_module_between_the_two_scalings(forecaster: Predictor) -> None:
    data = make.forecaster()[1]
    starts = np.array([CONTEXT, 21, int(data.offsets[1]) + 30])
    made = forecaster.forecast(data, starts)
    module = forecaster.bundle.module()
    for number, start in enumerate(starts):
        series = int(data.sequence_of_row[start])
        train = data.raw[data.offsets[series] : data.offsets[series] + 28, 0]
        assert data.normalized is not None
        rows = torch.from_numpy(np.array(data.normalized))
        batch = Batch(
            inputs=rows[None, start - CONTEXT : start],
            lengths=torch.tensor([CONTEXT]),
            future=rows[None, start : start + HORIZON, 2:],
            static=torch.from_numpy(np.array(data.normalized_static))[[series]],
            index=torch.tensor([0]),
        )
        with torch.inference_mode():
            expected = module(batch)[0, :, 0].double().numpy() * train.std() + train.mean()
        np.testing.assert_allclose(made[number, :, 0], expected, rtol=1e-5)


def test_what_is_predicted_is_the_forecast_of_the_next_rows(forecaster: Predictor) -> None:
    data = make.forecaster()[1]
    frame = make.meters()
    known = pl.int_range(pl.len()).over("meter") < 30
    asked = frame.with_columns(kwh=pl.when(known).then("kwh"), price=pl.when(known).then("price"))
    made = forecaster.predict(asked)
    expected = forecaster.forecast(data, data.offsets[:-1] + 30)
    assert made.columns == ["meter", "ts", "kwh"]
    np.testing.assert_allclose(made["kwh"].to_numpy(), expected.reshape(-1), rtol=1e-6)
    assert made["meter"].to_list() == ["north"] * 3 + ["south"] * 3
    assert made["ts"].to_list()[:3] == frame["ts"].to_list()[30:33]


def test_what_is_asked_for_is_not_read(forecaster: Predictor) -> None:
    data = make.forecaster()[1]
    starts = data.offsets[:-1] + 30
    raw = data.raw.copy()
    behind = np.arange(data.rows) - data.offsets[data.sequence_of_row] >= 30
    raw[behind, :2] = 1e6  # targets and past covariates; what is known ahead stays
    assert np.array_equal(forecaster.forecast(replace(data, raw=raw), starts), forecaster.forecast(data, starts))
    raw[behind, 2] += 5
    assert not np.array_equal(forecaster.forecast(replace(data, raw=raw), starts), forecaster.forecast(data, starts))


def test_past_covariates_given_ahead_are_not_read(forecaster: Predictor) -> None:
    asked = make.meters_to_predict()
    told = asked.with_columns(pl.col("price").fill_null(99.0))
    assert forecaster.predict(told).equals(forecaster.predict(asked))


def test_rows_beyond_the_horizon_change_nothing(forecaster: Predictor) -> None:
    asked = make.meters_to_predict()
    last = asked["ts"].max()
    more = asked.filter(pl.col("ts") == last).with_columns(pl.col("ts") + pl.duration(hours=1))
    assert forecaster.predict(pl.concat([asked, more]).sort("meter", "ts")).equals(forecaster.predict(asked))


@pytest.mark.parametrize("kind", make.INPUTS)
def test_neither_the_batch_nor_the_neighbours_matter(predictors: dict[str, Predictor], kind: str) -> None:
    predictor, frame = predictors[kind], make.INPUTS[kind][1]()
    whole = predictor.predict(frame)
    for size in (1, 2, 3):
        made = Predictor(predictor.bundle, at_once=size).predict(frame)
        for column in whole:
            if column.dtype.is_float():
                np.testing.assert_allclose(made[column.name], column, rtol=1e-5)
            else:
                assert made[column.name].equals(column)
    key = frame.columns[0]
    last = frame.filter(pl.col(key) == frame[key][-1])
    alone = predictor.predict(last)
    kept = whole.filter(pl.col(key) == frame[key][-1])
    np.testing.assert_allclose(alone[alone.columns[-1]], kept[kept.columns[-1]], rtol=1e-5)


@pytest.mark.parametrize("kind", make.INPUTS)
def test_columns_may_come_in_any_order_and_the_input_stays_as_it_is(
    predictors: dict[str, Predictor], kind: str
) -> None:
    frame = make.INPUTS[kind][1]()
    before = frame.clone()
    assert predictors[kind].predict(frame.select(reversed(frame.columns))).equals(predictors[kind].predict(frame))
    assert frame.equals(before)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda frame: frame.drop("price"), r"column `price`: the model reads this column \(past\), and it is missing"),
        (lambda frame: frame.drop("meter"), r"column `meter`: the model reads this column \(series\)"),
        (lambda frame: frame.rename({"temp": "tmp"}), "column `temp`.*did you mean `tmp`"),
        (lambda frame: frame.with_columns(wind=1.0), "column `wind`: the model was trained without this column"),
        (lambda frame: frame.with_columns(temp=pl.lit("warm")), "column `temp`, row 1: .*of type number, .* text"),
        (lambda frame: frame.with_columns(ts=pl.int_range(pl.len())), "column `ts`, row 1"),
        (lambda frame: frame.clear(), "there is no row"),
        (lambda frame: pl.concat([frame, frame.tail(1)]), "column `ts`, row 27"),
        (lambda frame: frame.with_columns(temp=pl.lit(float("inf"))), "column `temp`, row 1: expected a finite number"),
    ],
    ids=["missing", "no series", "renamed", "extra", "text", "times", "empty", "twice", "infinite"],
)
def test_what_is_wrong_with_the_columns_is_named(
    forecaster: Predictor, change: Callable[[pl.DataFrame], pl.DataFrame], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        forecaster.predict(change(make.meters_to_predict()))


def test_an_error_names_the_file(forecaster: Predictor) -> None:
    with pytest.raises(DataError, match=r"^new\.csv, column `price`"):
        forecaster.predict(make.meters_to_predict().drop("price"), file="new.csv")
    with pytest.raises(DataError, match=r"^new\.csv: the header is one column, `meter;ts`.* write it .* with commas"):
        forecaster.predict(pl.DataFrame({"meter;ts": ["north;2024-01-01"]}), file="new.csv")


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_covariates_that_end_too_soon_are_counted(forecaster: Predictor, rows: int) -> None:
    asked = make.meters_to_predict()
    number = pl.int_range(pl.len()).over("meter")
    short = asked.filter((number < CONTEXT + 4 + rows) | (pl.col("meter") == "north"))
    message = (
        f"^new.csv: horizon 3 needs `temp` for 3 rows after the last known target: series `south` has {rows}, "
        f"{3 - rows} are missing"
    )
    with pytest.raises(DataError, match=message):
        forecaster.predict(short, file="new.csv")


def test_a_series_shorter_than_the_context_is_named(forecaster: Predictor) -> None:
    number = pl.int_range(pl.len()).over("meter")
    asked = make.meters_to_predict().filter((number >= 5) | (pl.col("meter") == "north"))
    message = r"^new.csv, column `kwh`: the model reads 6 rows up to the last known target, series `south` has 5"
    with pytest.raises(DataError, match=message):
        forecaster.predict(asked, file="new.csv")
    nothing_known = make.meters_to_predict().with_columns(kwh=pl.lit(None, pl.Float64))
    with pytest.raises(DataError, match="series `north` has 0"):
        forecaster.predict(nothing_known)


def test_a_series_that_was_never_seen_has_no_scale(forecaster: Predictor) -> None:
    asked = make.meters_to_predict().with_columns(meter=pl.col("meter").replace({"south": "east"}))
    with pytest.raises(DataError, match=r"^new.csv, column `meter`: .* series `east` was not among them"):
        forecaster.predict(asked, file="new.csv")


def test_a_scale_of_each_group_needs_to_know_the_groups(tmp_path: Path) -> None:
    table = make.samples().with_columns(plant=pl.col("id").mod(2).cast(pl.String))
    roles = Roles(sample="id", features=("v1", "v2"), label="fault", group="plant")

    def made() -> tuple[AnyModel, DataSet]:
        data = frame_to_dataset(table.drop("load"), roles, file="t")
        data = split(data, ByRandom(test=0.2, validation=0.2, stratify=True), seed=7)
        data = transformed(data, fit_transforms(data, {"features": Standard(per="group")}))
        return Classifier.model_validate({"layers": [{"kind": "gru", "units": 4}]}), data

    make.write(tmp_path / "bundle", made)
    predictor, given = Predictor(open_bundle(tmp_path / "bundle")), table.drop("load", "fault")
    assert predictor.predict(given).height == 30
    with pytest.raises(DataError, match=r"column `plant`: the model reads this column \(group\), and it is missing"):
        predictor.predict(given.drop("plant"))


def test_missing_values_are_filled_as_in_training(forecaster: Predictor) -> None:
    asked = make.meters_to_predict()
    between = pl.col("kwh").interpolate().over("meter")
    known = pl.int_range(pl.len()).over("meter") < CONTEXT + 4
    filled = asked.with_columns(kwh=pl.when(known).then(between))
    assert asked["kwh"].null_count() == 2 + 2 * HORIZON
    np.testing.assert_allclose(forecaster.predict(asked)["kwh"], forecaster.predict(filled)["kwh"], rtol=1e-6)


def test_a_gap_between_rows_is_filled_as_in_training(forecaster: Predictor) -> None:
    asked = make.meters_to_predict()
    number = pl.int_range(pl.len()).over("meter")
    gone = asked.filter(number != 7)
    empty = asked.with_columns(pl.when(number != 7).then(pl.col("kwh", "price", "temp")))
    np.testing.assert_allclose(forecaster.predict(gone)["kwh"], forecaster.predict(empty)["kwh"], rtol=1e-6)


@pytest.mark.parametrize(("fill", "keep"), [("forward", "last"), ("interpolate", "first")])
def test_what_is_cut_off_still_fills_as_in_training(tmp_path: Path, fill: Any, keep: Any) -> None:
    values = np.random.default_rng(0).normal(size=(12, 8))
    values[:, 5] = np.nan
    rows = {"id": np.repeat(np.arange(12), 8), "x": values.reshape(-1), "y": np.repeat(np.arange(12) % 2, 8)}
    frame, roles = pl.DataFrame(rows, nan_to_null=True), Roles(sample="id", features=("x",), label="y")
    data = split(frame_to_dataset(frame, roles, file="x.csv", missing=Missing(fill=fill)), ByRandom(test=4), 0)
    cut = Longest(steps=3 if keep == "last" else 6, keep=keep).fit(data)
    data = encoded(data, (cut.model_dump(mode="json"),))
    model = Classifier.model_validate({"layers": [{"kind": "gru", "units": 3}]})
    predictor = predictor_of(tmp_path, model, data)
    expected = predictor.probabilities(data, np.arange(12))
    np.testing.assert_array_equal(predictor.predict(frame).select("p_0", "p_1"), expected)


def test_data_of_other_tokens_is_refused(tmp_path: Path) -> None:
    rows = {"text": ["aab", "abb", "ba", "b"], "mood": ["x", "y", "x", "y"]}
    data = frame_to_dataset(pl.DataFrame(rows), Roles(text="text", label="mood"), file="x.csv")
    several = [replace(data, raw=raw) for raw in (data.raw, 195 - data.raw)]  # b for a, and a for b
    one, other = (encoded(data, (Characters().fit(each).model_dump(mode="json"),)) for each in several)
    assert one.about.words != other.about.words
    assert {*one.about.words["text"]} == {*other.about.words["text"]}
    layers = [{"kind": "embedding", "tokens": 3, "width": 2}, {"kind": "gru", "units": 3}]
    model = Classifier.model_validate({"layers": layers})
    predictor = predictor_of(tmp_path, model, split(one, ByRandom(test=2, stratify=True), 0))
    assert predictor.probabilities(one, np.arange(4)).shape == (4, 2)
    for given, received in ((other, "`characters` of another state"), (data, "nothing")):
        with pytest.raises(ModelError, match=rf"its own encoders made.*received data encoded by {received}"):
            predictor.probabilities(given, np.arange(4))


def test_without_a_policy_a_missing_value_is_refused(tmp_path: Path) -> None:
    model, data = make.forecaster()
    strict = predictor_of(tmp_path, model, data.with_about(missing=None))
    with pytest.raises(DataError, match="column `kwh`, row 6: a value is missing"):
        strict.predict(make.meters_to_predict())
    number = pl.int_range(pl.len()).over("meter")
    complete = make.meters_to_predict().with_columns(kwh=pl.when(number == 5).then(20.0).otherwise("kwh"))
    strict.predict(complete)
    hole = complete.with_columns(temp=pl.when(number != CONTEXT + 5).then("temp"))
    with pytest.raises(DataError, match="column `temp`"):
        strict.predict(hole)


def test_a_policy_that_refuses_what_is_left_refuses_it_here_too(tmp_path: Path) -> None:
    model, data = make.forecaster()
    policy = Missing(fill="forward", at_most=1, otherwise="refuse").model_dump(mode="json", exclude_defaults=True)
    refusing = predictor_of(tmp_path, model, data.with_about(missing=policy))
    number = pl.int_range(pl.len()).over("meter")
    asked = make.meters_to_predict().with_columns(price=pl.when(~number.is_in([6, 7])).then("price"))
    with pytest.raises(DataError, match=r"column `price`: .*missing values are left after filling"):
        refusing.predict(asked)


def univariate(frame: pl.DataFrame, **roles: Any) -> tuple[AnyModel, DataSet]:
    data = frame_to_dataset(frame, Roles(target=("y",), **roles), file="y.csv")
    data = data.with_about(window={"context": 3, "horizon": 2, "stride": 1})
    return Forecaster.model_validate({"layers": [{"kind": "rnn", "units": 2}]}), data


def test_without_known_covariates_the_future_needs_no_rows_and_times_go_on(tmp_path: Path) -> None:
    months = [date(2024, month, 1) for month in range(1, 11)]
    frame = pl.DataFrame({"day": months, "y": np.arange(10.0)})
    made = predictor_of(tmp_path, *univariate(frame, time="day")).predict(frame)
    assert made["day"].to_list() == [date(2024, 11, 1), date(2024, 12, 1)]
    assert made.columns == ["day", "y"]


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        (list(range(0, 50, 5)), [50, 55]),
        ([datetime(2024, 3, 30, hour) for hour in range(10)], [datetime(2024, 3, 30, 10), datetime(2024, 3, 30, 11)]),
    ],
)
def test_times_go_on_at_their_own_step(tmp_path: Path, times: list[Any], expected: list[Any]) -> None:
    frame = pl.DataFrame({"t": times, "y": np.arange(10.0)})
    assert predictor_of(tmp_path, *univariate(frame, time="t")).predict(frame)["t"].to_list() == expected


def test_times_in_a_zone_come_back_in_it(tmp_path: Path) -> None:
    hours = pl.datetime_range(
        datetime(2024, 3, 30), datetime(2024, 3, 31, 1), "1h", time_zone="Europe/Oslo", eager=True
    )
    frame = pl.DataFrame({"t": hours, "y": np.arange(float(len(hours)))})
    made = predictor_of(tmp_path, *univariate(frame, time="t")).predict(frame)["t"]
    assert made.dtype == pl.Datetime("us", "Europe/Oslo")
    assert [str(one.time()) for one in made] == ["03:00:00", "04:00:00"]  # the clocks skip 02:00


def test_without_times_the_steps_are_counted(tmp_path: Path) -> None:
    frame = pl.DataFrame({"y": np.arange(10.0)})
    made = predictor_of(tmp_path, *univariate(frame)).predict(frame)
    assert made.columns == ["step", "y"]
    assert made["step"].to_list() == [1, 2]


def test_several_targets_keep_their_names(tmp_path: Path) -> None:
    frame = pl.DataFrame({"a": np.arange(10.0), "b": np.arange(10.0) + 100})
    data = frame_to_dataset(frame, Roles(target=("a", "b")), file="ab.csv")
    data = data.with_about(window={"context": 3, "horizon": 2, "stride": 1})
    model = Forecaster.model_validate({"layers": [{"kind": "rnn", "units": 2}], "relative_to": "last"})
    made = predictor_of(tmp_path, model, data).predict(frame)
    assert made.columns == ["step", "a", "b"]
    assert (made["b"] - made["a"]).min() > 90


def test_probabilities_are_those_of_the_classes(predictors: dict[str, Predictor]) -> None:
    predictor = predictors["classifier"]
    made = predictor.predict(make.samples(6).drop("fault", "load"))
    assert made.columns == ["id", "fault", "p_falling", "p_rising"]
    assert made["id"].to_list() == [0, 1, 2, 3, 4, 5]
    assert made["id"].dtype == pl.Int64
    np.testing.assert_allclose(made["p_falling"] + made["p_rising"], 1, atol=1e-12)
    assert made["fault"].to_list() == [
        "falling" if falling > 0.5 else "rising" for falling in made["p_falling"].to_list()
    ]


def test_a_class_that_is_a_number_comes_back_as_one(tmp_path: Path) -> None:
    def digits() -> tuple[AnyModel, DataSet]:
        model, data = make.classifier()
        sequences = data.sequences.with_columns(label=(pl.col("label") == "rising").cast(pl.Int64) + 8)
        types = {**data.about.types, "fault": "whole number"}
        return model, replace(data, sequences=sequences).with_about(types=types)

    make.write(tmp_path / "digits", digits)
    made = Predictor(open_bundle(tmp_path / "digits")).predict(make.samples(4).drop("fault", "load"))
    assert made.columns == ["id", "fault", "p_8", "p_9"]
    assert made["fault"].dtype == pl.Int64


def test_a_label_that_is_given_changes_nothing(predictors: dict[str, Predictor]) -> None:
    frame = make.samples(6).drop("load")
    assert predictors["classifier"].predict(frame).equals(predictors["classifier"].predict(frame.drop("fault")))


def test_numbers_come_back_in_data_units(predictors: dict[str, Predictor]) -> None:
    predictor, data = predictors["regressor"], make.regressor()[1]
    made = predictor.values_of(data, np.arange(4))
    module, state = predictor.bundle.module(), data.about.transforms["label"]
    assert state["kind"]
    with torch.inference_mode():
        for number in range(4):
            assert data.normalized is not None
            rows = torch.from_numpy(np.array(data.normalized[data.offsets[number] : data.offsets[number + 1]]))
            batch = Batch(inputs=rows[None], lengths=torch.tensor([len(rows)]), index=torch.tensor([0]))
            np.testing.assert_allclose(made[number], np.expm1(float(module(batch)[0])), rtol=1e-5)


@pytest.mark.parametrize(
    ("kind", "method", "message"),
    [
        ("forecaster", "probabilities", "only a classifier can do this, and the model is a forecaster"),
        ("classifier", "values_of", "only a regressor can do this"),
        ("regressor", "forecast", "only a forecaster can do this"),
    ],
)
def test_a_model_is_asked_what_its_kind_can_do(
    predictors: dict[str, Predictor], kind: str, method: str, message: str
) -> None:
    with pytest.raises(ModelError, match=message):
        getattr(predictors[kind], method)(make.INPUTS[kind][0]()[1], np.arange(1))


def test_nothing_to_predict_is_an_error(forecaster: Predictor) -> None:
    with pytest.raises(DataError, match="there is nothing to predict"):
        forecaster.forecast(make.forecaster()[1], np.arange(0))


def test_a_model_reads_its_own_columns_out_of_more(forecaster: Predictor) -> None:
    data = make.forecaster()[1]
    starts = data.offsets[:-1] + 20
    kwh, price, temp = data.about.columns
    wind = price.model_copy(update={"name": "wind"})
    raw = np.column_stack([data.raw[:, 0], np.full(data.rows, 7.0), data.raw[:, 1:]])
    wider = replace(data, raw=raw, observed=None, normalized=None).with_about(columns=(kwh, wind, price, temp))
    assert np.array_equal(forecaster.forecast(wider, starts), forecaster.forecast(data, starts))


def _without(about: About, name: str) -> About:
    return about.model_copy(update={"columns": tuple(column for column in about.columns if column.name != name)})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda about: _without(about, "price"), "the model reads `price` \\(past\\), and the data has no such column"),
        (
            lambda about: about.model_copy(
                update={
                    "columns": tuple(
                        column.model_copy(update={"role": "past"}) if column.role == "future" else column
                        for column in about.columns
                    )
                }
            ),
            "the model reads `temp` as future, the data has it as past",
        ),
        (lambda about: about.model_copy(update={"static": ()}), "the model reads `area` \\(static\\)"),
        (
            lambda about: about.model_copy(
                update={"columns": (about.columns[0].model_copy(update={"unit": "MWh"}), *about.columns[1:])}
            ),
            "the model reads `kwh` in kWh, the data has it in MWh: convert it",
        ),
        (
            lambda about: about.model_copy(
                update={"columns": (*about.columns, about.columns[0].model_copy(update={"name": "heat"}))}
            ),
            "the model predicts kwh, the data is about kwh, heat",
        ),
    ],
    ids=["missing", "role", "static", "unit", "targets"],
)
def test_data_of_another_make_is_refused(forecaster: Predictor, change: Callable[[About], About], message: str) -> None:
    data = make.forecaster()[1]
    with pytest.raises(ModelError, match=message):
        forecaster.forecast(replace(data, about=change(data.about)), np.array([20]))


def test_predicting_leaves_the_global_generator_alone(forecaster: Predictor) -> None:
    torch.manual_seed(3)
    before = torch.get_rng_state()
    forecaster.predict(make.meters_to_predict())
    assert torch.equal(torch.get_rng_state(), before)


def test_read_only_maps_do(forecaster: Predictor, tmp_path: Path) -> None:
    data = make.forecaster()[1]
    data.save(tmp_path / "data")
    mapped = DataSet.open(tmp_path / "data")
    starts = data.offsets[:-1] + 20
    assert np.array_equal(forecaster.forecast(mapped, starts), forecaster.forecast(data, starts))


@pytest.mark.parametrize("shuffled", [False, True])
def test_a_tagger_tells_of_every_row_in_the_order_of_the_table(
    predictors: dict[str, Predictor], shuffled: bool
) -> None:
    tagger, frame = predictors["tagger"], make.states().drop("state")
    if shuffled:  # samples of other lengths stand beside each other in a batch
        frame = frame.with_columns(id=29 - pl.col("id")).sort("id", maintain_order=True)
    found = tagger.predict(frame)
    assert found.columns == ["id", "step", "state", "p_high", "p_low"]
    assert found["id"].to_list() == frame["id"].to_list()
    counted = frame.select(pl.int_range(1, pl.len() + 1).over("id")).to_series()
    assert found["step"].to_list() == counted.to_list()
    np.testing.assert_allclose(found.select("p_high", "p_low").to_numpy().sum(axis=1), 1, rtol=1e-6)
    for (sample,), own in frame.group_by("id", maintain_order=True):
        alone = tagger.predict(own)
        assert alone["state"].to_list() == found.filter(pl.col("id") == sample)["state"].to_list()


def test_a_tagger_of_columns_tells_of_each(tmp_path: Path) -> None:
    frame = make.samples().select("id", "v1", "v2", up=(pl.col("v1") > 0).cast(int), down=(pl.col("v1") < 0).cast(int))
    data = frame_to_dataset(frame, Roles(sample="id", features=("v1", "v2"), tags=("up", "down")), file="f.csv")
    model = Tagger.model_validate(
        {"layers": [{"kind": "gru", "units": 3}], "head": {"kind": "step_binary"}, "ahead": 1}
    )
    found = predictor_of(tmp_path, model, data).predict(frame)
    assert found.columns == ["id", "step", "up", "down", "p_up", "p_down"]
    assert found["up"].to_list() == [int(share > 0.5) for share in found["p_up"]]
    assert found.height == frame.height


def test_only_a_tagger_tells_of_steps(predictors: dict[str, Predictor]) -> None:
    with pytest.raises(ModelError, match="only a tagger can do this, and the model is a classifier"):
        predictors["classifier"].steps_of(make.classifier()[1], np.arange(2))


@pytest.mark.parametrize(("head", "columns"), [("step_classes", ("up",)), ("step_binary", ("up", "down"))])
def test_what_a_tagger_is_sure_of_leaves_something_for_the_rest(
    tmp_path: Path, head: str, columns: tuple[str, ...]
) -> None:
    """In float32 σ(20) is 1: what came against it would have cost without bound, and not 20 nats."""
    frame = make.samples().select("id", "v1", up=(pl.col("v1") > 0).cast(int), down=(pl.col("v1") < 0).cast(int))
    data = frame_to_dataset(frame, Roles(sample="id", features=("v1",), tags=columns), file="f.csv")
    model = Tagger.model_validate({"layers": [{"kind": "dense", "units": 1}], "head": {"kind": head}})
    predictor = predictor_of(tmp_path, model, data)
    affine = predictor._module.head.affine
    torch.nn.init.zeros_(affine.weight)
    with torch.no_grad():
        affine.bias.copy_(torch.tensor([20.0, -120.0]))
    shares = predictor.steps_of(data, np.arange(len(data.lengths))).probabilities
    rest = shares[:, 1] if head == "step_classes" else 1 - shares[:, 0]
    np.testing.assert_allclose(-np.log(rest), 140 if head == "step_classes" else 20, rtol=1e-6)
