"""The committed data files are what their script makes, and hold what their README says."""

from __future__ import annotations

import hashlib
import importlib.util
from collections import Counter
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import soundfile
from holidays import country_holidays

FOLDER = Path(__file__).parents[2] / "pipelines" / "data"
_spec = importlib.util.spec_from_file_location("make_data", FOLDER / "make.py")
assert _spec is not None
assert _spec.loader is not None
make = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(make)


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


@pytest.mark.parametrize("name", sorted(make.FILES))
def test_the_script_reproduces_the_committed_bytes(name: str, tmp_path: Path) -> None:
    if lacking := make.differing(name):
        pytest.skip(f"{name} was made with {', '.join(lacking)}")
    make.FILES[name][0](tmp_path / name)
    assert _digest(tmp_path / name) == _digest(FOLDER / name)


def test_every_file_is_made_by_the_script_and_described() -> None:
    data = {file.name for file in FOLDER.iterdir() if file.suffix in {".csv", ".parquet", ".conll"}}
    readme = (FOLDER / "README.md").read_text()
    assert data == set(make.FILES)
    assert [name for name in data if f"## {name}" not in readme] == []
    assert sum((FOLDER / name).stat().st_size for name in data) < 300_000


def test_all_of_it_is_small() -> None:
    # every clone and every source package carries it; the recordings are 360 KB of it, and most of what is allowed
    assert sum(file.stat().st_size for file in FOLDER.rglob("*") if "__pycache__" not in file.parts) < 800_000


def test_twelve_voices_say_each_digit_twice_and_none_is_clipped() -> None:
    recordings = sorted((FOLDER / "spoken-digits").iterdir())
    names = [file.stem.split("_") for file in recordings]
    assert {file.suffix for file in recordings} == {".ogg"}
    assert Counter(digit for digit, _, _ in names) == {str(digit): 24 for digit in range(10)}
    assert Counter(voice for _, voice, _ in names) == dict.fromkeys({voice for _, voice, _ in names}, 20)
    for file in recordings:
        samples, rate = soundfile.read(file, always_2d=True)
        assert (rate, samples.shape[1]) == (8000, 1)
        assert 0.1 < len(samples) / rate < 1
        assert 0.3 < np.abs(samples).max() < 0.9


def test_co2_keeps_its_missing_weeks() -> None:
    weeks = pl.read_csv(FOLDER / "co2.csv", try_parse_dates=True)
    assert weeks.height == 2284
    assert weeks["co2"].null_count() == 59
    assert weeks["date"].diff().drop_nulls().dt.total_days().unique().to_list() == [7]
    runs = weeks.with_columns(run=pl.col("co2").is_null().rle_id()).filter(pl.col("co2").is_null())
    assert sorted(runs.group_by("run").len()["len"].to_list())[-2:] == [8, 18]


def test_sunspots_and_passengers_are_whole_years_without_holes() -> None:
    for name, first, months in (("sunspots", 1749, 3120), ("airline", 1949, 144)):
        frame = pl.read_csv(FOLDER / f"{name}.csv", try_parse_dates=True)
        assert frame["month"].to_list() == [date(first + month // 12, 1 + month % 12, 1) for month in range(months)]
        assert frame.null_count().sum_horizontal().item() == 0


def test_departures_hold_three_equal_series_and_gaps_in_the_weather_only() -> None:
    hours = pl.read_parquet(FOLDER / "departures.parquet")
    assert dict(hours.group_by("airport").len().sort("airport").iter_rows()) == {"EWR": 4392, "JFK": 4392, "LGA": 4392}
    assert hours.select("departed", "scheduled", "wind", "visibility").null_count().row(0) == (0, 0, 24, 21)
    totals = hours.group_by("airport").agg(pl.col("departed", "scheduled").sum())
    cancelled = 1 - (totals["departed"] / totals["scheduled"]).to_numpy()
    assert np.all((cancelled > 0) & (cancelled < 0.06)), "a few flights in a hundred are cancelled"


def test_digits_are_the_images_of_scikit_learn() -> None:
    from sklearn.datasets import load_digits

    rows = pl.read_parquet(FOLDER / "digits.parquet")
    images, labels = load_digits(return_X_y=True)
    pixels = rows.select(pl.col("^p.$")).to_numpy().reshape(-1, 64)
    np.testing.assert_array_equal(pixels, images)
    np.testing.assert_array_equal(rows.filter(pl.col("row") == 0)["digit"].to_numpy(), labels)


def test_the_script_leaves_a_file_alone_where_a_package_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(make, "_installed", {"polars": make.MADE_WITH["polars"]}.get)
    monkeypatch.setattr("sys.argv", ["make.py", str(tmp_path)])
    make.main()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["airline.csv", "recipes.conll"]
    assert "co2.csv: left as it is, made with statsmodels 0.15.0" in capsys.readouterr().out


def test_the_holidays_of_the_rides_are_those_of_norway() -> None:
    known = country_holidays("NO", years=range(2022, 2025))
    assert make._holidays_of_norway(range(2022, 2025)) == set(known)


def test_rides_have_covariates_of_every_kind_and_holes_in_the_counts_only() -> None:
    days = pl.read_parquet(FOLDER / "rides.parquet")
    assert days.group_by("station").len()["len"].to_list() == [1096] * 6
    assert {name: count for name, count in days.null_count().row(0, named=True).items() if count} == {"rides": 101}
    assert days.group_by("station").agg(pl.n_unique("kind", "docks"))["kind"].to_list() == [1] * 6
