"""Distributions from raw columns: points and quantiles in data units, through transforms that bend."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from rnnlib.bundle import open_bundle
from rnnlib.data.batching.batch import Batch
from rnnlib.data.dataset import DataSet
from rnnlib.data.normalizers import Log1p, Standard
from rnnlib.data.transforms import fit_transforms, transformed
from rnnlib.models import Forecaster
from rnnlib.predictor import Predictor
from rnnlib.served import Served, from_pandas, to_pandas
from tests.bundles import make

HEADS = ("quantile", "gaussian", "student_t", "negative_binomial")
LEVELS = (0.05, 0.5, 0.9)


@pytest.fixture
def predictor(tmp_path: Path) -> Callable[[str], tuple[Predictor, DataSet]]:
    def made(kind: str) -> tuple[Predictor, DataSet]:
        data = make.forecaster()[1]
        scales: dict[str, Any] = {"past": Standard()}
        if kind != "negative_binomial":
            scales["target"] = Log1p(then=Standard(per="series"))
        data = transformed(data, fit_transforms(data, scales))
        model = Forecaster(layers=[{"kind": "gru", "units": 4}], head={"kind": kind, "levels": LEVELS})
        make.write(tmp_path / kind, lambda: (model, data))
        return Predictor(open_bundle(tmp_path / kind)), data

    return made


@pytest.mark.parametrize("kind", HEADS)
def test_it_is_the_module_between_the_transforms(kind: str, predictor: Any) -> None:
    model, data = predictor(kind)
    starts = np.array([make.CONTEXT, 21, int(data.offsets[1]) + 30])
    made = model.distribution(data, starts)
    head, module = model.bundle.model.head, model.bundle.module()
    rows = torch.from_numpy(np.array(data.normalized))
    for number, start in enumerate(starts):
        series = int(data.sequence_of_row[start])
        batch = Batch(
            inputs=rows[None, start - make.CONTEXT : start],
            lengths=torch.tensor([make.CONTEXT]),
            future=rows[None, start : start + make.HORIZON, 2:],
            static=torch.from_numpy(np.array(data.normalized_static))[[series]],
            index=torch.tensor([0]),
        )
        with torch.inference_mode():
            output = module(batch)[0, :, 0].double().numpy()
        quantiles, point = head.quantiles(output), head.point(output)
        if kind != "negative_binomial":
            train = np.log1p(data.raw[data.offsets[series] : data.offsets[series] + 28, 0])
            quantiles, point = (np.expm1(one * train.std() + train.mean()) for one in (quantiles, point))
        np.testing.assert_allclose(made.quantiles[number, :, 0], quantiles, rtol=1e-5)
        np.testing.assert_allclose(made.values[number, :, 0], point, rtol=1e-5)
    np.testing.assert_array_equal(model.forecast(data, starts), made.values)


@pytest.mark.parametrize("kind", HEADS)
def test_predictions_carry_a_column_for_each_level(kind: str, predictor: Any) -> None:
    model, _ = predictor(kind)
    asked = make.meters_to_predict()
    made = model.predict(asked)
    assert made.columns == ["meter", "ts", "kwh", "kwh_q5", "kwh_q50", "kwh_q90"]
    assert ((made["kwh_q5"] <= made["kwh_q50"]) & (made["kwh_q50"] <= made["kwh_q90"])).all()
    if kind != "negative_binomial":
        np.testing.assert_allclose(made["kwh"], made["kwh_q50"], rtol=1e-12)
    served = Served(model).predict(to_pandas(asked))
    assert from_pandas(served).columns == made.columns
