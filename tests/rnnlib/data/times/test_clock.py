"""Local times that the clocks repeat or skip, beside pandas' `tz_localize`."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from pydantic import ValidationError

from rnnlib.data.dataset import DataSet
from rnnlib.data.loading import frame_to_dataset, load
from rnnlib.data.loading.reading import Reading
from rnnlib.data.origin import Origin, SourceColumn
from rnnlib.data.roles import Roles
from rnnlib.data.times.clock import Clock
from rnnlib.data.times.time import read_times
from rnnlib.data.times.time_text import Read
from rnnlib.errors import DataError
from rnnlib.place import Place

BACK = {"Europe/Oslo": "2024-10-27", "America/New_York": "2024-11-03", "Australia/Lord_Howe": "2024-04-07"}
FORWARD = {"Europe/Oslo": "2024-03-31", "America/New_York": "2024-03-10", "Australia/Lord_Howe": "2024-10-06"}
ROLES = Roles(series="s", time="t", target=("y",))
OSLO = "Europe/Oslo"


def read(walls: Any, zone: str, sequence: Any = None, **clock: str) -> Read:
    column = SourceColumn(pl.Series("t", list(walls), pl.Datetime("us")), Origin(("f.csv",)), ("roles", "time"))
    of = None if sequence is None else np.asarray(sequence)
    return read_times(column, zone, None, Clock.model_validate(clock), of)


def microseconds(times: pd.DatetimeIndex) -> list[int]:
    return times.tz_convert("UTC").tz_localize(None).as_unit("us").asi8.tolist()


def around(day: str, minutes: int, zone: str) -> pd.DatetimeIndex:
    """Instants of a night, as a clock on the wall of the zone shows them."""
    start = pd.Timestamp(day, tz=zone) - pd.Timedelta(hours=3)
    return pd.date_range(start, periods=12 * 60 // minutes, freq=f"{minutes}min")


@pytest.mark.parametrize("zone", BACK)
@pytest.mark.parametrize("minutes", [5, 15, 30])
def test_the_order_of_rows_tells_which_of_two_hours_it_is(zone: str, minutes: int) -> None:
    logged = around(BACK[zone], minutes, zone).tz_localize(None)
    found = read(logged, zone, repeated="in_order")
    expected = logged.tz_localize(zone, ambiguous="infer")
    assert found.times.tolist() == microseconds(expected) == microseconds(around(BACK[zone], minutes, zone))
    twice = 2 * (30 if "Lord" in zone else 60) // minutes
    assert found.repairs == {"repeated local times read": twice}


def test_each_series_has_its_order_and_each_year_its_night() -> None:
    nights = [around(day, 60, OSLO).tz_localize(None) for day in ("2023-10-29", "2024-10-27")]
    one = nights[0].append(nights[1])
    walls = [wall for pair in zip(one, one, strict=True) for wall in pair]  # two series, row by row
    found = read(walls, OSLO, np.tile([0, 1], len(one)), repeated="in_order")
    expected = [time for night in nights for time in microseconds(night.tz_localize(OSLO, ambiguous="infer"))]
    assert found.times[::2].tolist() == found.times[1::2].tolist() == expected
    assert found.repairs == {"repeated local times read": 8}


@pytest.mark.parametrize(("which", "dst"), [("first", True), ("second", False)])
@pytest.mark.parametrize("zone", BACK)
def test_all_may_be_the_first_or_the_second(zone: str, which: str, dst: bool) -> None:
    logged = around(BACK[zone], 15, zone).tz_localize(None)
    expected = logged.tz_localize(zone, ambiguous=np.full(len(logged), dst))
    assert read(logged, zone, repeated=which).times.tolist() == microseconds(expected)


@pytest.mark.parametrize("zone", FORWARD)
def test_a_skipped_time_becomes_the_first_after_the_gap(zone: str) -> None:
    start = datetime.fromisoformat(FORWARD[zone])
    walls = pd.DatetimeIndex([start + timedelta(minutes=10 * step) for step in range(30)])
    found = read(walls, zone, skipped="forward")
    gap = 3 if "Lord" in zone else 6
    if gap == 6:  # of half an hour, pandas goes on to the next whole one
        assert found.times.tolist() == microseconds(walls.tz_localize(zone, nonexistent="shift_forward"))
    shown = pd.DatetimeIndex(found.times.astype("M8[us]"), tz="UTC").tz_convert(zone).tz_localize(None)
    assert list(shown[:12]) + list(shown[12 + gap :]) == list(walls[:12]) + list(walls[12 + gap :])
    assert set(shown[12 : 12 + gap]) == {walls[12 + gap]}, "the first time that there is again"
    assert found.repairs == {"skipped local times moved": gap}


@pytest.mark.parametrize(
    ("hours", "row"),
    [
        (["01:00", "02:00", "03:00"], 2),
        (["02:30", "02:15", "02:00"], 1),
        (["02:00", "02:30", "01:30"], 1),
        (["02:00", "02:30", "02:00", "02:30", "02:00"], 1),
        (["02:30", "03:00", "02:00", "02:30"], 1),
        (["03:30", "02:30", "02:00", "01:00"], 2),
        (["01:30", "02:00", "02:00", "01:59"], 2),
    ],
)
def test_what_the_order_does_not_tell_is_refused(hours: list[str], row: int) -> None:
    walls = [datetime.fromisoformat(f"2024-10-27 {hour}") for hour in hours]
    with pytest.raises(DataError, match="the order of the rows does not tell which it is") as refused:
        read(walls, OSLO, repeated="in_order")
    assert refused.value.row == row


def hourly(every: int = 1) -> pl.DataFrame:
    logged = around("2024-10-27", 60 * every, OSLO).tz_localize(None)
    return pl.DataFrame({"s": "a", "t": logged.to_numpy(), "y": np.arange(float(len(logged)))})


def test_it_is_counted_and_goes_along_with_a_model() -> None:
    trained = frame_to_dataset(hourly(), ROLES, file="f", zone=OSLO, clock=Clock(repeated="in_order"))
    assert (trained.about.time.every, trained.about.repairs) == ("1h", {"repeated local times read": 2})
    assert trained.about.time.clock == {"repeated": "in_order"}
    again = frame_to_dataset(hourly(), ROLES, file="new", expected=trained.about)
    assert np.array_equal(again.times, trained.times)
    refuses = trained.about.model_copy(update={"time": trained.about.time.model_copy(update={"clock": {}})})
    with pytest.raises(DataError, match=r"comes twice .* write times in UTC or with an offset") as refused:
        frame_to_dataset(hourly(), ROLES, file="new", expected=refuses)
    assert "`clock" not in str(refused.value), "no word in a spec changes what a trained model reads"


def loaded(folder: Path, times: list[str], **more: Any) -> DataSet:
    (folder / "f.csv").write_text("\n".join(["s,t,y", *(f"a,{time},1" for time in times)]))
    fields = {"source": {"kind": "csv", "path": "f.csv"}, "roles": ROLES.model_dump(exclude_defaults=True), **more}
    return load(Reading.model_validate(fields), Place(folder, folder))


def test_a_clock_without_effect_is_refused(tmp_path: Path) -> None:
    forward = {"clock": {"skipped": "forward"}}
    with pytest.raises(ValidationError, match="name the `zone`"):
        loaded(tmp_path, [], **forward)
    for times in (["2024-01-01 10:00+01:00", "2024-01-01 11:00+01:00"], ["2024-01-01 10:00Z"]):
        with pytest.raises(DataError, match="`clock` is about local times without an offset") as refused:
            loaded(tmp_path, times, zone=OSLO, **forward)
        assert refused.value.at == ("clock",)
    moved = loaded(tmp_path, ["2024-03-31 02:00", "2024-03-31 04:00"], zone=OSLO, **forward)
    assert moved.about.repairs == {"skipped local times moved": 1}
    with pytest.raises(DataError, match=r"clock: \{skipped: forward\}"):
        loaded(tmp_path, ["2024-03-31 02:00", "2024-03-31 04:00"], zone=OSLO)


@pytest.mark.parametrize("times", [["01:30", "02:30", "03:00"], ["01:59", "02:00", "02:30"]])
def test_a_clock_that_goes_on_through_the_gap_is_told_of_where_times_come_twice(times: list[str]) -> None:
    frame = pl.DataFrame({"s": "a", "t": [f"2024-03-31 {time}" for time in times], "y": [1.0, 2, 3]})
    forward = Clock(skipped="forward")
    message = rf"row 3: .* `2024-03-31 {times[1]}` in row 2 and `2024-03-31 {times[2]}` are one since .*leave `zone`"
    with pytest.raises(DataError, match=message):
        frame_to_dataset(frame, ROLES, file="f.csv", zone=OSLO, clock=forward)
    again = frame.with_columns(t=pl.col("t").str.replace(times[2], times[1]))
    with pytest.raises(DataError, match="comes again, first in row 2"):
        frame_to_dataset(again, ROLES, file="f.csv", zone=OSLO, clock=forward)
