"""A stored model of categories: its tables are stored with it, and words that it does not know are unknown to it."""

import numpy as np
import polars as pl
import pytest
import torch

from rnnlib.bundle import open_bundle, save_bundle
from rnnlib.data.encoders import Categories, encoded
from rnnlib.data.loading import frame_to_dataset
from rnnlib.data.normalizers import Standard
from rnnlib.data.roles import Roles
from rnnlib.data.splits import ByTime, split
from rnnlib.data.transforms import fit_transforms, transformed
from rnnlib.errors import ModelError, Notice
from rnnlib.interchange.onnx import export_onnx
from rnnlib.models import Forecaster
from rnnlib.predictor import Predictor
from rnnlib.stream import Stream
from rnnlib.training.sizes import shape_of

ROLES = Roles(
    series="shop", target=["sold"], past=["sky"], future=["day"], static=["town"], categorical=["sky", "day", "town"]
)
WEEK = ("mo", "tu", "we", "th", "fr", "sa", "su")


def table(rows, *, shop="a", town="Oslo", skies=("sun", "rain", "fog"), ahead=0):
    total = rows + ahead
    sold = [float(number % 7) if number < rows else None for number in range(total)]
    return pl.DataFrame(
        {
            "shop": [shop] * total,
            "sold": pl.Series(sold, dtype=pl.Float64),
            "sky": [skies[number % len(skies)] for number in range(total)],
            "day": [WEEK[number % 7] for number in range(total)],
            "town": [town] * total,
        }
    )


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    frame = pl.concat([table(30), table(30, shop="b", town="Bergen")])
    data = split(frame_to_dataset(frame, ROLES, file="f"), ByTime(test=4), 0)
    data = encoded(data, (Categories().fit(data).model_dump(mode="json"),))
    data = data.with_about(window={"context": 5, "horizon": 2, "stride": 1})
    model, shape = Forecaster(layers=[{"kind": "gru", "units": 3}], embed={"sky": 2}), shape_of(data, None)
    torch.manual_seed(0)
    module = model.assembled(shape)
    folder = tmp_path_factory.mktemp("bundle") / "b"
    save_bundle(folder, model=model, shape=shape, module=module, about=data.about, classes=None, facts={})
    return open_bundle(folder)


def test_the_tables_are_stored_and_the_model_answers_as_before(bundle):
    assert sorted(name for name in bundle.weights if name.startswith("vectors")) == [
        f"vectors.tables.{number}" for number in range(3)
    ]
    assert [tuple(bundle.weights[f"vectors.tables.{number}"].shape) for number in range(3)] == [(4, 2), (8, 3), (3, 2)]
    made = Predictor(bundle).predict(table(12, ahead=2))
    assert made["sold"].is_finite().all()


def test_a_word_that_train_did_not_have_is_unknown(bundle):
    predictor = Predictor(bundle)

    def predicted(town, sky):
        return predictor.predict(table(12, town=town, skies=("sun", "rain", sky), ahead=2))["sold"].to_numpy()

    known = predicted("Oslo", "fog")
    with pytest.warns(Notice, match=r"`(sky|town)`: . of 1?\d values are no category") as told:
        one = predicted("Rome", "hail")
    assert "`sky`: 4 of 14 values are no category that the model knows (`hail`)" in str(told[0].message)
    with pytest.warns(Notice, match=r"`(town|sky)`: .* unknown"):
        other = predicted("Paris", "snow")
    assert np.array_equal(one, other)
    assert not np.array_equal(one, known)


def test_what_reads_numbers_alone_refuses_the_model_by_name(bundle, tmp_path):
    with pytest.raises(ModelError, match=r"reads categories \(sky, day, town\)"):
        Stream(bundle)
    with pytest.raises(ModelError, match="received a model that reads `sky`, `day`, `town`"):
        export_onnx(bundle, tmp_path / "m.onnx")


@pytest.mark.parametrize("units", ["data", "model"])
def test_scaled_numbers_beside_a_category_are_no_way_around_the_refusal(tmp_path, units):
    frame = pl.concat([table(30), table(30, shop="b", town="Bergen")]).with_columns(
        area=pl.when(pl.col("shop") == "a").then(1.0).otherwise(3.0)
    )
    roles = ROLES.model_copy(update={"static": ("town", "area")})
    data = split(frame_to_dataset(frame, roles, file="f"), ByTime(test=4), 0)
    data = encoded(data, (Categories().fit(data).model_dump(mode="json"),))
    data = transformed(data, fit_transforms(data, {"static": Standard()}))
    data = data.with_about(window={"context": 5, "horizon": 2, "stride": 1})
    model, shape = Forecaster(layers=[{"kind": "gru", "units": 3}]), shape_of(data, None)
    module = model.assembled(shape)
    save_bundle(tmp_path / "b", model=model, shape=shape, module=module, about=data.about, classes=None, facts={})
    with pytest.raises(ModelError, match="categories become vectors outside of the graph"):
        export_onnx(open_bundle(tmp_path / "b"), tmp_path / "m.onnx", units)
