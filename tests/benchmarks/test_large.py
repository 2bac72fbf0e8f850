"""What the run of fifty million rows is made of: a file that is written in pieces, and a spec that is valid."""

import json

import polars as pl
import pytest

from benchmarks import large
from flows.check import check


@pytest.mark.parametrize("series", [1, 4])
def test_the_file_is_the_same_whatever_the_pieces_and_the_spec_is_valid(tmp_path, monkeypatch, series):
    large.write(tmp_path / "whole.parquet", 4000, series)
    frame = pl.read_parquet(tmp_path / "whole.parquet")
    assert frame.height == 4000
    assert frame["name"].value_counts()["count"].to_list() == [4000 // series] * series
    monkeypatch.setattr(large, "PIECE", 900)
    large.write(tmp_path / "pieces.parquet", 4000, series)
    assert frame.equals(pl.read_parquet(tmp_path / "pieces.parquet"))
    file = tmp_path / "large.yaml"
    file.write_text(json.dumps(large.spec(4000 // series, series)))
    assert list(check(file).spec.steps) == ["load", "split", "normalize", "window", "train", "evaluate"]
