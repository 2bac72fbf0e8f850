"""Forecasts of differences come back to data units from the last known values, and from nothing that lies ahead."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from rnnlib.bundle import open_bundle
from rnnlib.data.about import Column
from rnnlib.data.batching.batches import batches, examples_of
from rnnlib.data.batching.windows import examples_before
from rnnlib.data.data_units import exact_ahead, inverted, rows_before
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.data.normalizers import Chain, Columns, Difference, SeasonalDifference, Standard
from rnnlib.data.transforms import fit_transforms, transformed
from rnnlib.errors import DataError, ModelError, Refused
from rnnlib.models import Forecaster
from rnnlib.predictor import Predictor
from rnnlib.stream import Stream
from rnnlib.training import Training
from rnnlib.training.settled import settled
from tests.bundles import make
from tests.rnnlib.data.made import samples, series

CONTEXT, HORIZON = 4, 3
STANDARD = {"kind": "standard"}
CHAIN = Chain(of=[{"kind": "difference"}, STANDARD])
SEASONAL = Chain(of=[{"kind": "seasonal_difference", "lag": 3}, {"kind": "difference"}, STANDARD])
EACH = pytest.mark.parametrize("chain", [CHAIN, SEASONAL], ids=["difference", "seasonal"])


def windows(chain, data: DataSet | None = None) -> DataSet:
    data = series([30, 22], columns=(("y", "target"), ("p", "past"))) if data is None else data
    part = np.where(np.arange(data.rows) - np.repeat(data.offsets[:-1], data.lengths) < 14, 0, 2).astype(np.int8)
    data = replace(data, part=part)
    data = transformed(data, fit_transforms(data, {"target": chain}))
    return data.with_about(window={"context": CONTEXT, "horizon": HORIZON, "stride": 1})


@EACH
def test_the_truth_in_model_units_comes_back_as_the_truth(chain):
    data = windows(chain)
    for part in (PartOf.train, PartOf.test):
        examples = examples_of(data, part)
        (batch,) = batches(data, examples, torch.arange(len(examples)), 99)
        back = inverted(
            data.about.transforms, "target", batch.target.double().numpy(), data, examples.sequence,
            examples.horizon_start,
        )  # fmt: skip
        rows = examples.horizon_start[:, None] + np.arange(HORIZON)
        assert np.allclose(back, data.raw[rows][..., :1], atol=1e-5)
        assert batch.absent is None


@EACH
def test_windows_begin_behind_the_rows_that_their_differences_rest_on(chain):
    data = windows(chain)
    back = sum(fit_transforms(data, {"target": chain})["target"].lags)
    examples = examples_of(data, PartOf.train)
    assert [int(examples.start[examples.sequence == one].min()) for one in (0, 1)] == [back, 30 + back]


def test_what_was_not_measured_is_no_truth_and_no_anchor():
    data = series([30, 22], columns=(("y", "target"), ("p", "past")))
    raw, observed = data.raw.copy(), np.ones((52, 2), bool)
    observed[[9, 16, 17], 0] = False
    raw[[16, 17], 0] = 999.0  # as `interpolate` would draw them to what lies ahead
    policy = {"fill": "interpolate", "value": None, "at_most": None, "otherwise": "refuse"}
    data = windows(CHAIN, replace(data, raw=raw, observed=observed).with_about(missing=policy))
    examples = examples_of(data, PartOf.train)
    (batch,) = batches(data, examples, torch.arange(len(examples)), 99)
    rows = examples.horizon_start[:, None] + np.arange(HORIZON)
    assert np.array_equal(batch.target_observed[..., 0].numpy(), ~np.isin(rows, [9, 10, 16, 17, 18]))
    assert rows_before(data, ("y",), np.array([10, 18, 19]), 1).ravel().tolist() == [raw[8, 0], raw[15, 0], raw[18, 0]]
    empty = replace(data, observed=np.zeros((52, 2), bool))
    with pytest.raises(DataError, match=r"column `y`: .* has none before its horizon"):
        rows_before(empty, ("y",), np.array([10]), 1)


def test_nothing_behind_a_start_changes_its_rows_before():
    data = series([40], columns=(("y", "target"),))
    observed = np.random.default_rng(0).random((40, 1)) < 0.5
    observed[:8] = True
    data = replace(data, observed=observed).with_about(missing={"fill": "interpolate"})
    raw = data.raw.copy()
    for start in range(10, 40):
        behind = np.arange(40) >= start
        hole = np.arange(40) > np.flatnonzero(observed[:start, 0])[-1]  # filled by looking behind the start
        other = replace(data, raw=np.where((behind | hole)[:, None], -77.0, raw))
        starts = np.array([start])
        assert np.array_equal(rows_before(data, ("y",), starts, 3), rows_before(other, ("y",), starts, 3))


@EACH
def test_a_predictor_cumulates_what_its_module_gives(tmp_path, chain):
    data = windows(chain)
    model = Forecaster.model_validate({"layers": [{"kind": "gru", "units": 3}]})
    make.write(tmp_path / "bundle", lambda: (model, data))
    predictor = Predictor(open_bundle(tmp_path / "bundle"))
    examples = examples_of(data, PartOf.test)
    raw = replace(data, normalized=None).with_about(transforms={})
    made = predictor.forecast(raw, examples.horizon_start)
    (batch,) = batches(data, examples, torch.arange(len(examples)), 99)
    with torch.inference_mode():
        given = predictor.bundle.module()(batch).double().numpy()
    state = fit_transforms(data, {"target": chain})["target"]
    differences = given * state.of[-1].scale[0][0] + state.of[-1].shift[0][0]
    for case, start in enumerate(examples.horizon_start):
        known = list(data.raw[:start, 0])
        for step in range(HORIZON):
            if chain is CHAIN:
                known.append(known[-1] + differences[case, step, 0])
            else:  # (1 − B)(1 − B³) x = d
                known.append(differences[case, step, 0] + known[-1] + known[-3] - known[-4])
        assert np.allclose(made[case, :, 0], known[start:], rtol=1e-5)
    short = replace(raw, offsets=np.array([0, 30, 34 + 3, 52]), sequences=raw.sequences[[0, 1, 1]])
    with pytest.raises(DataError, match=f"the model reads {CONTEXT + sum(state.lags)} rows before"):
        predictor.forecast(short, np.array([30 + CONTEXT]))
    with pytest.raises(ModelError, match="received differences of `target`"):
        Stream(predictor.bundle)


def test_quantiles_of_sums_are_refused_and_of_shifted_values_are_exact(tmp_path):
    head = {"kind": "quantile", "levels": [0.1, 0.5, 0.9]}
    model = Forecaster.model_validate({"layers": [{"kind": "gru", "units": 3}], "head": head})
    summed = windows(Difference())
    with pytest.raises(Refused, match="the quantile of a sum is not the sum of quantiles") as refused:
        settled(Training(model=model), summed, None)
    assert refused.value.at == ("model", "head", "kind")
    make.write(tmp_path / "summed", lambda: (model, summed))
    with pytest.raises(ModelError, match="not the sum of quantiles"):
        Predictor(open_bundle(tmp_path / "summed")).forecast(summed, np.array([20]))
    shifted = windows(SeasonalDifference(lag=3))
    assert (exact_ahead(summed.about.transforms), exact_ahead(shifted.about.transforms)) == (1, 3)
    settled(Training(model=model), shifted, None)
    make.write(tmp_path / "shifted", lambda: (model, shifted))
    predictor = Predictor(open_bundle(tmp_path / "shifted"))
    made = predictor.distribution(shifted, np.array([20, 21]))
    asked = examples_before(shifted, np.array([20, 21]), CONTEXT, HORIZON)
    (batch,) = batches(shifted, asked, torch.arange(2), 2)
    with torch.inference_mode():
        given = predictor.bundle.model.head.quantiles(predictor.bundle.module()(batch).double().numpy())
    before = np.stack([shifted.raw[17:20, :1], shifted.raw[18:21, :1]])
    assert np.allclose(made.quantiles, given + before[..., None], rtol=1e-5)


def test_groups_have_fits_of_their_own_wherever_their_sequences_stand():
    data = samples(["a", "b"] * 6, lengths=[4] * 12, groups=["x", "y", "z"] * 4)
    data = replace(data, part=np.zeros(48, np.int8))
    state = fit_transforms(data, {"features": Standard(per="group")})["features"]
    found = transformed(data, {"features": state})
    for number in range(3):
        rows = np.repeat(np.arange(12) % 3 == number, 4)
        assert np.allclose(found.values[rows].mean(axis=0), 0, atol=1e-6)
        assert np.allclose(found.values[rows].std(axis=0), 1, atol=1e-6)
    back = inverted({"features": state}, "features", found.values.reshape(12, 4, 2).astype(float), data, np.arange(12))
    assert np.allclose(back.reshape(48, 2), data.raw, atol=1e-6)
    without = replace(data, sequences=data.sequences.drop("group"))
    with pytest.raises(DataError, match=r"name its column in `load.roles.group`"):
        transformed(without, {"features": state})
    for unseen in ("w", ""):  # a stream that is given no key has the empty one
        with pytest.raises(DataError, match=f"group `{unseen}` was not among them"):
            state.group_of([unseen])


def test_words_and_tokens_are_never_normalised():
    data = series([20], columns=(("y", "target"), ("t", "past"), ("n", "past")))
    columns = (*data.about.columns[:1], Column(name="t", role="past", holds="tokens"), data.about.columns[2])
    data = replace(data.with_about(columns=columns), part=np.zeros(20, np.int8))
    found = transformed(data, fit_transforms(data, {"past": Standard()}))
    assert np.array_equal(found.values[:, 1], data.raw[:, 1].astype(np.float32))
    assert abs(found.values[:, 2].std() - 1) < 1e-6
    assert list(found.about.transforms["past"]["columns"]) == ["n"]
    with pytest.raises(Refused, match=r"received `t`, the role has `n`"):
        fit_transforms(data, {"past": Columns(of={"t": STANDARD})})
    coded = data.with_about(columns=tuple(Column(name=one.name, role=one.role, holds="words") for one in columns))
    with pytest.raises(Refused, match="the columns of `past` hold words or tokens"):
        fit_transforms(coded, {"past": Standard()})


def test_of_several_columns_the_shortest_lag_tells_up_to_where_quantiles_are_exact():
    data = series([40], columns=(("y", "target"), ("z", "target"), ("k", "target")))
    of = {"y": SeasonalDifference(lag=3), "z": Chain(of=[{"kind": "difference"}, STANDARD]), "k": Standard()}
    data = replace(data, part=np.zeros(40, np.int8))
    transforms = fit_transforms(data, {"target": Columns(of=of)})
    assert transforms["target"].lags == (3,)
    assert exact_ahead(transforms) == 1
    del of["z"]
    assert exact_ahead(fit_transforms(data, {"target": Columns(of=of)})) == 3
    assert exact_ahead(fit_transforms(data, {"target": Columns(of={"k": Standard()})})) is None
