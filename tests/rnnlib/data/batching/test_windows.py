"""Windows against a loop over all rows; whole panels at once."""

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlib.data.batching.windows import examples_before, has_truth, window_starts
from rnnlib.data.dataset import PartOf
from rnnlib.errors import DataError, Refused
from tests.rnnlib.data.made import series


def with_window(data, context, horizon, stride=1):
    return data.with_about(window={"context": context, "horizon": horizon, "stride": stride})


def cut(data, validation, test):
    part = np.full(data.rows, PartOf.train, np.int8)
    for last in data.offsets[1:]:
        part[max(last - test - validation, 0) : last] = PartOf.validation
        part[last - test : last] = PartOf.test
    return replace(data, part=part)


def by_hand(data, part, context, horizon, stride):
    """Every row asked in turn whether a window starts there."""
    found = []
    for sequence, (first, last) in enumerate(zip(data.offsets[:-1], data.offsets[1:], strict=True)):
        starts = [
            row - context
            for row in range(first + context, last - horizon + 1)
            if (data.part[row : row + horizon] == part).all()
        ]
        kept = [row for row in starts if (row - starts[0]) % stride == 0]
        observed = [row for row in kept if data.observed[row + context : row + context + horizon, 0].any()]
        found += [(row, sequence) for row in observed]
    return found


@given(
    lengths=st.lists(st.integers(1, 30), min_size=1, max_size=4),
    window=st.tuples(st.integers(1, 8), st.integers(1, 6), st.integers(1, 5)),
    held=st.tuples(st.integers(0, 8), st.integers(0, 8)),
    seed=st.integers(0, 5),
)
def test_windows_are_those_of_a_loop_over_all_rows(lengths, window, held, seed):
    data = with_window(series(lengths), *window)
    data = replace(data, observed=np.random.default_rng(seed).random((data.rows, 1)) < 0.6)
    test = min(held[1], *lengths)
    data = cut(data, min(held[0], min(lengths) - test), test)
    for part in (PartOf.train, PartOf.validation, PartOf.test):
        found = window_starts(data, part)
        assert list(zip(found.start, found.sequence, strict=True)) == by_hand(data, part, *window)
        assert (found.length == window[0]).all()
        assert found.horizon == window[1]


def test_a_context_reaches_back_into_the_part_before_but_not_into_the_series_before():
    data = cut(with_window(series([10, 10]), 4, 2), 0, 2)
    assert window_starts(data, PartOf.test).start.tolist() == [4, 14]
    assert window_starts(data, PartOf.train).start.tolist() == [0, 1, 2, 10, 11, 12]


def test_data_that_is_not_split_has_windows_everywhere():
    assert window_starts(with_window(series([5, 4]), 2, 1), PartOf.test).start.tolist() == [0, 1, 2, 5, 6]


def test_missing_truth_is_seen_in_the_values_where_there_is_no_mask():
    data = with_window(series([6]), 2, 1)
    raw = data.raw.copy()
    raw[3] = np.nan
    assert window_starts(replace(data, raw=raw), PartOf.train).start.tolist() == [0, 2, 3]
    assert has_truth(replace(data, raw=raw), examples_before(data, np.array([3]), 2, 1)).tolist() == [False]


def test_without_a_window_step_there_are_none():
    with pytest.raises(Refused, match="put `window` between `split` and `train`"):
        window_starts(series([5]), PartOf.train)


def test_examples_before_a_row():
    found = examples_before(series([6, 6]), np.array([4, 9]), 3, 2)
    assert found.start.tolist() == [1, 6]
    assert found.sequence.tolist() == [0, 1]
    assert found.horizon_start.tolist() == [4, 9]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (2, "reads 3 rows .* series `s0` has 2"),
        (8, "reads 3 rows .* series `s1` has 2"),
        (5, "predicts 2 rows, series `s0` has 1"),
        (12, "received row 12"),
    ],
)
def test_a_window_that_a_series_does_not_hold_is_refused(row, message):
    with pytest.raises(DataError, match=message):
        examples_before(series([6, 6]), np.array([row]), 3, 2)


def test_a_panel_of_1000_series_takes_a_moment():
    data = cut(with_window(series([500] * 1000), 48, 12), 50, 50)
    assert data.sequence_of_row is not None
    fastest = []
    for _ in range(3):
        begun = time.perf_counter()
        found = window_starts(data, PartOf.train)
        fastest.append(time.perf_counter() - begun)
    assert len(found) == 1000 * (400 - 59)
    print(f"{len(found)} windows of 1000 series in {min(fastest) * 1000:.1f} ms")
    assert min(fastest) < 0.5  # 10 to 20 ms on an idle machine
