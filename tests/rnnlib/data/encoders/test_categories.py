"""Categories become tokens: the vocabulary is of the train part, every other value is unknown, refused or missing."""

from collections import Counter
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from rnnlib.data.dataset import PartOf
from rnnlib.data.encoders import Categories, encoded
from rnnlib.data.loading import frame_to_dataset
from rnnlib.data.missing import Missing
from rnnlib.data.roles import Roles
from rnnlib.data.splits import ByTime, split
from rnnlib.errors import DataError, Refused
from rnnlib.training.sizes import shape_of

ROLES = Roles(
    series="shop", target=["sold"], past=["sky"], future=["day"], static=["town", "size"],
    categorical=["sky", "day", "town"],
)  # fmt: skip
WEEK = ("mo", "tu", "we", "th", "fr", "sa", "su")


def table(skies, **columns):
    rows = len(skies)
    frame = {"shop": ["a"] * rows, "sold": np.arange(rows) + 0.5, "sky": skies, "town": "Oslo", "size": 2.5}
    return pl.DataFrame({**frame, "day": [WEEK[row % 7] for row in range(rows)], **columns})


def loaded(frame, roles=ROLES, **options):
    return frame_to_dataset(frame, roles, file="f", **options)


def parts(skies, *, held=2, **columns):
    missing = Missing(fill="none", otherwise="mask")
    return split(loaded(table(skies, **columns), missing=missing), ByTime(test=held), 0)


def encoding(data, **fields):
    state = Categories(**fields).fit(data)
    return encoded(data, (state.model_dump(mode="json"),))


def words_of(data, name):
    """The words that the tokens of a column stand for."""
    at = next(at for at, column in enumerate(data.about.columns) if column.name == name)
    return [data.about.words[name][int(token)] for token in data.raw[:, at]]


def test_tokens_stand_for_the_words_of_the_train_part_and_the_frequent_ones_come_first():
    data = encoding(parts(["sun", "rain", "rain", "fog", "rain", "sun", "hail", "sun"]))
    assert data.about.words["sky"] == ("<unknown>", "rain", "sun", "fog")
    assert words_of(data, "sky") == ["sun", "rain", "rain", "fog", "rain", "sun", "<unknown>", "sun"]
    assert words_of(data, "day")[:6] == list(WEEK[:6])
    assert [column.holds for column in data.about.columns] == ["numbers", "tokens", "tokens"]
    assert data.about.static_tokens == ("town",)
    assert data.static.tolist() == [[1.0, 2.5]]


@given(
    skies=st.lists(st.text("abc", min_size=1, max_size=2), min_size=3, max_size=40),
    at_least=st.integers(1, 3),
    most=st.none() | st.integers(1, 4),
)
def test_a_vocabulary_is_what_counting_by_hand_gives(skies, at_least, most):
    data = encoding(parts(skies), at_least=at_least, most=most)
    counts = Counter(skies[:-2])
    known = [word for word in sorted(counts, key=lambda word: (-counts[word], word)) if counts[word] >= at_least]
    known = known[:most]
    assert data.about.words["sky"] == ("<unknown>", *known)
    assert words_of(data, "sky") == [sky if sky in known else "<unknown>" for sky in skies]


def test_static_categories_are_counted_once_for_each_sequence_of_the_train_part():
    frame = pl.concat([table(["sun"] * 9, town="Bergen"), *(table(["sun"] * 4, shop=s) for s in ("b", "c"))])
    data = encoding(split(loaded(frame.with_columns(shop=pl.col("shop"))), ByTime(test=1), 0))
    assert data.about.words["town"] == ("<unknown>", "Oslo", "Bergen")
    assert data.static[:, 0].tolist() == [2, 1, 1]


@pytest.mark.parametrize(
    ("missing", "expected"),
    [
        ("unknown", ["<unknown>", "rain", "<unknown>", "<unknown>", "sun", "<unknown>"]),
        ("token", ["<missing>", "rain", "<missing>", "<missing>", "sun", "<missing>"]),
        ("forward", ["<unknown>", "rain", "rain", "rain", "sun", "sun"]),
    ],
)
def test_a_row_without_a_category(missing, expected):
    data = encoding(parts([None, "rain", None, "", "sun", None], held=1), missing=missing)
    assert words_of(data, "sky") == expected


def test_nothing_is_carried_from_one_series_into_the_next():
    frame = pl.concat([table(["sun", "rain"]), table([None, "sun"], shop="b")])
    data = encoding(loaded(frame, missing=Missing(fill="none", otherwise="mask")), missing="forward")
    assert words_of(data, "sky") == ["sun", "rain", "<unknown>", "sun"]


@pytest.mark.parametrize("fill", [{"fill": "interpolate"}, {"fill": "forward"}, {"fill": "constant", "value": 7.0}])
def test_a_fill_of_numbers_touches_no_category(fill):
    frame = table(["sun", None, "rain", "sun"], sold=[1.0, None, 3.0, 4.0])
    data = split(loaded(frame, missing=Missing(**fill)), ByTime(test=1), 0)
    assert np.isnan(data.raw[1, 1])
    assert not np.isnan(data.raw[1, 0])


def test_a_category_that_train_does_not_have_is_refused_where_the_spec_says_so():
    with pytest.raises(DataError, match=r"column `sky`: `hail` \(sequence `a`\) is no category .* has `rain`, `sun`"):
        encoding(parts(["sun", "rain", "rain", "sun", "hail"], day="mo"), unknown="refuse")
    encoding(parts(["sun", "rain", "rain", "sun", None], day="mo"), unknown="refuse")
    with pytest.raises(ValidationError, match="leave one of the two out"):
        Categories(unknown="refuse", at_least=2)


def test_a_word_that_is_spelled_like_a_token_is_none():
    data = encoding(parts(["<missing>", "<unknown>", "sun", "sun", "sun", "sun"]), missing="token")
    assert data.about.words["sky"] == ("<unknown>", "<missing>", "sun")


def test_what_follows_the_train_part_changes_neither_the_vocabulary_nor_a_token_of_train():
    skies = ["sun", "rain", "fog", "rain"]
    one, other = (encoding(parts([*skies, *ends])) for ends in (("sun", "sun"), ("aaa", "zzz")))
    train = one.rows_of(PartOf.train)
    assert one.about.words == other.about.words
    assert np.array_equal(one.raw[train], other.raw[train])
    leaky = parts([*skies, "aaa", "zzz"])
    seen = encoding(replace(leaky, part=np.zeros(6, np.int8)))
    assert seen.about.words != one.about.words, "a vocabulary of all rows would be seen here"


def test_data_without_categories_is_refused():
    numbers = Roles(series="shop", target=["sold"])
    with pytest.raises(Refused, match="no column holds words"):
        Categories().fit(loaded(table(["sun"] * 4), numbers))


def test_static_categories_alone_are_enough():
    only = Roles(series="shop", target=["sold"], static=["town"], categorical=["town"])
    data = loaded(table(["sun"] * 4), only)
    with pytest.raises(Refused, match="`town` holds words"):
        shape_of(data, None)
    shape_of(encoding(data), None)


def test_whole_numbers_are_the_same_categories_however_their_column_came():
    spelled = [
        loaded(table(skies), missing=Missing(fill="none", otherwise="mask")).about.words["sky"]
        for skies in ([1, 2, None, 2], [1.0, 2.0, None, 2.0], ["1", "2", None, "2"], [1.0, 2.0, float("nan"), 1.0])
    ]
    assert spelled == [("1", "2")] * 4
    assert loaded(table([1.5, 2.0, 1.5, 2.0])).about.words["sky"] == ("1.5", "2")
