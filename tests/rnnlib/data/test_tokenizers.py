"""Every tokenizer: fitted on train rows alone, a value that travels as JSON, rows that keep their part."""

from collections import Counter
from typing import Any

import numpy as np
import polars as pl
import pytest

from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.data.encoders import AnyTokenizer, encoded
from rnnlib.data.encoders.vocabulary import END, UNKNOWN, chosen, numbered
from rnnlib.data.loading import frame_to_dataset
from rnnlib.data.roles import Roles
from rnnlib.data.splits import ByColumn, split
from rnnlib.errors import Refused
from tests.rnnlib.data.made import samples
from tests.rnnlib.families import example, members

KINDS = sorted(members(AnyTokenizer))
TRAIN = ["the cat sat on the mat", "a cat and a dog", "the dog sat"]
HELD_OUT = ["a zebra sat", "the cat"]


def texts(train: list[str] = TRAIN, held_out: list[str] = HELD_OUT) -> DataSet:
    parts = ["train"] * len(train) + ["test"] * len(held_out)
    moods = [f"m{place % 2}" for place in range(len(parts))]
    frame = pl.DataFrame({"said": [*train, *held_out], "mood": moods, "of": parts})
    return split(frame_to_dataset(frame, Roles(text="said", label="mood", part="of"), file="t.csv"), ByColumn(), 1)


def applied(kind: str, data: DataSet, **fields: Any) -> DataSet:
    state = example(members(AnyTokenizer)[kind], **fields).fit(data)
    return encoded(data, (state.model_dump(mode="json"),))


@pytest.mark.parametrize("kind", KINDS)
def test_held_out_texts_change_nothing_in_train(kind: str) -> None:
    one, other = (applied(kind, texts(held_out=held)) for held in (HELD_OUT, ["xyz öäü ж", "qqq q q q q"]))
    assert one.about.encoders == other.about.encoders
    assert np.array_equal(one.raw[one.rows_of(PartOf.train)], other.raw[other.rows_of(PartOf.train)])
    assert not np.array_equal(one.raw, other.raw)


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_fitted_does_the_same_to_new_texts(kind: str) -> None:
    made = applied(kind, texts())
    again = encoded(texts(), made.about.encoders)
    assert np.array_equal(again.raw, made.raw)
    assert again.about == made.about


@pytest.mark.parametrize("kind", KINDS)
def test_rows_keep_their_part_and_sequences_their_label(kind: str) -> None:
    made = applied(kind, texts())
    assert made.part is not None
    assert [set(made.part[first:last]) for first, last in zip(made.offsets[:-1], made.offsets[1:], strict=True)] == [
        {0}, {0}, {0}, {2}, {2}
    ]  # fmt: skip
    assert made.sequences.equals(texts().sequences)
    assert made.about.columns[0].holds == "tokens"
    assert made.raw.max() < len(made.about.words["said"])
    assert made.about.words["said"][0] == UNKNOWN


@pytest.mark.parametrize("kind", KINDS)
def test_a_token_of_its_own_ends_every_text(kind: str) -> None:
    plain, ended = applied(kind, texts()), applied(kind, texts(), ends=True)
    end = ended.about.words["said"].index(END)
    assert ended.raw[ended.offsets[1:] - 1, 0].tolist() == [end] * 5
    assert (ended.raw == end).sum() == 5
    assert np.array_equal(ended.lengths, plain.lengths + 1)


@pytest.mark.parametrize("kind", KINDS)
def test_data_without_texts_is_refused(kind: str) -> None:
    with pytest.raises(Refused, match="no column holds characters"):
        example(members(AnyTokenizer)[kind]).fit(samples(["a", "b"]))


def test_frequent_characters_come_first_and_rare_ones_are_unknown() -> None:
    made = applied("characters", texts(), at_least=3)
    counts = Counter("".join(TRAIN))
    expected = [UNKNOWN, *(c for c, n in sorted(counts.items(), key=lambda item: (-item[1], item[0])) if n >= 3)]
    assert list(made.about.words["said"]) == expected
    points = "".join([*TRAIN, *HELD_OUT])
    assert made.raw[:, 0].tolist() == [expected.index(c) if c in expected else 0 for c in points]


def test_a_vocabulary_keeps_the_most_frequent() -> None:
    counts = Counter({"b": 2, "a": 2, "c": 5, "d": 1})
    assert chosen(counts, at_least=2, most=None) == (UNKNOWN, "c", "a", "b")
    assert chosen(counts, at_least=1, most=2, further=(END,)) == (UNKNOWN, END, "c", "a")


def test_what_a_vocabulary_lacks_is_unknown() -> None:
    assert numbered(pl.Series(["b", "x", None, "a"]), (UNKNOWN, "a", "b")).tolist() == [2, 0, 0, 1]
