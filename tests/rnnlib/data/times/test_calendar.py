"""Calendar columns: against pandas and `holidays`, in the series' own zone, over the horizon of new data too."""

import sys
from datetime import date

import holidays
import numpy as np
import pandas as pd
import polars as pl
import pytest
from pydantic import ValidationError

from rnnlib.data.about import TimeAxis
from rnnlib.data.encoders import Categories, encoded
from rnnlib.data.loading import frame_to_dataset
from rnnlib.data.roles import Roles
from rnnlib.data.splits import ByTime, split
from rnnlib.data.times.calendar import Calendar
from rnnlib.data.times.calendar_units import UNITS
from rnnlib.data.times.holidays import Holidays
from rnnlib.data.times.made import Made
from rnnlib.errors import DataError, Refused
from rnnlib.upcoming import upcoming

EVERY = ("minute", "hour", "weekday", "day", "day_of_year", "week", "month", "quarter")
OSLO = TimeAxis(zone="Europe/Oslo")
HOURS = pd.date_range("2019-12-28", "2021-01-05", freq="97min", tz="UTC")
LOCAL = HOURS.tz_convert("Europe/Oslo")
BY_PANDAS = {
    "minute": (LOCAL.minute, 60),
    "hour": (LOCAL.hour, 24),
    "weekday": (LOCAL.day_of_week, 7),
    "day": (LOCAL.day - 1, LOCAL.days_in_month),
    "day_of_year": (LOCAL.day_of_year - 1, np.where(LOCAL.is_leap_year, 366, 365)),
    "week": (LOCAL.isocalendar().week.to_numpy() - 1, 53),
    "month": (LOCAL.month - 1, 12),
    "quarter": (LOCAL.quarter - 1, 4),
}


def micro(times):
    return np.asarray(times.tz_convert("UTC").tz_localize(None)).astype("datetime64[us]").astype(np.int64)


def shown(calendar, times=HOURS, axis=OSLO):
    return {column.name: column for column in calendar.columns(micro(times), axis)}


@pytest.mark.parametrize("unit", EVERY)
def test_every_unit_is_what_pandas_says_on_the_clock_of_the_zone(unit):
    made = shown(Calendar(cycles=[unit], categories=[unit]))
    number, turn = (np.asarray(one, float) for one in BY_PANDAS[unit])
    np.testing.assert_allclose(made[f"{unit}_sin"].values, np.sin(2 * np.pi * number / turn), atol=1e-12)
    np.testing.assert_allclose(made[f"{unit}_cos"].values, np.cos(2 * np.pi * number / turn), atol=1e-12)
    assert np.array_equal(made[unit].values, number)
    assert number.max() < len(made[unit].words)


def test_words_are_those_of_the_calendar():
    assert [len(UNITS[unit].names) for unit in EVERY] == [60, 24, 7, 31, 366, 53, 12, 4]
    made = shown(Calendar(categories=["weekday", "month", "hour"]))
    first = {name: column.words[int(column.values[0])] for name, column in made.items()}
    assert first == {"weekday": "saturday", "month": "december", "hour": "01"}


def test_hours_follow_the_clock_over_its_changes():
    fold = pd.date_range("2020-10-25 00:00", periods=4, freq="h", tz="UTC")
    gap = pd.date_range("2020-03-29 00:00", periods=3, freq="h", tz="UTC")
    assert shown(Calendar(categories=["hour"]), fold)["hour"].values.tolist() == [2, 2, 3, 4]
    assert shown(Calendar(categories=["hour"]), gap)["hour"].values.tolist() == [1, 3, 4]
    assert shown(Calendar(categories=["hour"]), gap, TimeAxis())["hour"].values.tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("country", "subdivision"), [("NO", None), ("DE", "BY"), ("US", None), ("US", "TX"), ("JP", None)]
)
def test_holidays_are_those_of_the_library_on_local_days(country, subdivision):
    section = Holidays(country=country, subdivision=subdivision, within=9)
    made = shown(Calendar(holidays=section))
    known = holidays.country_holidays(country, subdiv=subdivision, years=range(2018, 2023))
    days = [moment.date() for moment in LOCAL]
    assert made["holiday"].values.tolist() == [float(day in known) for day in days]
    ordinals = np.array(sorted(day.toordinal() for day in known))
    for at in range(0, len(days), 97):
        day = days[at].toordinal()
        assert made["days_to_holiday"].values[at] == min(9, (ordinals[ordinals >= day] - day).min())
        assert made["days_since_holiday"].values[at] == min(9, (day - ordinals[ordinals <= day]).min())


def test_a_holiday_begins_when_the_day_does_where_the_series_is():
    night = pd.date_range("2020-05-16 20:00", periods=4, freq="h", tz="UTC")
    oslo, utc = (shown(Calendar(holidays="NO"), night, axis)["holiday"].values for axis in (OSLO, TimeAxis(zone="UTC")))
    assert (oslo.tolist(), utc.tolist()) == ([0, 0, 1, 1], [0, 0, 0, 0])
    assert date(2020, 5, 17) in holidays.country_holidays("NO", years=2020)


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({"country": "XX"}, "XX.*name another, or leave it out"),
        ({"country": "NO", "subdivision": "99"}, "does not have subdivision 99"),
    ],
)
def test_countries_that_are_not_known_are_refused(section, message):
    with pytest.raises(Refused, match=message):
        shown(Calendar(holidays=section))


def test_without_the_library_its_install_command_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "holidays", None)
    with pytest.raises(Refused, match=r"pip install 'rnnlib\[holidays\]'"):
        shown(Calendar(holidays="NO"))


def test_what_the_times_do_not_have_is_refused():
    with pytest.raises(DataError, match="the times are whole numbers"):
        Calendar(cycles=["week"]).columns(np.arange(3), TimeAxis(kind="integer"))
    with pytest.raises(DataError, match="dates have no hour") as refused:
        Calendar(cycles=["week", "hour"]).columns(np.arange(3), TimeAxis(kind="date"))
    assert refused.value.at == ("calendar", "cycles", 1)
    for wrong in ({}, {"cycles": ["week", "week"]}, {"cycles": ["fortnight"]}, {"holidays": "norway"}):
        with pytest.raises(ValidationError):
            Calendar(**wrong)


ROLES = Roles(time="at", target=["y"], past=["p"])
CALENDAR = Calendar(cycles=["hour"], categories=["weekday"], holidays="NO")


def hourly(rows, start="2020-03-20"):
    times = pd.date_range(start, periods=rows, freq="h", tz="Europe/Oslo")
    at = pl.Series(micro(times)).cast(pl.Datetime("us", "UTC"))
    return pl.DataFrame({"at": at, "y": np.arange(rows) * 1.0, "p": np.ones(rows)})


def loaded(frame, **options):
    return frame_to_dataset(frame, ROLES, file="f", **options)


def trained():
    data = loaded(hourly(24 * 14), made=Made(calendar=CALENDAR), zone="Europe/Oslo")
    data = split(data, ByTime(test=24), 0)
    return encoded(data, (Categories().fit(data).model_dump(mode="json"),))


def test_they_stand_behind_the_columns_of_the_source_as_future_covariates():
    data = trained()
    columns = [(column.name, column.role, column.holds) for column in data.about.columns]
    assert columns == [
        ("y", "target", "numbers"), ("p", "past", "numbers"), ("hour_sin", "future", "numbers"),
        ("hour_cos", "future", "numbers"), ("weekday", "future", "tokens"), ("holiday", "future", "numbers"),
    ]  # fmt: skip
    assert not np.isnan(data.raw).any()


def test_new_data_has_them_over_its_horizon_though_no_row_stands_there():
    about = trained().about
    given = loaded(hourly(48, "2020-03-28"), expected=about)
    ahead = upcoming(encoded(given, about.encoders), context=6, horizon=30)
    whole = encoded(loaded(hourly(78, "2020-03-28"), expected=about), about.encoders)
    made = [at for at, column in enumerate(whole.about.columns) if column.role == "future"]
    assert np.array_equal(ahead.data.raw[:, made], whole.raw[:, made])
    assert np.isnan(ahead.data.raw[48:, :2]).all()


def test_a_covariate_of_the_source_is_still_needed_beside_them():
    roles = Roles(time="at", target=["y"], future=["p"])
    data = frame_to_dataset(hourly(48), roles, file="f", made=Made(calendar=CALENDAR), zone="Europe/Oslo")
    given = frame_to_dataset(hourly(48), roles, file="f", expected=data.about)
    with pytest.raises(DataError, match=r"needs `p` for 30 rows .* has 0, 30 are missing"):
        upcoming(given, context=6, horizon=30)


def test_samples_have_them_as_features():
    roles = Roles(sample="p", time="at", features=["y"], label="kind")
    data = frame_to_dataset(
        hourly(24).with_columns(kind=pl.lit("a")), roles, file="f", made=Made(calendar=Calendar(cycles=["hour"]))
    )
    assert [column.role for column in data.about.columns] == ["features"] * 3


def test_a_column_of_the_file_with_the_name_of_a_made_one_is_refused():
    frame = hourly(24).rename({"p": "hour_sin"})
    roles = Roles(time="at", target=["y"], past=["hour_sin"])
    with pytest.raises(DataError, match="column `hour_sin`: a column that is made from the times"):
        frame_to_dataset(frame, roles, file="f", made=Made(calendar=CALENDAR))
