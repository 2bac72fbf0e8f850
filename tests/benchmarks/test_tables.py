"""Tables are whole, and a run of one spec leaves the results of the others where they are."""

import math

import pytest

from benchmarks.tables import merged, number, read_records, renewed, table, write_records


def test_a_table_is_markdown():
    assert table(["a", "b"], [["1", "x|y"]]) == "| a | b |\n| --- | --- |\n| 1 | x/y |"
    with pytest.raises(ValueError, match="2 columns"):
        table(["a", "b"], [["1"]])


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.0, "0"), (math.nan, "–"), (1234.5, "1,234"), (0.001234, "0.00123"), (-2.5, "-2.50"), (36_011.0, "36,011")],
)
def test_numbers_have_three_significant_digits(value, shown):
    assert number(value) == shown


def test_what_was_found_replaces_what_it_repeats_and_nothing_else():
    before = [{"spec": "a", "seed": 1, "score": 1}, {"spec": "b", "seed": 1, "score": 2}]
    found = [{"spec": "a", "seed": 1, "score": 3}, {"spec": "a", "seed": 2, "score": 4}]
    assert merged(before, found, ("spec", "seed")) == [found[0], before[1], found[1]]


def test_records_are_written_and_read(tmp_path):
    file = tmp_path / "results" / "day.jsonl"
    assert read_records(file) == []
    records = [{"spec": "a", "score": 1 / 3}, {"spec": "b", "reason": "none"}]
    write_records(file, records)
    assert read_records(file) == records
    assert [path.name for path in file.parent.iterdir()] == ["day.jsonl"]


def test_a_contest_that_is_measured_anew_leaves_nothing_of_its_earlier_run() -> None:
    before = [{"contest": one, "who": who} for one in ("windows", "streaming") for who in ("gone", "stays")]
    found = [{"contest": "windows", "who": "stays", "new": True}]
    assert renewed(before, found, ("contest",)) == [*before[2:], *found]
