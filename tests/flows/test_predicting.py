"""`rnn predict` of a table: what was text in training is text as it is written now."""

from pathlib import Path

import polars as pl
import pytest
import torch

from flows.predict import predict
from rnnlib.bundle import open_bundle, save_bundle
from rnnlib.data.encoders import Categories, Characters, encoded
from rnnlib.data.loading import frame_to_dataset
from rnnlib.data.roles import Roles
from rnnlib.models import Classifier
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
