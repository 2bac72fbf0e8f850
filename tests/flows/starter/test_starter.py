"""`rnn init`: what is guessed from columns, what is refused, and that every spec it writes passes `rnn check`."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.check import check_text
from flows.spec import Spec
from flows.starter import starter_spec
from rnnlib.errors import DataError, Refused
from tasks.load import Load
from tasks.split import Split
from tasks.train import Train
from tasks.window import Window

DATA = Path(__file__).parents[3] / "pipelines" / "data"
DAYS = [date(2024, 1, 1) + timedelta(days=day) for day in range(200)]


def started(file: Path, spec: Path | None = None, **asked: str) -> Spec:
    """The spec that is written, after `rnn check`."""
    spec = spec or file.with_name("first.yaml")
    return check_text(starter_spec(file, spec=spec, **asked), spec, str(spec)).spec


def section(spec: Spec, name: str, kind: type[Any]) -> Any:
    found = spec.steps[name]
    assert isinstance(found, kind)
    return found


def roles(spec: Spec) -> dict[str, Any]:
    given = section(spec, "load", Load).roles.model_dump(exclude_defaults=True)
    return {role: list(columns) if isinstance(columns, tuple) else columns for role, columns in given.items()}


def saved(folder: Path, frame: pl.DataFrame, name: str = "data.csv") -> Path:
    file = folder / name
    frame.write_parquet(file) if name.endswith("parquet") else frame.write_csv(file)
    return file


@pytest.fixture
def daily() -> pl.DataFrame:
    return pl.DataFrame({"date": DAYS, "sold": [float(day % 7) for day in range(200)]})


# --- what is guessed -------------------------------------------------------------------------------------------------

SHIPPED: list[tuple[str, dict[str, str], dict[str, Any]]] = [
    ("co2.csv", {}, {"time": "date", "target": ["co2"]}),
    ("airline.csv", {}, {"time": "month", "target": ["passengers"]}),
    ("sunspots.csv", {}, {"time": "month", "target": ["sunspots"]}),
    (
        "departures.parquet",
        {"target": "departed"},
        {"series": "airport", "time": "hour", "target": ["departed"], "past": ["scheduled", "wind", "visibility"]},
    ),
    (
        "rides.parquet",
        {"target": "rides"},
        {"series": "station", "time": "day", "target": ["rides"], "past": ["rain", "temperature"]},
    ),
    (
        "digits.parquet",
        {},
        {"sample": "image", "time": "row", "features": [f"p{column}" for column in range(8)], "label": "digit"},
    ),
]


@pytest.mark.parametrize(("name", "asked", "expected"), SHIPPED, ids=[row[0] for row in SHIPPED])
def test_the_shipped_data(name: str, asked: dict[str, str], expected: dict[str, Any]) -> None:
    assert roles(started(DATA / name, DATA.parent / "first.yaml", **asked)) == expected


def test_every_shipped_file_is_tried() -> None:
    assert {row[0] for row in SHIPPED} == {file.name for file in DATA.iterdir() if file.suffix in (".csv", ".parquet")}


def test_co2_is_weekly_with_missing_weeks() -> None:
    spec = started(DATA / "co2.csv", DATA / "first.yaml")
    load, window = section(spec, "load", Load), section(spec, "window", Window)
    assert (str(load.every), load.missing.fill, load.missing.otherwise) == ("1w", "interpolate", "mask")
    assert (window.context, window.horizon) == (104, 52)


def test_a_label_makes_a_classifier_whose_split_keeps_the_classes() -> None:
    spec = started(DATA / "digits.parquet", DATA / "first.yaml", label="digit")
    assert section(spec, "train", Train).model.kind == "classifier"
    assert section(spec, "split", Split).stratify is True


def test_a_label_of_fractions_makes_a_regressor(tmp_path: Path) -> None:
    rows = [(sample, step, step * 0.5 + sample, sample / 7) for sample in range(30) for step in range(5)]
    frame = pl.DataFrame(rows, ["sample", "step", "reading", "wear"], orient="row")
    spec = started(saved(tmp_path, frame), label="wear")
    assert section(spec, "train", Train).model.kind == "regressor"
    assert roles(spec) == {"sample": "sample", "time": "step", "features": ["reading"], "label": "wear"}


def test_a_column_that_goes_on_where_the_target_ends_is_known_ahead(tmp_path: Path, daily: pl.DataFrame) -> None:
    frame = daily.with_columns(
        price=pl.int_range(pl.len()) * 1.5, sold=pl.when(pl.int_range(pl.len()) < 190).then("sold")
    )
    spec = started(saved(tmp_path, frame), target="sold")
    assert roles(spec) == {"time": "date", "target": ["sold"], "future": ["price"]}


def test_columns_without_a_use_are_named_with_the_reason(tmp_path: Path, daily: pl.DataFrame) -> None:
    frame = daily.with_columns(
        note=pl.lit("fine"), same=pl.lit(3), empty=pl.lit(None, pl.Float64), shop=pl.lit("a")
    ).vstack(daily.with_columns(note=pl.lit("fine"), same=pl.lit(3), empty=pl.lit(None, pl.Float64), shop=pl.lit("b")))
    file = saved(tmp_path, frame.with_columns(area=pl.when(pl.col("shop") == "a").then(10.5).otherwise(20.5)))
    text = starter_spec(file, spec=tmp_path / "first.yaml", target="sold")
    for line in ("note (no numbers)", "same (constant)", "empty (empty)", "area (constant within each series"):
        assert f"# not used: {line}" in text
    assert roles(started(file, target="sold")) == {"series": "shop", "time": "date", "target": ["sold"]}


def test_how_a_text_file_is_written_is_found_out(tmp_path: Path, daily: pl.DataFrame) -> None:
    lines = ["tag;verkäufe", *(f"{day};{'NA' if number % 9 == 0 else number}" for number, day in enumerate(DAYS))]
    (tmp_path / "data.csv").write_bytes("\n".join(lines).encode("latin-1"))
    load = section(started(tmp_path / "data.csv"), "load", Load)
    assert (load.source.separator, load.source.encoding, load.source.null_values) == (";", "latin-1", ("", "NA"))
    assert load.missing is not None


@pytest.mark.parametrize(("name", "kind"), [("d.tsv", "tsv"), ("d.feather", "arrow"), ("d.jsonl", "ndjson")])
def test_every_table_starts_a_spec(tmp_path: Path, daily: pl.DataFrame, name: str, kind: str) -> None:
    frame = daily.with_columns(date=pl.col("date").cast(pl.String))
    write = {"tsv": partial(frame.write_csv, separator="\t"), "arrow": frame.write_ipc, "ndjson": frame.write_ndjson}
    write[kind](tmp_path / name)
    load = section(started(tmp_path / name), "load", Load)
    assert load.source.kind == kind
    assert roles(started(tmp_path / name)) == {"time": "date", "target": ["sold"]}


@pytest.mark.parametrize(("header", "quote"), [('"tag"\t"sold"', '"'), ("tag\tsold", None)])
def test_a_tsv_file_is_quoted_where_its_header_is(tmp_path: Path, header: str, quote: str | None) -> None:
    marked = ("NA" if number % 9 == 0 else str(number) for number in range(200))
    lines = [header, *(f"{day}\t{value}" for day, value in zip(DAYS, marked, strict=True))]
    (tmp_path / "d.tsv").write_text("\n".join(lines))
    load = section(started(tmp_path / "d.tsv"), "load", Load)
    assert (load.source.quote, load.source.null_values) == (quote, ("", "NA"))


def test_rows_out_of_order_are_sorted_and_gaps_marked(tmp_path: Path, daily: pl.DataFrame) -> None:
    frame = daily.filter(pl.col("date") != date(2024, 3, 1)).sample(fraction=1, shuffle=True, seed=1)
    load = section(started(saved(tmp_path, frame)), "load", Load)
    assert load.unsorted == "sort"
    assert load.missing is not None


def test_a_few_rows_that_came_twice_are_averaged(tmp_path: Path, daily: pl.DataFrame) -> None:
    twice = pl.concat([daily, daily[50:52].with_columns(sold=pl.lit(1.0))]).sort("date")
    load = section(started(saved(tmp_path, twice)), "load", Load)
    assert load.duplicates == "mean"
    assert load.roles.series is None


def test_the_data_is_named_from_the_folder_of_the_spec(tmp_path: Path, daily: pl.DataFrame) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "specs").mkdir()
    file = saved(tmp_path, daily)
    spec = started(file, tmp_path / "specs" / "a first, try.yaml")
    assert section(spec, "load", Load).source.path == "../data.csv"
    assert spec.name == "a-first-try"


# --- what is refused -------------------------------------------------------------------------------------------------


def frame_of(**columns: Any) -> pl.DataFrame:
    return pl.DataFrame(columns)


REFUSED: list[tuple[str, pl.DataFrame, dict[str, str], str]] = [
    ("no times", frame_of(a=[1.0, 2.0] * 20, b=[3.5, 1.0] * 20), {}, "a forecast needs a column of times"),
    ("two questions", frame_of(a=[1.0]), {"target": "a", "label": "a"}, "give --target for a forecast or --label"),
    ("unknown column", frame_of(a=[1.0]), {"target": "b"}, "--target names a column of the file: received `b`"),
    (
        "several targets",
        frame_of(date=DAYS, a=[float(n) for n in range(200)], b=[float(n * n) for n in range(200)]),
        {},
        "any of `a`, `b` could be what is to be forecast: name it, say --target a",
    ),
    ("no numbers", frame_of(date=DAYS, a=["x", "y"] * 100), {}, "numbers that are not all the same, the columns are"),
    ("times repeat", frame_of(date=DAYS[:20] * 2, a=list(range(40))), {}, "the time 2024-01-01 comes more"),
    ("short", frame_of(date=DAYS[:20], a=[float(n) for n in range(20)]), {}, "a series needs at least 24 rows"),
    ("no sample", frame_of(v=[0.5, 1.5] * 20, label=["x", "y"] * 20), {}, "no column names samples of which each has"),
    (
        "rare class",
        frame_of(
            sample=[n // 4 for n in range(120)], v=[n * 0.5 for n in range(120)], label=["x"] * 112 + ["y"] * 8
        ),
        {},
        "the rarest has 2: add some or leave it out",
    ),
    ("a target of text", frame_of(date=DAYS, a=["x", "y"] * 100), {"target": "a"}, "has none: received `x`; name"),
    ("a constant target", frame_of(date=DAYS, a=[5] * 200), {"target": "a"}, "column `a`: what is forecast are"),
    ("an empty target", frame_of(date=DAYS, a=[""] * 200), {"target": "a"}, "every row is empty"),
    ("one class", frame_of(sample=[n // 4 for n in range(120)], v=[0.5, 1.0] * 60, label=["x"] * 120), {}, "has one"),
    (
        "few samples",
        frame_of(sample=[n // 4 for n in range(40)], v=[n * 0.5 for n in range(40)], label=["x", "y"] * 20),
        {"label": "sample"},
        "no column names samples",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("frame", "asked", "message"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_cannot_be_guessed_is_refused_with_a_remedy(
    tmp_path: Path, frame: pl.DataFrame, asked: dict[str, str], message: str
) -> None:
    with pytest.raises(Refused) as refused:
        starter_spec(saved(tmp_path, frame), spec=tmp_path / "first.yaml", **asked)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("data.xlsx", b"PK", "a spec is started from a .txt, .csv, .tsv, .parquet, .arrow"),
        ("data.csv", b"", "the file is empty"),
        ("data.csv", b"a,b\n", "the file has a header and no rows"),
        ("odd*.csv", b"a,b\n1,2\n", "a source reads `*` in a path as a pattern"),
    ],
)
def test_files_that_are_no_table(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Refused) as refused:
        starter_spec(tmp_path / name, spec=tmp_path / "first.yaml")
    assert message in str(refused.value)


def test_a_file_outside_the_project_is_refused(tmp_path: Path, daily: pl.DataFrame) -> None:
    (tmp_path / "project" / ".git").mkdir(parents=True)
    with pytest.raises(Refused, match="leads outside"):
        starter_spec(saved(tmp_path, daily), spec=tmp_path / "project" / "first.yaml")


HOURS = [datetime(2024, 1, 1) + timedelta(hours=hour) for hour in range(300)]


def panel() -> pl.DataFrame:
    return frame_of(time=HOURS * 2, meter=["m1"] * 300 + ["m2"] * 300, kwh=[float(n % 24) for n in range(600)])


@pytest.mark.parametrize("asked", [{"target": "kwh"}, {}])
def test_a_text_among_numbers_is_named_with_its_row(tmp_path: Path, asked: dict[str, str]) -> None:
    values = ["broken" if row == 200 else f"{row % 24}.5" for row in range(300)]
    with pytest.raises(DataError, match=r"expected a number .*`source.null_values`.*received `broken`") as refused:
        starter_spec(saved(tmp_path, frame_of(time=HOURS, kwh=values)), spec=tmp_path / "first.yaml", **asked)
    assert (refused.value.file, refused.value.column, refused.value.row) == (str(tmp_path / "data.csv"), "kwh", 201)


@pytest.mark.parametrize("asked", [{"target": "kwh"}, {}])
def test_a_decimal_comma_is_named(tmp_path: Path, asked: dict[str, str]) -> None:
    lines = ["time;kwh", *(f"{time};{row % 24},5" for row, time in enumerate(HOURS))]
    (tmp_path / "data.csv").write_text("\n".join(lines))
    with pytest.raises(DataError, match=r"not a decimal comma .*received `0,5` .and 299 more") as refused:
        starter_spec(tmp_path / "data.csv", spec=tmp_path / "first.yaml", **asked)
    assert (refused.value.column, refused.value.row) == ("kwh", 1)


@pytest.mark.parametrize("pattern", ["%d.%m.%Y %H:%M", "%m/%d/%Y", "%d/%m/%Y %H:%M:%S", "%Y/%m/%d"])
def test_times_in_another_form_get_their_pattern(tmp_path: Path, daily: pl.DataFrame, pattern: str) -> None:
    frame = daily.with_columns(date=pl.col("date").cast(pl.Datetime("us")).dt.strftime(pattern))
    load = section(started(saved(tmp_path, frame)), "load", Load)
    assert (load.time_format, load.roles.time, str(load.every)) == (pattern, "date", "1d")


def test_days_that_could_be_months_are_refused(tmp_path: Path) -> None:
    frame = frame_of(time=[f"{n % 12 + 1:02}/01/{2000 + n // 12}" for n in range(48)], y=list(range(48)))
    with pytest.raises(DataError, match="`01/01/2000` could be written as `%d/%m/%Y` or as `%m/%d/%Y`: write"):
        starter_spec(saved(tmp_path, frame), spec=tmp_path / "first.yaml")


def test_a_time_that_cannot_be_read_is_named_and_not_the_lack_of_a_column(tmp_path: Path) -> None:
    times = ["1.2.3.4" if row == 0 else str(time) for row, time in enumerate(HOURS)]
    with pytest.raises(DataError, match=r"as in ISO 8601 .*received `1\.2\.3\.4`.*time_format") as refused:
        starter_spec(saved(tmp_path, frame_of(time=times, y=list(range(300)))), spec=tmp_path / "first.yaml")
    assert (refused.value.column, refused.value.row) == ("time", 1)


def test_a_row_of_a_series_that_came_twice_does_not_hide_the_series(tmp_path: Path) -> None:
    frame = panel()
    file = saved(tmp_path, pl.concat([frame[:50], frame[49:]]))
    load = section(started(file, target="kwh"), "load", Load)
    assert (load.roles.series, load.duplicates) == ("meter", "mean")
    text = starter_spec(file, spec=tmp_path / "first.yaml", target="kwh")
    assert "# 1 row shares its series and time with another one" in text
    assert "# 2 series of 300 rows;" in text


def test_many_rows_that_came_twice_are_named_with_their_series(tmp_path: Path) -> None:
    frame = panel()
    with pytest.raises(DataError, match="where `meter` is m1, and no column tells these rows apart") as refused:
        starter_spec(saved(tmp_path, pl.concat([frame[:50], frame[20:]])), spec=tmp_path / "first.yaml", target="kwh")
    assert (refused.value.column, refused.value.row) == ("time", 51)


@pytest.mark.parametrize("features", [1, 3])
def test_what_looks_like_labelled_samples_is_told_how_to_name_the_label(tmp_path: Path, features: int) -> None:
    rows = range(400)
    frame = frame_of(
        sample=[row // 10 for row in rows],
        step=[row % 10 for row in rows],
        activity=["walk" if row // 10 % 2 else "run" for row in rows],
        **{f"x{number}": [(row * 7 % 13) * 0.5 + number for row in rows] for number in range(features)},
    )
    file = saved(tmp_path, frame, "samples.csv")
    with pytest.raises(DataError, match="for a class, name it: --label activity"):
        starter_spec(file, spec=tmp_path / "first.yaml")
    assert roles(started(file, label="activity"))["sample"] == "sample"


def test_a_file_that_is_not_there_is_named_as_it_was_typed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match=r"^data/nofile.csv: there is no such file: check the path$"):
        starter_spec(Path("data/nofile.csv"), spec=Path("data/nofile.yaml"))
    (tmp_path / "data").mkdir()
    with pytest.raises(DataError, match=r"^data: this is a folder: name a file in it$"):
        starter_spec(Path("data"), spec=Path("data.yaml"))


def test_a_file_is_named_as_it_was_typed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    Path("data").mkdir()
    Path("data/empty.csv").write_text("a,b\n")
    with pytest.raises(DataError, match=r"^data/empty.csv: the file has a header"):
        starter_spec(Path("data/empty.csv"), spec=Path("data/empty.yaml"))


@pytest.mark.parametrize(
    ("folder", "shown"),
    [(".", "pipelines/schema.json"), ("pipelines", "schema.json"), ("a/b", "../../pipelines/schema.json")],
)
def test_editors_are_told_where_the_schema_is(tmp_path: Path, daily: pl.DataFrame, folder: str, shown: str) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    file, spec = saved(tmp_path, daily), tmp_path / folder / "first.yaml"
    assert not starter_spec(file, spec=spec).startswith("# yaml-language-server")
    (tmp_path / "pipelines").mkdir(exist_ok=True)
    (tmp_path / "pipelines" / "schema.json").write_text("{}")
    assert starter_spec(file, spec=spec).startswith(f"# yaml-language-server: $schema={shown}\n# A first spec")


# --- any frame -------------------------------------------------------------------------------------------------------

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r\n", exclude_categories=["Cs"]), min_size=1)
STEPS = st.sampled_from([timedelta(seconds=1), timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)])


@st.composite
def tables(draw: st.DrawFn) -> pl.DataFrame:
    """Regular series with odd column names, with or without keys, missing values, text and constants."""
    names = draw(st.lists(NAMES, min_size=4, max_size=7, unique=True))
    rows, series = draw(st.integers(20, 60)), draw(st.integers(1, 3))
    start, step = pl.Series([date(2024, 1, 1)]).cast(pl.Datetime("us"))[0], draw(STEPS)
    times = [start + number * step for number in range(rows)] * series
    columns = {
        names[0]: times,
        names[1]: [draw(NAMES) if series == 1 else f"k{n // rows}" for n in range(rows * series)],
    }
    for name in names[2:]:
        kind = draw(st.sampled_from(["number", "gaps", "constant", "text", "flag"]))
        number = range(rows * series)
        columns[name] = {
            "number": [float(n % 11) for n in number],
            "gaps": [None if n % 5 == 0 else float(n % 7) for n in number],
            "constant": [1.5 for _ in number],
            "text": [f"w{n % 3}" for n in number],
            "flag": [n % 2 == 0 for n in number],
        }[kind]
    return pl.DataFrame(columns)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tables(), st.data())
def test_every_table_gives_a_spec_that_passes_or_a_refusal(
    tmp_path: Path, frame: pl.DataFrame, data: st.DataObject
) -> None:
    asked = data.draw(st.sampled_from([{}, *({"target": name} for name in frame.columns), {"label": frame.columns[1]}]))
    file = saved(tmp_path, frame, "data.parquet")
    try:
        spec = started(file, **asked)
    except Refused:
        return
    load = section(spec, "load", Load)
    assert {place.column for place in load.roles.places()} <= set(frame.columns)
    assert "target" not in asked or load.roles.target == (asked["target"],)


def hours(zone: str, first: datetime, count: int) -> list[datetime]:
    """What a clock on the wall of the zone shows, hour by hour."""
    at = pl.datetime_range(first, first + timedelta(hours=count - 1), "1h", time_zone="UTC", eager=True)
    return at.dt.convert_time_zone(zone).dt.replace_time_zone(None).to_list()


@pytest.mark.parametrize(
    ("zone", "named"),
    [("Europe/Oslo", "Europe/Berlin"), ("America/New_York", "America/New_York"), ("Etc/GMT-1", None)],
)
def test_an_hour_that_comes_twice_hints_at_the_clock(tmp_path: Path, zone: str, named: str | None) -> None:
    times = hours(zone, datetime(2024, 10, 1), 24 * 60)
    frame = pl.DataFrame({"at": times, "y": [at % 17 + 0.5 for at in range(len(times))]})
    again = pl.concat([frame, frame[100:101]])
    text = starter_spec(saved(tmp_path, again), spec=tmp_path / "first.yaml")
    if named is None:
        assert "duplicates: mean" in text
        assert "clock" not in text
    else:
        assert "1 of these is of the hour that comes twice when clocks go back" in text
        spec = text.replace("# clock:", "clock:").replace("# zone:", "zone:")
        load = section(check_text(spec, tmp_path / "first.yaml", "first.yaml").spec, "load", Load)
        assert (load.zone, load.clock.repeated) == (named, "in_order")


def test_words_are_named_as_what_they_could_be(tmp_path: Path) -> None:
    sky = [("sun", "rain", "fog")[day % 3] for day in range(200)]
    frame = pl.DataFrame({"date": DAYS, "y": range(200), "sky": sky, "note": [f"n{day}" for day in range(200)]})
    text = starter_spec(saved(tmp_path, frame), spec=tmp_path / "first.yaml", target="y")
    hint = "as `past` and `categorical`, with `encode: {categorical: {}}` behind `split`)"
    assert f"# not used: sky (words: read if listed {hint}" in text
    assert "# not used: note (no numbers)" in text
    both = pl.concat([frame.with_columns(shop=pl.lit(shop), town=pl.lit(shop + "s")) for shop in "ab"])
    text = starter_spec(saved(tmp_path, both), spec=tmp_path / "first.yaml", target="y")
    assert "# not used: town (words: read if listed as `static` and `categorical`" in text
