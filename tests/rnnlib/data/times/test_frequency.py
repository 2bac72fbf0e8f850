"""Steps, grids and the step that times have by themselves, against polars' own calendar."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlib.data.about import TimeAxis
from rnnlib.data.loading import frame_to_dataset
from rnnlib.data.missing import Missing
from rnnlib.data.roles import Roles
from rnnlib.data.times.frequency import following, inferred
from rnnlib.data.times.grids import grid
from rnnlib.data.times.steps import Step
from rnnlib.data.times.time import shown_times
from rnnlib.errors import DataError
from rnnlib.quantities import Duration

NAIVE = TimeAxis()


def ranged(start: datetime, every: str, rows: int, zone: str | None = None) -> np.ndarray:
    """Times by polars."""
    first = pl.Series([start]).cast(pl.Datetime("us")).dt.replace_time_zone(zone)
    count = int(every.rstrip("abcdefghijklmnopqrstuvwxyz"))
    unit = every.lstrip("0123456789")
    steps = [first.dt.offset_by(f"{count * number}{unit}") for number in range(rows)]
    return pl.concat(steps).cast(pl.Int64).to_numpy()


def offsets(*lengths: int) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


EVERY = ["10ms", "1s", "90s", "15m", "1h", "1d", "1w", "2w", "1mo", "3mo", "1y"]


@pytest.mark.parametrize("every", EVERY)
@pytest.mark.parametrize("zone", [None, "Europe/Oslo"])
def test_a_grid_steps_as_polars_does(every: str, zone: str | None) -> None:
    times = ranged(datetime(2023, 10, 25, 12), every, 40, zone)
    bounds = offsets(times.size)
    span = grid(times, bounds, Step.read(every), zone)
    sequence = np.zeros(times.size, np.int64)
    position = span.position(times, sequence)
    assert position.exact.all()
    assert position.steps.tolist() == list(range(times.size))
    assert (span.times(position.steps, sequence) == times).all()
    assert not span.position(times[1:] + 1, sequence[1:]).exact.any()


@pytest.mark.parametrize("every", EVERY)
def test_the_usual_step_is_found_with_rows_missing(every: str) -> None:
    times = np.delete(ranged(datetime(2023, 1, 1), every, 60), [7, 8, 20])
    axis = TimeAxis()
    found = inferred(np.concatenate([times, times[:1]]), offsets(times.size, 1), axis)
    assert found is not None
    assert str(found) == every
    assert inferred(times[:1], offsets(1), axis) is None


def test_four_weeks_are_no_month_and_month_ends_are_one() -> None:
    weeks = ranged(datetime(2023, 1, 1), "4w", 10)
    assert str(inferred(weeks, offsets(10), NAIVE)) == "4w"
    assert str(inferred(ranged(datetime(2023, 1, 1), "1mo", 2), offsets(2), NAIVE)) == "1mo"
    ends = pl.date_range(date(2023, 1, 31), date(2024, 12, 31), "1mo", eager=True).dt.month_end()
    times = ends.cast(pl.Datetime("us")).cast(pl.Int64).to_numpy()[1:]  # starts on 28 February
    axis = TimeAxis(kind="date", every="1mo")
    assert str(inferred(times, offsets(times.size), axis)) == "1mo"
    ahead = following(times, offsets(times.size), 3, axis)
    assert shown_times(ahead, axis).to_list() == [date(2025, 1, 31), date(2025, 2, 28), date(2025, 3, 31)]


def test_whole_numbers_step_in_whole_numbers() -> None:
    found = inferred(np.array([0, 5, 10, 20, 1, 6]), offsets(4, 2), TimeAxis(kind="integer"))
    assert str(found) == "5i"


def test_days_of_a_zone_have_23_to_25_hours() -> None:
    times = ranged(datetime(2021, 3, 26), "1d", 5, "Europe/Oslo")
    assert sorted(set(np.diff(times) // 3_600_000_000)) == [23, 24]
    assert str(inferred(times, offsets(5), TimeAxis(zone="Europe/Oslo"))) == "1d"
    assert (following(times[:3], offsets(3), 2, TimeAxis(zone="Europe/Oslo", every="1d"))[0] == times[3:]).all()


@pytest.mark.parametrize("text", ["", "h", "0h", "1.5h", "1q", "1 h"])
def test_a_step_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected a step"):
        Step.read(text)


@settings(deadline=None)
@given(
    st.sampled_from(EVERY),
    st.datetimes(datetime(1990, 1, 1), datetime(2030, 1, 1)),
    st.lists(st.integers(2, 12), min_size=1, max_size=3),
    st.integers(1, 5),
)
def test_what_follows_continues_every_sequence(every: str, start: datetime, lengths: list[int], ahead: int) -> None:
    start = start.replace(day=min(start.day, 28))
    whole = [ranged(start, every, length + ahead) for length in lengths]
    times = np.concatenate([one[:length] for one, length in zip(whole, lengths, strict=True)])
    found = following(times, offsets(*lengths), ahead, TimeAxis(every=every))
    assert (found == np.stack([one[-ahead:] for one in whole])).all()


@pytest.mark.parametrize(
    ("start", "rows"), [(datetime(2024, 3, 30), 3), (datetime(2024, 10, 26), 3), (datetime(2024, 3, 30), 2)]
)
def test_days_about_a_change_of_the_clocks_are_days(start: datetime, rows: int) -> None:
    """One day of 23 or 25 hours beside another of 24: as frequent as each other, and only a day fits both."""
    times = ranged(start, "1d", rows, "Europe/Oslo")
    assert str(inferred(times, offsets(rows), TimeAxis(zone="Europe/Oslo"))) == "1d"


def test_hours_of_a_zone_stay_hours() -> None:
    for every in ("1h", "6h", "12h", "15m"):
        times = ranged(datetime(2024, 3, 30), every, 60, "Europe/Oslo")
        assert str(inferred(times, offsets(60), TimeAxis(zone="Europe/Oslo"))) == every


CLOCKS = [
    ("Africa/Cairo", "1d", ["2024-04-24 00:00", "2024-04-25 00:00", "2024-04-26 01:00", "2024-04-27 00:00"]),
    ("America/Santiago", "1d", ["2024-09-06 00:00", "2024-09-07 00:00", "2024-09-08 01:00", "2024-09-09 00:00"]),
    ("Europe/Oslo", "1d", ["2024-03-29 02:30", "2024-03-30 02:30", "2024-03-31 03:00", "2024-04-01 02:30"]),
    ("Europe/Oslo", "1d", ["2024-10-25 02:30", "2024-10-26 02:30", "2024-10-27 02:30+02:00", "2024-10-28 02:30"]),
    ("Asia/Beirut", "1mo", ["2024-01-31 00:00", "2024-02-29 00:00", "2024-03-31 01:00", "2024-04-30 00:00"]),
]


@pytest.mark.parametrize(("zone", "every", "shown"), CLOCKS)
def test_days_go_on_where_the_clocks_skip_or_repeat_their_time(zone: str, every: str, shown: list[str]) -> None:
    """A forecast that spans such a night, and the rows of it once they are there."""
    known = [datetime.fromisoformat(text) for text in shown]
    aware = [time.replace(tzinfo=time.tzinfo or ZoneInfo(zone)) for time in known]
    times = np.array([int(time.timestamp()) * 10**6 for time in aware])
    axis = TimeAxis(zone=zone, every=every)
    assert following(times[:2], np.array([0, 2]), 2, axis).tolist() == [times[2:].tolist()]
    for roles in ({"time": "t", "target": "y"}, {"time": "t", "target": "y", "series": "s"}):
        columns = pl.DataFrame({"t": pl.Series(times).cast(pl.Datetime("us", "UTC")), "y": range(4), "s": ["a"] * 4})
        duration = Duration.read(every)
        data = frame_to_dataset(columns, Roles.model_validate(roles), file="f", zone=zone, every=duration)
        assert data.times is not None
        assert data.times.tolist() == times.tolist()


def test_one_day_has_no_two_rows_of_one_local_time() -> None:
    """Both half past twos of the night in which the clocks go back would stand in one place."""
    texts = ["2024-10-26T02:30+02:00", "2024-10-27T02:30+02:00", "2024-10-27T02:30+01:00", "2024-10-28T02:30+01:00"]
    for missing in (None, Missing(fill="forward")):
        with pytest.raises(DataError, match=r"row 3: .*which is between two steps"):
            frame_to_dataset(
                pl.DataFrame({"t": texts, "y": range(4)}),
                Roles(time="t", target="y"),
                file="f.csv",
                zone="Europe/Oslo",
                every=Duration.read("1d"),
                missing=missing,
            )
