"""Bad data: each a typed error that names file, column and row, or the repair that the spec asked for."""

import math
from pathlib import Path
from typing import Any

import pytest

from rnnlib.data.loading import load
from rnnlib.data.loading.reading import Reading
from rnnlib.errors import DataError
from rnnlib.place import Place

SERIES = {"time": "t", "target": "y"}
SAMPLES = {"sample": "i", "features": "x", "label": "c"}
HOURS = "t,y\n2024-01-01 00:00,1\n2024-01-01 01:00,2\n"
LATE = "y\n" + "1\n" * 150 + "x\n"

# name: file, roles, options, column, row, message
REFUSED: dict[str, tuple[str | bytes, dict[str, Any], dict[str, Any], str | None, int | None, str]] = {
    "empty": ("", SERIES, {}, None, None, "the file is empty"),
    "header only": ("t,y\n", SERIES, {}, None, None, "a header and no rows"),
    "text after row 100": (LATE, {"target": "y"}, {}, "y", 151, "expected a number .* received `x`"),
    "header renamed": (HOURS.replace("y\n", "Y\n", 1), SERIES, {}, "y", None, "no column has this name .target.: "),
    "misspelt": ("t,yield\n1,2\n", {"target": "yeild"}, {}, "yeild", None, "did you mean `yield`"),
    "latin-1": ("y\n1\né\n".encode("latin-1"), {"target": "y"}, {}, None, None, "line 3 .* name its `encoding"),
    "NUL": (b"y\n1\n\0\n", {"target": "y"}, {}, None, None, "line 3 holds a NUL byte"),
    "missing": ("y,z\n1,1\n,2\n,3\n", {"target": "y"}, {}, "y", 2, "missing.*and 1 more rows"),
    "NaN": ("y\n1\nnan\n", {"target": "y"}, {}, "y", 2, "a value is missing"),
    "infinite": ("y\n1\n-inf\n", {"target": "y"}, {}, "y", 2, "expected a finite number"),
    "too large": ("y\n1\n1e308\n", {"target": "y"}, {}, "y", 2, "at most 3.4e\\+38"),
    "duplicate time": (HOURS + "2024-01-01 01:00,3\n", SERIES, {}, "t", 3, "comes again, first in row 2"),
    "unsorted": (HOURS + "2024-01-01 00:30,3\n", SERIES, {}, "t", 3, "`2024-01-01 00:30` follows `2024-01-01 01:00`"),
    "gap": (HOURS + "2024-01-01 04:00,3\n", SERIES, {}, "t", 3, "2 are missing .* write `every: 1h` and `missing`"),
    "gap, step given": (HOURS + "2024-01-01 04:00,3\n", SERIES, {"every": "1h"}, "t", 3, "2 are missing"),
    "off the grid": (HOURS + "2024-01-01 02:30,3\n", SERIES, {"every": "1h"}, "t", 3, "between two steps"),
    "hours, not months": (HOURS, SERIES, {"every": "1mo"}, "t", 2, "received `2024-01-01 01:00`, which"),
    "hours of a month, not months": (
        HOURS + "2024-01-31 00:00,3\n", SERIES, {"every": "1mo"}, "t", 2,
        "first, `2024-01-01 00:00`: received .* 01:00`",
    ),
    "times start again": (HOURS + HOURS[4:], SERIES, {}, "t", 3, "tells the series apart as `series`; else sort"),
    "times start again, series named": (
        "s,t,y\na,1,1\na,2,2\na,1,3\n", {**SERIES, "series": "s"}, {}, "t", 3, "follows `2`; sort the rows, or",
    ),
    "times of several series side by side": (
        "t,y\n1,1\n1,2\n2,3\n2,4\n", SERIES, {}, "t", 2, "apart as `series`, or keep one with",
    ),
    "decimal comma": ('y\n"1.200,5"\n"2,5"\n', {"target": "y"}, {}, "y", 1, "decimal comma .*: received `1.200,5`"),
    "no month": ("t,y\n2024-01-31,1\n2024-02-28,2\n", SERIES, {"every": "1mo"}, "t", 2, "every 1mo"),
    "far gap": (
        HOURS + "2224-01-01 00:00,3\n", SERIES, {"every": "1h", "missing": {"fill": "forward"}}, "t", 3,
        "would insert 1753150 rows among 3",
    ),
    "naive beside aware": (HOURS + "2024-01-01 02:00Z,3\n", SERIES, {}, "t", 3, "first is without one"),
    "several offsets": ("t,y\n2024-01-01 00:00+01,1\n2024-01-01 02:00+02,2\n", SERIES, {}, "t", 2, "several offsets"),
    "clocks go forward": ("t,y\n2021-03-28 02:30,1\n", SERIES, {"zone": "Europe/Oslo"}, "t", 1, "is skipped"),
    "clocks go back": ("t,y\n2021-10-31 02:30,1\n", SERIES, {"zone": "Europe/Oslo"}, "t", 1, "comes twice"),
    "no time": ("t,y\n,1\n2,3\n", SERIES, {}, "t", 1, "every row needs a time"),
    "no key": ("s,y\na,1\n,2\n", {"series": "s", "target": "y"}, {}, "s", 2, "every row needs a key"),
    "label changes": ("i,x,c\n1,1,a\n1,1,b\n", SAMPLES, {}, "c", 2, "one value of this column.*received `b`"),
    "label empty": ("i,x,c\n1,1,a\n2,1,\n", SAMPLES, {}, "c", 2, "every row of a sample needs its label"),
    "label infinite": ("i,x,c\n1,1,1.5\n2,1,inf\n", SAMPLES, {}, "c", 2, "a label that is a number is finite"),
    "sample torn apart": ("i,x,c\n1,1,a\n2,1,a\n1,1,a\n", SAMPLES, {}, "i", 3, "`1` comes again after others"),
    "group empty": ("i,x,c,g\n1,1,a,\n", {**SAMPLES, "group": "g"}, {}, "g", 1, "every row needs its group"),
    "group changes": ("i,x,c,g\n1,1,a,p\n1,2,a,q\n", {**SAMPLES, "group": "g"}, {}, "g", 2, "one value"),
    "static changes": ("y,s\n1,1\n2,2\n", {"target": "y", "static": "s"}, {}, "s", 2, "the same in all its rows"),
    "static missing": ("y,s\n1,1\n2,\n", {"target": "y", "static": "s"}, {}, "s", 2, "never missing"),
    "static text": ("y,s\n1,a\n", {"target": "y", "static": "s"}, {}, "s", 1, "expected a number"),
    "unknown part": ("y,p\n1,train\n2,dev\n", {"target": "y", "part": "p"}, {}, "p", 2, "validation, test: received"),
    "no part": ("y,p\n1,train\n2,\n", {"target": "y", "part": "p"}, {}, "p", 2, "received nothing"),
    "equal times, two parts": (
        "t,y,p\n1,1,train\n1,2,test\n", {**SERIES, "part": "p"}, {"duplicates": "mean"}, "t", 2, "the row in row 1",
    ),
    "a step for whole numbers": ("t,y\n1,1\n2,2\n", SERIES, {"every": "1h"}, None, None, "whole numbers have no step"),
}  # fmt: skip


def reading(folder: Path, content: str | bytes, roles: dict[str, Any], options: dict[str, Any]) -> Reading:
    (folder / "f.csv").write_bytes(content.encode() if isinstance(content, str) else content)
    return Reading.model_validate({"source": {"kind": "csv", "path": "f.csv"}, "roles": roles, **options})


@pytest.mark.parametrize("name", REFUSED)
def test_bad_data_is_refused_with_its_place(tmp_path: Path, name: str) -> None:
    content, roles, options, column, row, message = REFUSED[name]
    with pytest.raises(DataError, match=message) as refused:
        load(reading(tmp_path, content, roles, options), Place(tmp_path, tmp_path))
    if name != "a step for whole numbers":
        assert refused.value.file == "f.csv"
    assert (refused.value.column, refused.value.row) == (column, row)


REPAIRED: dict[str, tuple[str | bytes, dict[str, Any], dict[str, Any], dict[str, int], list[Any]]] = {
    "byte order mark": (b"\xef\xbb\xbf" + HOURS.encode(), SERIES, {}, {}, [1, 2]),
    "latin-1": (
        "y,n\n1,é\n".encode("latin-1"), {"target": "y"},
        {"source": {"kind": "csv", "path": "f.csv", "encoding": "latin-1"}}, {}, [1],
    ),
    "duplicate time": (
        HOURS + "2024-01-01 01:00,3\n", SERIES, {"duplicates": "last"}, {"duplicate rows": 1}, [1, 3],
    ),
    "unsorted": ("t,y\n3,1\n1,2\n2,3\n", SERIES, {"unsorted": "sort"}, {"rows moved": 3}, [2, 3, 1]),
    "gap": (
        HOURS + "2024-01-01 03:00,3\n", SERIES, {"every": "1h", "missing": {"fill": "forward"}},
        {"rows inserted": 1}, [1, 2, None, 3],
    ),
    "months": (
        "t,y\n2024-01-31,1\n2024-02-29,2\n2024-04-30,3\n", SERIES, {"every": "1mo", "missing": {"fill": "forward"}},
        {"rows inserted": 1}, [1, 2, None, 3],
    ),
    "missing": ("y,z\n1,1\n,2\n", {"target": "y"}, {"missing": {"fill": "none", "otherwise": "mask"}}, {}, [1, None]),
    "true and false": ("y\ntrue\nfalse\n", {"target": "y"}, {}, {}, [1, 0]),
    "leading zeros": ("y\n01\n2\n", {"target": "y"}, {}, {}, [1, 2]),
}  # fmt: skip


@pytest.mark.parametrize("name", REPAIRED)
def test_repairs_are_those_that_the_spec_asked_for_and_are_counted(tmp_path: Path, name: str) -> None:
    content, roles, options, repairs, values = REPAIRED[name]
    data = load(reading(tmp_path, content, roles, options), Place(tmp_path, tmp_path))
    assert data.about.repairs == repairs
    assert [None if math.isnan(value) else value for value in data.raw[:, 0].tolist()] == values
