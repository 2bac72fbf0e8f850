"""YAML 1.2 in: what each spelling means, what is refused, and where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlib.yaml import MOST_BYTES, MOST_DEPTH, MOST_EVENTS, Mark, read

ACCEPTED = [
    ("1e-3", 0.001),
    ("no", "no"),
    ("on", "on"),
    ("12:30", "12:30"),
    ("010", 10),
    ("0o10", 8),
    ("5%", "5%"),
    ("28d", "28d"),
    ("2020-01-01", "2020-01-01"),
    ("true", True),
    ("~", None),
    ("1_000", 1000),
    ("'7'", "7"),
]


@pytest.mark.parametrize(("written", "meant"), ACCEPTED)
def test_a_plain_scalar_means_what_it_says(written, meant):
    document = read(f"a: {written}\n")
    assert document.value == {"a": meant}
    assert type(document.value["a"]) is type(meant)
    assert document.problems == ()


REFUSED = [
    ("a: &x 1\nb: *x\n", Mark(1, 4), "anchors and aliases are not allowed"),
    ("a: !!python/object:os.system 1\n", Mark(1, 4), "tags are not allowed"),
    ("a: !private 1\n", Mark(1, 4), "tags are not allowed"),
    ("a: 1\nb: 2\na: 3\n", Mark(3, 1), "duplicate key, first on line 1"),
    ("a: {b: 1, c: 2, b: 3}\n", Mark(1, 17), "duplicate key, first on line 1"),
    ("<<: {b: 2}\n", Mark(1, 1), "merge keys are not allowed"),
    ("a: b: c\n", Mark(1, 5), "put a text with `: ` in quotes"),
    ("a:\n  b: 1\n    c: 2\n", Mark(3, 6), "indent it as the others"),
    ("a:\n  b: 1\n c: 2\n", Mark(3, 2), "as far in as its neighbours, and this one does not: indent it"),
    ("\ta: 1\n", Mark(1, 1), "lines are indented by spaces, and this is a tab"),
    ("a: @x\n", Mark(1, 4), "no value begins with `@`: put it in quotes"),
    ("a: %x\n", Mark(1, 4), "no value begins with `%`"),
    ("a: 1\n---\nb: 2\n", Mark(2, 1), "a spec is one document, and another begins here"),
    ("a: [1\nb: [2]\n", Mark(1, 4), "this `[` is not closed, and line 2 is none of its items: close it"),
    ("a:\n  - {b: 1\n  - {c: [2]}\n", Mark(2, 5), "this `{` is not closed, and line 3"),
    ("{a: 1", Mark(1, 1), "this `{` is not closed: close it"),
    ("a: [1]]\n", Mark(1, 7), "this `]` closes nothing"),
    ("a: 'x\nb: 1\n", Mark(1, 4), "this quote is never closed"),
    ('a: "x\\q"\n', Mark(1, 7), "write `\\\\`, or take single quotes"),
    ("a: 1\nb\n", Mark(2, 1), "a line is `key: value` or `- item`, and this is neither"),
    ("a: - b\n", Mark(1, 4), "a list of `- item` begins on a line of its own"),
    ("a: *\n", Mark(1, 5), "anchors and aliases are not allowed"),
    ("%YAML x\n", Mark(1, 7), "this is no YAML (expected a digit, but found 'x'): correct the line"),
    ("ab: \x00\n", Mark(1, 5), "U+0000 is not allowed"),
    ("1: a\n", Mark(1, 1), "a key must be a word, not 1: put it in quotes"),
    ("? {a: 1}\n: 2\n", Mark(1, 3), "a key must be a word, not 'a collection': write a word"),
    ("a: [1,\n", Mark(1, 4), "this `[` is not closed, and line 2 is none of its items"),
    ("a: " + "x" * MOST_BYTES, Mark(1, 1), "at most 256 KB"),
    ("[" * (MOST_DEPTH + 1) + "]" * (MOST_DEPTH + 1), Mark(1, MOST_DEPTH + 1), "nested deeper"),
    ("[" + "1," * MOST_EVENTS + "]", None, "more than 20000 nodes"),
]


@pytest.mark.parametrize(("text", "mark", "message"), REFUSED)
def test_what_is_refused_and_where(text, mark, message):
    problems = read(text).problems
    assert problems
    assert message in problems[0].message
    assert mark in (None, problems[0].mark)


def test_marks_name_keys_and_values_also_inside_flow_mappings():
    document = read("steps:\n  train: {model: {kind: lstm, layers: [1, 22]}}\n")
    assert document.mark(("steps", "train", "model", "kind"), key=True) == Mark(2, 19)
    assert document.mark(("steps", "train", "model", "kind")) == Mark(2, 25)
    assert document.mark(("steps", "train", "model", "layers", 1)) == Mark(2, 43)
    assert document.mark(("steps", "train", "absent", "deeper")) == Mark(2, 3), "the nearest ancestor's key"


def test_an_empty_file_is_an_empty_mapping():
    assert read("").value == {}
    assert read("# only a comment\n").value == {}


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_but_never_crashes(text):
    document = read(text)
    for problem in document.problems:
        assert problem.mark.line >= 1
        assert problem.mark.column >= 1
