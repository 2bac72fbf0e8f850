"""`rnn predict` of a table: what was text in training is text as it is written now, and what it writes it reads."""

from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
import torch

from flows.predict import predict, write
from rnnlib.bundle import open_bundle, save_bundle
from rnnlib.data.encoders import Categories, Characters, encoded
from rnnlib.data.loading import frame_to_dataset
from rnnlib.data.roles import Roles
from rnnlib.errors import DataError
from rnnlib.models import Classifier, Forecaster
from rnnlib.predictor import Predictor
from rnnlib.training import classes_of, shape_of

SAID = ["1.50 True", "True", "1.50", "e5 0.0"]
SIZES = ["1.6", "2.0", "n/a", "True"]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of texts and of a category, among whose values are some that spell numbers."""
    rows = pl.DataFrame({"id": [f"r{at}" for at in range(8)], "said": SAID * 2, "size": SIZES * 2, "mood": [0, 1] * 4})
    roles = Roles(sample="id", text="said", label="mood", static=("size",), categorical=("size",))
    data = frame_to_dataset(rows, roles, file="texts.csv")
    for encoder in (Characters(), Categories()):
        data = encoded(data, (encoder.fit(data).model_dump(mode="json"),))
    model = Classifier.model_validate({"layers": [{"kind": "embedding", "width": 3}, {"kind": "gru", "units": 4}]})
    classes = classes_of(model, data)
    shape = shape_of(data, classes)
    torch.manual_seed(2)
    module = model.assembled(shape)
    for parameter in module.parameters():
        torch.nn.init.normal_(parameter)
    folder = tmp_path_factory.mktemp("trained") / "bundle"
    save_bundle(folder, model=model, shape=shape, module=module, about=data.about, classes=classes, facts={})
    return folder


@pytest.mark.parametrize("suffix", [".csv", ".tsv"])
@pytest.mark.parametrize(
    ("said", "size"), [("1.50", "2.0"), ("True", "True"), ("1e5", "1.6"), ("007", "n/a"), (" 15 ", "2.0")]
)
def test_a_text_that_spells_a_number_is_read_as_it_is_written(
    bundle: Path, tmp_path: Path, suffix: str, said: str, size: str
) -> None:
    rows = pl.DataFrame({"id": ["1.0", "2.0"], "said": [said, said], "size": [size, size]})
    file = tmp_path / f"new{suffix}"
    rows.write_csv(file, separator="\t" if suffix == ".tsv" else ",")
    expected = Predictor(open_bundle(bundle)).predict(rows)
    assert expected["id"].to_list() == ["1.0", "2.0"]
    assert predict(str(bundle), file).equals(expected)


def test_a_model_and_its_data_are_named_as_text_or_as_paths(bundle: Path, tmp_path: Path) -> None:
    file = tmp_path / "new.csv"
    pl.DataFrame({"id": ["a"], "said": ["True"], "size": ["1.6"]}).write_csv(file)
    made = [predict(model, data) for model in (bundle, str(bundle)) for data in (file, str(file))]
    assert all(one.equals(made[0]) for one in made)
    write(made[0], str(tmp_path / "out.csv"))
    with pytest.raises(DataError, match=r"no\.csv.*there is no such file"):
        predict(str(bundle), str(tmp_path / "no.csv"))
    with pytest.raises(DataError, match=r"this is a folder: name a file in it$"):
        predict(str(bundle), tmp_path)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
@pytest.mark.parametrize("pattern", [None, "%d.%m.%Y %H:%M:%S%.f"])
@pytest.mark.parametrize("zone", [None, "Europe/Oslo"])
@pytest.mark.parametrize("every", [timedelta(minutes=30), timedelta(milliseconds=250)])
def test_a_forecast_is_read_again_as_the_data_that_it_goes_on_from(
    tmp_path: Path, suffix: str, pattern: str | None, zone: str | None, every: timedelta
) -> None:
    at = [datetime(2024, 3, 30, 21) + every * step for step in range(9)]
    rows = pl.DataFrame({"at": [f"{time:%d.%m.%Y %H:%M:%S.%f}" for time in at] if pattern else at, "y": range(9)})
    data = frame_to_dataset(rows, Roles(time="at", target=("y",)), file="y.csv", zone=zone, time_format=pattern)
    data = data.with_about(window={"context": 4, "horizon": 5, "stride": 1})
    model = Forecaster.model_validate({"layers": [{"kind": "gru", "units": 2}]})
    shape = shape_of(data, None)
    module = model.assembled(shape)
    save_bundle(tmp_path / "b", model=model, shape=shape, module=module, about=data.about, classes=None, facts={})
    first = Predictor(open_bundle(tmp_path / "b")).predict(rows)
    write(first, file := tmp_path / f"first{suffix}")
    second = predict(str(tmp_path / "b"), file)
    assert second["at"][0] - first["at"][-1] == every
    if suffix == ".csv":
        assert (
            pl.read_csv(file)["at"][0]
            == {
                (None, 1800): "2024-03-31T01:30:00",
                ("Europe/Oslo", 1800): "2024-03-31T01:30:00+01:00",
                (None, 0.25): "2024-03-30T21:00:02.250000",
                ("Europe/Oslo", 0.25): "2024-03-30T21:00:02.250000+01:00",
            }[zone, every.total_seconds()]
        )
