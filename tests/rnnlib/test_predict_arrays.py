"""Recordings and arrays to a trained model: read as in training, and held against it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import soundfile
from numpy.typing import NDArray

from flows.predict import predict
from rnnlib.bundle import open_bundle
from rnnlib.data.about import About, Column
from rnnlib.data.arrays import Arrays
from rnnlib.data.contract import ContractError
from rnnlib.data.contract.clips import clip_differences
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.data.encoders import Categories, FrameSize, LogMel, encoded
from rnnlib.data.generated_sources.moving_digits import MovingDigits
from rnnlib.data.loading import arrays_to_dataset, load
from rnnlib.data.loading.reading import Reading
from rnnlib.data.roles import Roles
from rnnlib.data.splits import ByRandom, split
from rnnlib.errors import DataError
from rnnlib.models import Classifier, Forecaster, Tagger
from rnnlib.place import Place
from rnnlib.predictor import Predictor
from rnnlib.served import _load_pyfunc
from tests.bundles import make
from tests.rnnlib.data.media.test_frames import images, video

RATE = 8000
LAYERS = [{"kind": "gru", "units": 3}]


def sing(folder: Path, name: str, pitch: float, seconds: float = 0.1, rate: int = RATE) -> Path:
    time = np.arange(int(seconds * rate)) / rate
    soundfile.write(folder / name, 0.3 * np.sin(2 * np.pi * pitch * time), rate)
    return folder / name


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A classifier of tones; its weights are as they were drawn."""
    folder = tmp_path_factory.mktemp("tones")
    for number in range(6):
        name, pitch = ("low", 200) if number % 2 else ("high", 900)
        sing(folder, f"{name}_{number}.wav", pitch, 0.1 + number / 50)
    section = Reading.model_validate({
        "source": {"kind": "audio", "path": "*.wav", "named": "{pitch}_{take}.wav", "rate": RATE},
        "roles": {"sample": "file", "features": "audio", "label": "pitch"},
    })  # fmt: skip
    data = split(load(section, Place(folder, folder)), ByRandom(test=2, stratify=True), 0)
    data = encoded(data, (LogMel(bands=8).fit(data).model_dump(mode="json"),))
    model = Classifier.model_validate({"layers": LAYERS})
    make.write(folder / "bundle", lambda: (model, data))
    return folder / "bundle"


def test_a_recording_and_a_folder_of_them(trained: Path, tmp_path: Path) -> None:
    one = sing(tmp_path, "a.wav", 900)
    sing(tmp_path, "b.flac", 200, 0.3)
    alone, both = predict(str(trained), one), predict(str(trained), tmp_path)
    assert alone.columns == ["file", "pitch", "p_high", "p_low"]
    assert both["file"].to_list() == [str(one), str(tmp_path / "b.flac")]
    assert both["pitch"][0] == alone["pitch"][0]
    np.testing.assert_allclose(both.row(0)[2:], alone.row(0)[2:], rtol=1e-5)
    np.testing.assert_allclose(both["p_high"] + both["p_low"], 1, rtol=1e-5)


def test_another_rate_is_brought_to_that_of_training(trained: Path, tmp_path: Path) -> None:
    slow, fast = sing(tmp_path, "slow.wav", 300, 0.5), sing(tmp_path, "fast.wav", 300, 0.5, 16000)
    shares = [predict(str(trained), file)["p_high"][0] for file in (slow, fast)]
    assert shares[0] == pytest.approx(shares[1], abs=0.01)


def test_what_the_model_was_not_trained_on_is_refused(trained: Path, tmp_path: Path) -> None:
    predictor = Predictor(open_bundle(trained))
    samples, names = {"audio": np.zeros((9, 1))}, {"file": pl.Series("file", ["x"])}
    given = Arrays(samples, names, np.array([9]), rate=8000.0, holds={"audio": "samples"})
    assert predictor.predict_arrays(given).height == 1
    for changed, message in [
        (replace(given, rate=44100.0), "trained on 8000 a second: received 44100 a second"),
        (replace(given, rate=None), "received steps of no rate"),
        (replace(given, frame=(2, 2, 1)), "trained on frames of no size: received 2 × 2 pixels of 1"),
        (replace(given, steps={"sound": samples["audio"]}), r"`audio`: the model reads this column \(features\)"),
        (replace(given, steps={"audio": np.full((9, 1), "a")}), "and this is of type text"),
        (replace(given, whole={"name": names["file"]}), r"the model reads this column \(sample\)"),
    ]:
        with pytest.raises(DataError, match=message):
            predictor.predict_arrays(changed)
    (tmp_path / "empty").mkdir()
    for path, message in [("empty", "the folder holds no files"), ("absent.wav", "no such file")]:
        with pytest.raises(DataError, match=message):
            predict(str(trained), tmp_path / path)


def test_a_table_of_samples_is_refused_where_it_is_served(trained: Path) -> None:
    table = pd.DataFrame({"file": "x", "audio": np.zeros(9)})
    with pytest.raises(DataError, match=r"the model reads files \(audio\).*ask it with `rnn predict MODEL FILE`"):
        _load_pyfunc(str(trained)).predict(table)


def moving(folder: Path, name: str, length: int) -> NDArray[np.uint8]:
    """A folder of images and a video of the same frames."""
    frames = np.random.default_rng(length).integers(0, 256, (length, 16, 16, 3), np.uint8)
    images(folder / name, frames)
    video(folder / f"{name}.mp4", frames)
    return frames


@pytest.mark.parametrize(("kind", "path", "file"), [("frames", "*/*.png", "c"), ("video", "*.mp4", "c.mp4")])
def test_the_next_frame_of_folders_and_of_videos(tmp_path: Path, kind: str, path: str, file: str) -> None:
    for number, name in enumerate("abc"):
        moving(tmp_path, name, 7 + number)
    source = {"kind": kind, "path": path, "height": 4, "width": 4}
    roles = {"series": "file", "target": "frame"}
    section = Reading.model_validate({"source": source, "roles": roles})
    data = split(load(section, Place(tmp_path, tmp_path)), ByRandom(test=1), 0)
    data = encoded(data, (FrameSize(height=2, width=2).fit(data).model_dump(mode="json"),))
    data = data.with_about(window={"context": 5, "horizon": 1})
    make.write(tmp_path / "bundle", lambda: (Forecaster.model_validate({"layers": LAYERS}), data))
    made = predict(str(tmp_path / "bundle"), tmp_path / file)
    assert made.columns == ["file", "step", "pixel_0", "pixel_1", "pixel_2", "pixel_3"]
    assert made["file"].to_list() == [str(tmp_path / file)]
    (tmp_path / "short").mkdir()
    moving(tmp_path / "short", "d", 2)
    with pytest.raises(DataError, match="5 "):
        predict(str(tmp_path / "bundle"), tmp_path / "short" / file.replace("c", "d"))


def arrays(values: Any, **whole: Any) -> Arrays:
    lengths = np.array([len(one) for one in values])
    series = {"clip": pl.Series("clip", np.arange(len(values))), **{k: pl.Series(k, v) for k, v in whole.items()}}
    return Arrays({"frame": np.concatenate(values)}, series, lengths)


def test_arrays_are_forecast() -> None:
    values = [np.arange(20.0).reshape(10, 2), 100 + np.arange(16.0).reshape(8, 2)]
    data = arrays_to_dataset(arrays(values), Roles(series="clip", target=("frame",)), file="f.npz", missing=None)
    assert [column.name for column in data.about.columns] == ["frame_0", "frame_1"]
    assert {column.role for column in data.about.columns} == {"target"}
    assert data.sequences["key"].to_list() == ["0", "1"]
    assert data.lengths.tolist() == [10, 8]
    with pytest.raises(DataError, match="a series by itself: name what tells them apart, `series: clip`"):
        arrays_to_dataset(arrays(values), Roles(target=("frame",)), file="f.npz", missing=None)
    roles = Roles(series="clip", target=("frame_0",), past=("age",))
    with pytest.raises(DataError, match="`past` have a value for each step, and `age` has one for each sequence"):
        arrays_to_dataset(arrays(values, age=[1, 2]), roles, file="f.npz", missing=None)


def test_the_frames_behind_a_clip_are_predicted(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    values = [draw.normal(size=(length, 4)) for length in (12, 15, 11)]
    data = arrays_to_dataset(arrays(values), Roles(series="clip", target=("frame",)), file="f.npz", missing=None)
    data = split(data, ByRandom(test=1), 0)
    assert sorted(set(data.part[data.offsets[:-1]].tolist())) == [PartOf.train, PartOf.test]
    data = data.with_about(window={"context": 5, "horizon": 2})
    make.write(tmp_path / "bundle", lambda: (Forecaster.model_validate({"layers": LAYERS}), data))
    made = Predictor(open_bundle(tmp_path / "bundle")).predict_arrays(arrays(values[:1]))
    assert made.columns == ["clip", "step", "frame_0", "frame_1", "frame_2", "frame_3"]
    assert made["step"].to_list() == [1, 2]


def test_what_was_trained_on_drawn_frames_reads_frames(tmp_path: Path) -> None:
    source = MovingDigits(samples=6, length=8, side=12)
    roles = {"series": "clip", "target": "frame"}
    section = Reading.model_validate({"source": source.model_dump(mode="json"), "roles": roles})
    data = split(load(section, Place(tmp_path, tmp_path)), ByRandom(test=1), 0)
    data = data.with_about(window={"context": 5, "horizon": 1})
    make.write(tmp_path / "bundle", lambda: (Forecaster.model_validate({"layers": LAYERS}), data))
    predictor, given = Predictor(open_bundle(tmp_path / "bundle")), source.drawn(np.random.default_rng(1))
    assert predictor.predict_arrays(given).shape == (6, 2 + 144)
    with pytest.raises(DataError, match="trained on frames of 12 × 12 pixels of 1: received 9 × 16 pixels of 1"):
        predictor.predict_arrays(replace(given, frame=(9, 16, 1)))


def recording(samples: Any) -> Arrays:
    names = {"file": pl.Series("file", ["x"])}
    return Arrays({"audio": samples[:, None]}, names, np.array([len(samples)]), rate=8000.0, holds={"audio": "samples"})


def test_recordings_are_held_to_the_contract(trained: Path) -> None:
    predictor = Predictor(open_bundle(trained))
    sound = np.sin(np.arange(400) / 5)
    assert predictor.predict_arrays(recording(sound / 1000)).height == 1, "a soft one is let be"
    with pytest.raises(ContractError, match=r"samples of a recording are between −1 and 1: received -32,767 to 32,767"):
        predictor.predict_arrays(recording((sound * 32767).round()))
    with pytest.raises(ContractError, match="a clip varies: all 400 samples are 0; mend the data, train again"):
        predictor.predict_arrays(recording(np.zeros(400)))


def test_arrays_of_numbers_are_held_to_the_contract(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    values, labels = draw.normal(size=(40, 12, 1)), draw.integers(0, 2, 40)
    np.savez(tmp_path / "a.npz", x=values, y=labels)
    section = Reading.model_validate({
        "source": {"kind": "npz", "path": "a.npz", "arrays": {"value": "x", "label": "y"}},
        "roles": {"sample": "sample", "features": "value", "label": "label"},
    })  # fmt: skip
    data = split(load(section, Place(tmp_path, tmp_path)), ByRandom(test=4), 0)
    make.write(tmp_path / "bundle", lambda: (Classifier.model_validate({"layers": LAYERS}), data))
    predictor = Predictor(open_bundle(tmp_path / "bundle"))

    def given(values: Any) -> Arrays:
        flat, cases = values.reshape(-1, 1), {"sample": pl.Series("sample", np.arange(len(values)))}
        return Arrays({"value": flat}, cases, np.full(len(values), values.shape[1]))

    assert predictor.predict_arrays(given(values)).height == 40
    with pytest.raises(ContractError, match="as if they were 1000 times as large"):
        predictor.predict_arrays(given(values * 1000))
    with pytest.raises(ContractError, match="a column that varies: all of its 480 values are one and the same"):
        predictor.predict_arrays(given(np.ones_like(values)))


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda frames: frames, None),
        (lambda frames: frames / 8, None),
        (lambda frames: frames // 255, None),
        (lambda frames: frames / 255, "pixels are 0 to 255: received 0 to 1"),
        (lambda frames: frames * 257, "pixels are 0 to 255: received 0 to 65,"),
        (lambda frames: frames - 128, "pixels are 0 to 255: received -128 to 127"),
        (lambda frames: frames * 0 + 7, "a clip varies: all 3600 pixels are 7"),
    ],
)
def test_frames_are_held_to_their_scale(made: Any, message: str | None) -> None:
    frames = np.append(np.random.default_rng(0).integers(0, 256, 3598), [0, 255]).reshape(100, 36).astype(float)
    columns = tuple(Column(name=f"frame_{at}", role="target", holds="pixels") for at in range(36))
    data = DataSet(
        about=About(columns=columns, frame=(6, 6, 1)),
        raw=made(frames),
        offsets=np.array([0, 100]),
        sequences=pl.DataFrame({"key": ["a"]}),
    )
    found = [one.message for one in clip_differences(data)]
    assert found == [] if message is None else found[0].startswith(message)


@pytest.mark.parametrize("official", [False, True])
def test_a_model_of_an_archive_reads_an_archive_or_a_table_and_needs_no_truth(tmp_path: Path, official: bool) -> None:
    values, labels = np.random.default_rng(0).normal(size=(12, 5, 2)), np.arange(12) % 2
    np.savez(tmp_path / "a.npz", x=values, y=labels)
    columns = {"clip": "x", "move": "y"}
    named = {"parts": {"train": columns}} if official else {"arrays": columns}
    section = Reading.model_validate({
        "source": {"kind": "npz", "path": "a.npz", **named},
        "roles": {"sample": "sample", "features": "clip", "label": "move"},
    })  # fmt: skip
    data = load(section, Place(tmp_path, tmp_path))
    make.write(tmp_path / "bundle", lambda: (Classifier.model_validate({"layers": LAYERS}), data))
    assert open_bundle(tmp_path / "bundle").reads == "npz"
    np.savez(tmp_path / "new.npz", **{"clip" if official else "x": values[:3]})
    made = predict(str(tmp_path / "bundle"), tmp_path / "new.npz")
    assert made.columns == ["sample", "move", "p_0", "p_1"]
    assert made["sample"].to_list() == [0, 1, 2]
    steps = values[:3].reshape(-1, 2)
    table = pl.DataFrame({"sample": np.repeat([0, 1, 2], 5), "clip_0": steps[:, 0], "clip_1": steps[:, 1]})
    table.write_csv(tmp_path / "new.csv")
    assert predict(str(tmp_path / "bundle"), tmp_path / "new.csv").equals(made)
    assert _load_pyfunc(str(tmp_path / "bundle")).predict(pd.DataFrame(table.to_dict(as_series=False))).shape == (3, 4)


def test_a_model_of_lines_reads_lines_without_their_tags(tmp_path: Path) -> None:
    (tmp_path / "a.conll").write_text("\n".join(f"w{at % 3} x {'AB'[at % 2]}\n" for at in range(12)))
    source = {"kind": "conll", "path": "a.conll", "columns": {"word": 0, "tag": -1}}
    roles = {"sample": "sentence", "features": "word", "categorical": "word", "tags": "tag"}
    data = load(Reading.model_validate({"source": source, "roles": roles}), Place(tmp_path, tmp_path))
    data = split(data, ByRandom(test=2), 0)
    data = encoded(data, (Categories().fit(data).model_dump(mode="json"),))
    layers = [{"kind": "embedding", "tokens": 4, "width": 2}, *LAYERS]
    make.write(tmp_path / "bundle", lambda: (Tagger.model_validate({"layers": layers}), data))
    (tmp_path / "new.conll").write_text("w1\nw2\n\nw0\n")
    made = predict(str(tmp_path / "bundle"), tmp_path / "new.conll")
    assert made["sentence"].to_list() == [1, 1, 2]
    pl.DataFrame({"sentence": [1, 1, 2], "word": ["w1", "w2", "w0"]}).write_csv(tmp_path / "new.csv")
    assert predict(str(tmp_path / "bundle"), tmp_path / "new.csv").equals(made)


def test_another_kind_of_file_is_told_what_columns_to_write(tmp_path: Path) -> None:
    make.write(tmp_path / "bundle", make.tagger)
    (tmp_path / "new.xlsx").write_bytes(b"PK")
    with pytest.raises(
        DataError, match=r"a \.csv, .* one that ends in `.xlsx`: write its columns \(id, v1, v2\) as one"
    ):
        predict(str(tmp_path / "bundle"), tmp_path / "new.xlsx")
