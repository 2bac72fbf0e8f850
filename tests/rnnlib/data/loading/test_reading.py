"""The section `load`: no option that has nothing to act on."""

from typing import Any

import pytest
from pydantic import ValidationError

from rnnlib.data.loading.reading import Reading

SOURCE = {"kind": "csv", "path": "f.csv"}


@pytest.mark.parametrize(
    ("options", "at", "message"),
    [
        ({"roles": {"target": "y"}, "every": "1h"}, ("every",), "name no `time` column"),
        ({"roles": {"target": "y"}, "zone": "UTC"}, ("zone",), "name no `time` column"),
        ({"roles": {"target": "y"}, "time_format": "%Y"}, ("time_format",), "name no `time` column"),
        ({"roles": {"target": "y"}, "duplicates": "first"}, ("duplicates",), "name no `time` column"),
        ({"roles": {"target": "y"}, "unsorted": "sort"}, ("unsorted",), "name a `time` column to sort by"),
        ({"roles": {"target": "y"}, "units": {"z": "K"}}, ("units", "z"), "`z` is none of y"),
    ],
)
def test_an_option_without_effect_is_refused(options: dict[str, Any], at: tuple[str, ...], message: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Reading.model_validate({"source": SOURCE, **options})
    error = refused.value.errors()[0]
    assert error["ctx"]["at"] == at
    assert message in error["msg"]


@pytest.mark.parametrize(
    "options",
    [
        {"zone": "Mars/Base"},
        {"zone": "../../etc/passwd"},
        {"zone": "Europe"},
        {"zone": ""},
        {"time_format": "Y-m-d"},
        {"time_format": "%Q"},
        {"time_format": "%d.%m.%Y %I:%M"},
        {"every": "1 hour"},
        {"every": 3600},
        {"units": {"y": ""}},
    ],
)
def test_a_value_that_says_nothing_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Reading.model_validate({"source": SOURCE, "roles": {"time": "t", "target": "y"}, **options})


def test_a_section_reads_back_from_json() -> None:
    section = Reading.model_validate(
        {
            "source": SOURCE,
            "roles": {"time": "t", "target": "y"},
            "every": "1mo",
            "missing": {"fill": "interpolate", "at_most": 3, "otherwise": "mask"},
            "zone": "Europe/Oslo",
            "time_format": "%d.%m.%Y",
            "units": {"y": "ppm"},
        }
    )
    assert Reading.model_validate_json(section.model_dump_json()) == section


def test_categories_are_columns_of_tables() -> None:
    source = {"kind": "npz", "path": "f.npz", "arrays": {"x": "x", "y": "y"}}
    roles = {"sample": "sample", "features": "x", "label": "y", "categorical": "x"}
    with pytest.raises(ValidationError, match="categories are columns of tables, and `x` is one of arrays"):
        Reading.model_validate({"source": source, "roles": roles})
