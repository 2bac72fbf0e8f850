"""Amounts of a spec: what they spell, and how many rows that is."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from rnnlib.data.amounts import Amount, Extent, Portion, share, sizes
from rnnlib.quantities import Duration, Percent

AMOUNT, PORTION, EXTENT = TypeAdapter(Amount), TypeAdapter(Portion), TypeAdapter(Extent)


@pytest.mark.parametrize(
    ("written", "value"),
    [("28d", Duration(28, "d")), ("3mo", Duration(3, "mo")), ("20%", Percent("20%")), (0.2, 0.2), (500, 500)],
)
def test_every_spelling_is_read_and_written_back(written, value):
    for adapter in (AMOUNT, EXTENT):
        assert adapter.validate_python(written) == value
        assert adapter.validate_python(value) == value
        assert adapter.dump_python(value, mode="json") == written


@pytest.mark.parametrize(
    "wrong", [0, -1, 0.0, 1.0, 1.5, "0%", "100%", "250%", "28", "28 d", True, None, {}, 10**10, "d"]
)
def test_what_is_no_amount_is_refused_with_what_was_received(wrong):
    for adapter in (AMOUNT, PORTION, EXTENT):
        with pytest.raises(ValidationError, match="received") as error:
            adapter.validate_python(wrong)
        assert error.value.error_count() == 1


def test_whole_sequences_have_no_length_of_time_to_share():
    with pytest.raises(ValidationError, match=r"expected a percentage .* received '28d'"):
        PORTION.validate_python("28d")


def test_files_are_a_list_of_names():
    assert EXTENT.validate_python(["a*.csv", "b.csv"]) == ("a*.csv", "b.csv")
    assert EXTENT.dump_python(("a.csv",), mode="json") == ["a.csv"]
    for wrong in ([], [3], ["."], [""]):
        with pytest.raises(ValidationError, match="expected a list of file names"):
            EXTENT.validate_python(wrong)


def test_shares_are_exactly_as_written():
    assert share(Percent("29%")) == share(0.29) == Fraction(29, 100)
    assert sizes(100, [0.29, 0.01, 0.7]) == [29, 1, 70]
    assert sizes(5, [None, 2, 0.2]) == [0, 2, 1]


@given(
    whole=st.integers(1, 500), cut=st.tuples(st.integers(1, 98), st.integers(1, 98)).filter(lambda two: sum(two) < 100)
)
def test_shares_that_make_up_the_whole_leave_nothing_over(whole, cut):
    shares = [Percent(f"{part}%") for part in (*cut, 100 - sum(cut))]
    found = sizes(whole, shares)
    assert sum(found) == whole
    assert all(abs(size - whole * share(one)) <= 1 for size, one in zip(found, shares, strict=True))
