"""Times: what is read is what is shown; what is ambiguous is refused."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlib.data.origin import Origin, SourceColumn
from rnnlib.data.times.time import read_times, shown_times
from rnnlib.data.times.time_text import Read
from rnnlib.errors import DataError

OSLO = "Europe/Oslo"
AWARE = "date-time with zone"


def read(values: Any, zone: str | None = None, written: str | None = None, dtype: Any = None) -> Read:
    column = pl.Series("t", values, dtype=dtype)
    return read_times(SourceColumn(column, Origin(("f.csv",)), ("roles", "time")), zone, written)


@pytest.mark.parametrize(
    ("texts", "first", "type_"),
    [
        (["1949-01", "1949-02"], date(1949, 1, 1), "date"),
        (["2020-01-31", "2020-02-01"], date(2020, 1, 31), "date"),
        (["2020-01-31 10:00", "2020-01-31 11:00"], datetime(2020, 1, 31, 10), "date-time"),
        (["2020-01-31T10:00:01", "2020-01-31T11:00:00"], datetime(2020, 1, 31, 10, 0, 1), "date-time"),
        (["2020-01-31T10:00:00.5", "2020-01-31T11:00:00"], datetime(2020, 1, 31, 10, 0, 0, 500_000), "date-time"),
        (["2020-01-31T10:00:00", "2020-01-31T11:00:00.25"], datetime(2020, 1, 31, 10), "date-time"),
        (["2020-01-31 10:00:00.125", "2020-01-31 11:00:00.25"], datetime(2020, 1, 31, 10, 0, 0, 125_000), "date-time"),
        (["2020-01-31 10:00:00Z", "2020-01-31 11:00:00Z"], datetime(2020, 1, 31, 10, tzinfo=UTC), AWARE),
        (["2020-01-31 10:00+02:00"], datetime(2020, 1, 31, 8, tzinfo=UTC), AWARE),
        (["2020-01-31 10:00-0530", "2020-01-31 10:00-05:30"], datetime(2020, 1, 31, 15, 30, tzinfo=UTC), AWARE),
    ],
)  # fmt: skip
def test_iso_8601_is_read(texts: list[str], first: date, type_: str) -> None:
    times, axis, found, _ = read(texts)
    assert shown_times(times, axis)[0] == first
    assert found == type_


@pytest.mark.parametrize(
    ("texts", "written", "first"),
    [
        (["31.01.2020 10:30"], "%d.%m.%Y %H:%M", datetime(2020, 1, 31, 10, 30)),
        (["31.01.2020 10"], "%d.%m.%Y %H", datetime(2020, 1, 31, 10)),
        (["Jan 1949"], "%b %Y", date(1949, 1, 1)),
        (["2020-01-31 10:30 +0100"], "%Y-%m-%d %H:%M %z", datetime(2020, 1, 31, 9, 30, tzinfo=UTC)),
        ([20200131], "%Y%m%d", date(2020, 1, 31)),
    ],
)
def test_a_pattern_says_how_other_texts_are_read(texts: list[Any], written: str, first: date) -> None:
    times, axis, _, _ = read(texts, written=written)
    assert shown_times(times, axis)[0] == first
    assert axis.written == written


def test_other_types_are_read_as_they_are() -> None:
    assert read([3, 4], dtype=pl.UInt8)[1].kind == "integer"
    assert read([date(2020, 1, 1)])[2] == "date"
    nanoseconds = read([1_000, 2_000], dtype=pl.Datetime("ns"))
    assert nanoseconds.times.tolist() == [1, 2]
    aware = read([0], dtype=pl.Datetime("ms", "Asia/Tokyo"))
    assert (aware.axis.zone, aware.times.tolist()) == ("Asia/Tokyo", [0])


def test_local_times_become_instants_in_their_zone() -> None:
    winter = read(["2021-01-01 12:00"], zone=OSLO)
    assert winter.times[0] == datetime(2021, 1, 1, 11, tzinfo=UTC).timestamp() * 1e6
    assert str(shown_times(*winter[:2])[0]) == "2021-01-01 12:00:00+01:00"
    several = read(["2021-03-28 01:00+01:00", "2021-03-28 03:00+02:00"], zone=OSLO)
    assert (several.times[1] - several.times[0]) == 3_600_000_000


@pytest.mark.parametrize(
    ("values", "zone", "row", "message"),
    [
        ([None, "2020-01-01"], None, 1, "every row needs a time"),
        (["2020-01-01", "1.2.2020"], None, 2, "expected a time on the calendar, written like the first"),
        (["2020-01-01", "2020-02-30"], None, 2, "expected a time on the calendar"),
        (["2020-01-01", "2020-01-01 10:00"], None, 2, "written like the first as `%Y-%m-%d`"),
        (["1.2.2020"], None, 1, "time_format: '%d.%m.%Y %H:%M'"),
        (["2020-01-01 10:00", "2020-01-01 11:00Z"], None, 2, "the first is without one"),
        (["2020-01-01 10:00Z", "2020-01-01 11:00"], None, 2, "the first is with one"),
        (["2021-03-28 01:00+01:00", "2021-03-28 03:00+02:00"], None, 2, "several offsets from UTC"),
        (["2021-03-28 02:30"], OSLO, 1, "is skipped when the clocks go forward in Europe/Oslo"),
        (["2021-10-31 01:30", "2021-10-31 02:30"], OSLO, 2, "comes twice when the clocks go back"),
        (["2020-01-01"], OSLO, 1, "only times of day have a `zone`"),
        ([1], OSLO, 1, "only times of day have a `zone`"),
        ([1.0], None, 1, "dates, date-times or whole numbers"),
    ],
)
def test_what_is_ambiguous_is_refused(values: list[Any], zone: str | None, row: int, message: str) -> None:
    with pytest.raises(DataError, match=message) as refused:
        read(values, zone)
    assert (refused.value.file, refused.value.column, refused.value.row) == ("f.csv", "t", row)
    assert refused.value.at == ("roles", "time")


def test_finer_times_than_microseconds_are_refused() -> None:
    with pytest.raises(DataError, match="microseconds") as refused:
        read([1_000, 1_001], dtype=pl.Datetime("ns"))
    assert refused.value.row == 2


def test_a_pattern_without_text_has_nothing_to_say() -> None:
    with pytest.raises(DataError, match="these are no text"):
        read([date(2020, 1, 1)], written="%Y")


@settings(deadline=None)
@given(st.lists(st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)), min_size=1, max_size=20))
def test_shown_times_are_the_ones_that_were_read(moments: list[datetime]) -> None:
    times, axis, _, _ = read([moment.isoformat(sep=" ", timespec="microseconds") for moment in moments])
    assert shown_times(times, axis).to_list() == moments


@settings(deadline=None)
@given(
    st.lists(st.datetimes(datetime(1950, 1, 1), datetime(2035, 1, 1)), min_size=1, max_size=20), st.integers(-14, 14)
)
def test_an_offset_moves_the_instant(moments: list[datetime], hours: int) -> None:
    texts = [f"{moment.isoformat(sep=' ', timespec='seconds')}{hours:+03d}:00" for moment in moments]
    times, axis, _, _ = read(texts)
    expected = [(moment.replace(microsecond=0, tzinfo=UTC) - timedelta(hours=hours)) for moment in moments]
    assert shown_times(times, axis).to_list() == expected


@pytest.mark.parametrize(
    ("text", "written", "microsecond"),
    [
        ("2020-01-31 10:00:00.5", "%Y-%m-%d %H:%M:%S.%f", 500_000),
        ("2020-01-31 10:00:00.000250", "%Y-%m-%d %H:%M:%S.%f", 250),
        ("2020-01-31 10:00:00,125", "%Y-%m-%d %H:%M:%S,%f", 125_000),
        ("20200131100000000250", "%Y%m%d%H%M%S%f", 250),
    ],
)
def test_a_fraction_is_one_of_a_second_as_in_python(text: str, written: str, microsecond: int) -> None:
    times, axis, _, _ = read([text], written=written)
    assert shown_times(times, axis)[0] == datetime(2020, 1, 31, 10, 0, 0, microsecond)


@pytest.mark.parametrize(
    ("values", "written", "message"),
    [
        (["2016-12-31T23:59:60Z", "2017-01-01T00:00:01Z"], None, "leap second would be read"),
        (["31.12.2016 23:59:60"], "%d.%m.%Y %H:%M:%S", "leap second would be read"),
        (["2020-01-31 10:00:00.1234567"], None, "microseconds, and finer ones would be cut off"),
        (["2020-01-31 10:00:00", "2020-01-31 10:00:00.0000001"], None, "finer ones would be cut off"),
        (["2020-01-31 10:00:00.1234567+01:00"], None, "finer ones would be cut off"),
        (["0000-01-01", "0000-01-02"], None, "the years 1 to 9999: received `0000-01-01`"),
        (["9999-12-31 23:30Z"], None, "the years 1 to 9999"),
    ],
)
def test_times_that_would_become_others_are_refused(values: list[str], written: str | None, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read(values, written=written)


def test_times_of_all_years_that_a_calendar_has_are_read() -> None:
    for values in (["0001-01-01", "9999-12-31"], ["2020-01-31 10:00:00.123456000"]):
        times, axis, _, _ = read(values)
        assert str(shown_times(times, axis)[-1])[:10] == values[-1][:10]


@pytest.mark.parametrize("dtype", [pl.UInt64, pl.Int128])
def test_a_whole_number_of_more_than_64_bits_is_refused(dtype: Any) -> None:
    with pytest.raises(DataError, match=r"row 2: .* at most 64 bits: received `9223372036854775808`"):
        read([1, 2**63], dtype=dtype)
    assert read([1, 2], dtype=dtype).times.tolist() == [1, 2]
