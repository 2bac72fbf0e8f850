"""Sequences are cut where the spec says so, as long as it says, and what goes is counted."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlib.data.encoders import Longest, encoded
from rnnlib.data.splits import ByRandom, split
from rnnlib.errors import Refused
from tasks.encode import Encode
from tests.rnnlib.data.made import samples, series
from tests.tasks.steps import performed, summary


@given(st.lists(st.integers(1, 12), min_size=1, max_size=8), st.integers(1, 12), st.sampled_from(["first", "last"]))
def test_each_sequence_keeps_its_first_or_last_steps(lengths, steps, keep):
    data = samples(["a"] * len(lengths), lengths=lengths)
    observed = np.random.default_rng(0).random(data.raw.shape) < 0.9
    data = replace(data, observed=observed, tags=data.raw[:, :1], part=np.zeros(data.rows, np.int8))
    cut = Longest(steps=steps, keep=keep).fit(data).apply(data)
    ends = zip(data.offsets[:-1], data.offsets[1:], strict=True)
    rows = [np.arange(a, b)[:steps] if keep == "first" else np.arange(a, b)[-steps:] for a, b in ends]
    kept = np.concatenate(rows)
    assert cut.lengths.tolist() == [len(one) for one in rows]
    for name in ("raw", "observed", "tags", "part"):
        assert np.array_equal(getattr(cut, name), getattr(data, name)[kept])
    gone = data.rows - len(kept)
    longer = sum(length > steps for length in lengths)
    assert cut.about.repairs == ({"sequences cut": longer, "steps cut": gone} if gone else {})


def test_what_is_cut_travels_with_the_model_and_into_the_summary(tmp_path):
    data = split(samples(["a", "b"] * 6, lengths=[5, 2] * 6), ByRandom(test=2), 0)
    made = performed(Encode(longest={"steps": 3, "keep": "last"}), "parts", data, tmp_path)
    assert dict(made.about.encoders[0]) == {"kind": "longest", "steps": 3, "keep": "last"}
    assert np.array_equal(encoded(data, made.about.encoders).raw, made.raw)
    facts = summary(tmp_path, "encode")
    assert (facts["longest"], facts["sequences cut"], facts["steps cut"]) == (3, 6, 12)


def test_series_are_refused():
    with pytest.raises(Refused, match=r"write their length as `window.context`"):
        Longest(steps=3).fit(series([9]))
