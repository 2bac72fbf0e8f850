"""Every bundle that any version has written still opens, and predicts what it predicted then."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from rnnlib.bundle import FORMAT, open_bundle
from rnnlib.predictor import Predictor
from tests.bundles import make

STORED = sorted(path.parent for path in Path(__file__).parent.glob("format-*/*/bundle"))


@pytest.mark.parametrize("folder", STORED, ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_it_opens_and_predicts_what_it_predicted_then(folder: Path) -> None:
    predicted = Predictor(open_bundle(folder / "bundle")).predict(pl.read_parquet(folder / "input.parquet"))
    assert_frame_equal(predicted, pl.read_parquet(folder / "expected.parquet"), rel_tol=1e-5, abs_tol=1e-6)


@pytest.mark.parametrize("folder", STORED, ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_it_is_of_the_format_that_its_folder_says(folder: Path) -> None:
    assert folder.parent.name == f"format-{json.loads((folder / 'bundle' / 'model.json').read_text())['format']}"


def test_the_current_format_has_one_of_every_kind() -> None:
    assert {path.name for path in STORED if path.parent.name == f"format-{FORMAT}"} == set(make.INPUTS)


def test_what_is_there_is_never_written_over(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(make, "write", lambda *_: pytest.fail("written over"))
    make.main()
    assert capsys.readouterr().out.count("stands, and is kept") == len(make.INPUTS)
