"""`rnn data`: the table of sequences, and what is told of texts, words, recordings and frames."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import soundfile
from typer.testing import CliRunner

from flows.cli.main import app
from flows.data import profile
from flows.series_table import SeriesTable

HEAD = "version: 1\nname: held\nsteps:\n  load:"
REST = """  split: {by: random, validation: 20%, test: 20%}
  train: {model: {kind: classifier, layers: [{kind: gru, units: 2}]}, epochs: 1}
  evaluate: {metrics: [accuracy]}
"""
FORECAST = (
    REST.replace("random", "time")
    .replace("classifier", "forecaster")
    .replace("accuracy", "mae")
    .replace("  train", "  window: {context: 4, horizon: 2}\n  train")
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RNN_HOME", str(tmp_path / "home"))
    (tmp_path / "pyproject.toml").write_text("")
    return tmp_path


def spec(folder: Path, load: str, rest: str = REST) -> Path:
    (folder / "spec.yaml").write_text(f"{HEAD} {load}\n{rest}")
    return folder / "spec.yaml"


def series(names: int, rows: int) -> pl.DataFrame:
    hours = np.datetime64("2024-01-01T00:00", "us") + np.arange(rows) * np.timedelta64(1, "h")
    return pl.concat([pl.DataFrame({"s": f"s{one}", "t": hours, "y": np.arange(rows) * 1.0}) for one in range(names)])


def test_the_worst_sequences_come_first_with_their_gaps_and_duplicates(folder: Path) -> None:
    whole = series(14, 30)
    gone = whole.filter(~((pl.col("s") == "s3") & pl.col("y").is_between(4, 6)))
    again = pl.concat([gone, whole.filter((pl.col("s") == "s5") & (pl.col("y") < 2))]).sort("s", "t")
    again.with_columns(y=pl.when((pl.col("s") == "s7") & (pl.col("y") == 9)).then(None).otherwise("y")).write_csv(
        folder / "f.csv"
    )
    roles = "roles: {series: s, time: t, target: [y]}"
    repairs = "duplicates: first, missing: {fill: forward}"
    file = spec(folder, f"{{source: {{kind: csv, path: f.csv}}, {roles}, {repairs}}}", FORECAST)
    found = profile(file)[0].series
    assert isinstance(found, SeriesTable)
    assert [(one.name, one.gaps, one.duplicates, one.missing) for one in found.worst[:3]] == [
        ("s3", 3, 0, 3),
        ("s5", 0, 2, 0),
        ("s7", 1, 0, 1),
    ]
    assert found.worst[0][1:5] == (30, "2024-01-01 00:00:00", "2024-01-02 05:00:00", "1h")
    assert (len(found.worst), found.flawless) == (10, 11)
    assert (found.total.rows, found.total.gaps, found.total.duplicates, found.total.missing) == (420, 4, 2, 4)


@pytest.mark.parametrize("width", ["80", "40"])
def test_texts_are_told_by_their_lengths_and_what_is_frequent(folder: Path, width: str) -> None:
    pl.DataFrame({"line": ["a b a", "\x1b[31mred", "b"], "kind": ["x", "y", "x"]}).write_csv(folder / "f.csv")
    file = spec(folder, "{source: {kind: csv, path: f.csv}, roles: {text: line, label: kind}}")
    run = CliRunner()
    said = run.invoke(app, ["data", str(file)], env={"NO_COLOR": "1", "COLUMNS": width})
    assert said.exit_code == 0, said.output
    assert "\x1b[31m" not in said.output
    (facts,) = json.loads(run.invoke(app, ["data", str(file), "--json"]).output)
    assert facts["series"] is None, "every row is a text"
    told = facts["held"]["line"]
    assert told["characters of each"] == "1 to 8 (median 5)"
    assert told["words of each"] == "1 to 3 (median 1)"
    assert told["most frequent words"] == "a 40 %, b 40 %, \\x1b[31mred 20 %"
    assert told["most frequent characters"].startswith("a 14.3 %, U+0020 14.3 %, b 14.3 %, U+001B 7.14 %")
    assert told["`2`"] == "\\x1b[31mred"


def test_recordings_are_told_by_rate_seconds_loudness_and_clipping(folder: Path) -> None:
    for number, loud in enumerate([0.0, 0.5, 1.0]):
        sound = loud * np.sin(2 * np.pi * 50 * np.arange(800 * (number + 1)) / 8000)
        soundfile.write(folder / f"{'ab'[number % 2]}_{number}.wav", sound, 8000)
    source = 'source: {kind: audio, path: "*.wav", named: "{kind}_{take}.wav", clipped: keep}'
    (one,) = profile(spec(folder, f"{{{source}, roles: {{sample: file, features: audio, label: kind}}}}"))
    told = one.held["audio"]
    assert (told["rate"], told["seconds of each"]) == ("8000 Hz", "0.1 to 0.3 (median 0.2)")
    assert told["loudness (RMS)"] == "-120 to -3.01 (median -9.031) dB of full scale"
    assert (told["silent"], told["at full scale"][:6]) == ("1 of 3", "1 of 3")


def test_frames_and_words_of_shipped_specs_are_told() -> None:
    (frames,) = profile("pipelines/moving-digits.yaml")
    assert frames.held["frame_0"]["frames"] == "12 × 12 pixels, grey"
    assert list(frames.held) == ["frame_0"]
    (words,) = profile("pipelines/recipes-tag.yaml")
    assert words.held["word"]["`1`"] == "first stuff the rye flour with several water ."
    (closed,) = profile("pipelines/rides-forecast.yaml")
    assert closed.held == {}, "the categories stand in the contract"
