"""Models that Keras saved answer here as they answer there (`keras/expected.npz`, made by `keras/make.py`)."""

import json
import shutil
import zipfile
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch

from rnnlib.bundle import open_bundle
from rnnlib.data.batching.batch import Batch
from rnnlib.errors import DataError, ModelError
from rnnlib.interchange.keras import import_keras, read_keras
from rnnlib.interchange.onnx import export_onnx
from rnnlib.predictor import Predictor

FILES = Path(__file__).parent / "keras"
EXPECTED = np.load(FILES / "expected.npz")
TOLERANCE = 1e-5
SAME = ("rnn", "gru", "functional", "bidirectional", "bidirectional_rnn", "rnn_relu", "lstm_other")
"""Models that end in linear units."""
CLASSES = ("lstm", "embedding", "gru_before")
TARGETS = {name: EXPECTED[name].shape[1] for name in ("bidirectional", "bidirectional_rnn", "rnn_relu")}


def fed(name: str) -> np.ndarray:
    """What Keras was shown: [sample, step, feature]."""
    shown = EXPECTED[{"embedding": "tokens", "masked": "masked_tokens"}.get(name, "values")]
    return shown if shown.ndim == 3 else shown[..., None]


def answers(folder: Path, inputs: np.ndarray, lengths: list[int] | None = None) -> np.ndarray:
    rows = torch.from_numpy(inputs)
    of_each = torch.tensor(lengths or [inputs.shape[1]] * len(inputs))
    with torch.inference_mode():
        made = open_bundle(folder).module()(Batch(inputs=rows, lengths=of_each, index=torch.arange(len(rows))))
    return made.numpy()


@pytest.mark.parametrize("name", [name for name in SAME if name not in TARGETS])
def test_a_number_is_the_number_of_keras(tmp_path: Path, name: str) -> None:
    made = import_keras(FILES / f"{name}.keras", tmp_path / "bundle")
    assert made.kind == "regressor"
    np.testing.assert_allclose(answers(made.folder, fed(name)), EXPECTED[name][:, 0], rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("name", CLASSES)
def test_probabilities_are_those_of_keras(tmp_path: Path, name: str) -> None:
    made = import_keras(FILES / f"{name}.keras", tmp_path / "bundle")
    found = torch.softmax(torch.from_numpy(answers(made.folder, fed(name))), dim=1).numpy()
    expected = EXPECTED[name]
    if expected.shape[1] == 1:  # one sigmoid: the probability of the second class
        expected = np.concatenate([1 - expected, expected], axis=1)
    assert made.kind == "classifier"
    np.testing.assert_allclose(found, expected, rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("name", TARGETS)
def test_several_numbers_are_steps_of_a_forecast(tmp_path: Path, name: str) -> None:
    """The file does not say how long its windows are; a copy of it does."""
    file = windowed(FILES / f"{name}.keras", tmp_path / f"{name}.keras", steps=9)
    made = import_keras(file, tmp_path / "bundle", columns=("load", "temp", "price"), target="load")
    assert made.kind == "forecaster"
    np.testing.assert_allclose(answers(made.folder, fed(name))[..., 0], EXPECTED[name], rtol=0, atol=TOLERANCE)


def windowed(file: Path, copy: Path, steps: int) -> Path:
    with zipfile.ZipFile(file) as read, zipfile.ZipFile(copy, "w") as written:
        for member in read.namelist():
            content = read.read(member)
            if member == "config.json":
                content = content.replace(b'"batch_shape": [null, null, 3]', b'"batch_shape": [null, %d, 3]' % steps)
            written.writestr(member, content)
    return copy


def test_masked_tokens_are_padding_on_the_right(tmp_path: Path) -> None:
    made = import_keras(FILES / "masked.keras", tmp_path / "bundle")
    found = answers(made.folder, fed("masked"), lengths=[9, 4, 1, 6])
    np.testing.assert_allclose(found, EXPECTED["masked"][:, 0], rtol=0, atol=TOLERANCE)


def test_an_imported_model_predicts_on_a_table_and_is_exported(tmp_path: Path) -> None:
    made = import_keras(FILES / "lstm.keras", tmp_path / "bundle", columns=("a", "b", "c"), classes=("x", "y", "z"))
    rows = fed("lstm")
    frame = pl.concat(
        pl.DataFrame({"sample": sample, "step": range(9), **{name: rows[sample, :, at].astype(float) for at, name in
                                                             enumerate("abc")}})
        for sample in range(len(rows))
    )  # fmt: skip
    bundle = open_bundle(made.folder)
    found = Predictor(bundle).predict(frame).select("p_x", "p_y", "p_z").to_numpy()
    np.testing.assert_allclose(found, EXPECTED["lstm"], rtol=0, atol=TOLERANCE)
    assert export_onnx(bundle, tmp_path / "model.onnx").difference < 1e-6


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("convolution", "`conv1d.*` is a Conv1D; what can be imported: Bidirectional, Dense, Dropout, Embedding"),
        ("backwards", "reads backwards"),
        ("steps", "a last output for every step|gives every step"),
        ("bidirectional", "received 2 × linear; name the column that it forecasts"),
    ],
)
def test_what_would_compute_something_else_is_refused(tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        import_keras(FILES / f"{name}.keras", tmp_path / "bundle")
    assert not (tmp_path / "bundle").exists()


def test_names_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"the model reads 3 columns: received 1 names \(a\)"):
        import_keras(FILES / "rnn.keras", tmp_path / "bundle", columns=("a",))
    with pytest.raises(ModelError, match=r"each of the 3 outputs is a class: received 2 names \(a, b\)"):
        import_keras(FILES / "lstm.keras", tmp_path / "bundle", classes=("a", "b"))


def test_files_that_are_none_are_refused(tmp_path: Path) -> None:
    (tmp_path / "text.keras").write_text("no archive")
    with pytest.raises(DataError, match=r"text.keras is no `.keras` file"):
        read_keras(tmp_path / "text.keras")
    with zipfile.ZipFile(tmp_path / "part.keras", "w") as written:
        written.writestr("config.json", "{}")
    with pytest.raises(DataError, match=r"this one lacks metadata.json"):
        read_keras(tmp_path / "part.keras")
    old = tmp_path / "old.keras"
    shutil.copy(FILES / "rnn.keras", old)
    with zipfile.ZipFile(FILES / "rnn.keras") as read, zipfile.ZipFile(old, "w") as written:
        for member in read.namelist():
            changed = json.dumps({"keras_version": "2.15.0"}) if member == "metadata.json" else read.read(member)
            written.writestr(member, changed)
    with pytest.raises(DataError, match=r"files of Keras 3 are read, received one of Keras 2\.15\.0"):
        read_keras(old)
    damaged = tmp_path / "damaged.keras"
    with zipfile.ZipFile(FILES / "rnn.keras") as read, zipfile.ZipFile(damaged, "w") as written:
        for member in read.namelist():
            written.writestr(member, b"\x89HDF" if member.endswith("h5") else read.read(member))
    with pytest.raises(DataError, match=r"damaged.keras is damaged"):
        read_keras(damaged)
