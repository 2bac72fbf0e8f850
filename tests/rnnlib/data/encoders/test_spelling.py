"""The letters of words stand beside them, of train words and of others, and a layer reads them."""

from typing import Any

import numpy as np
import polars as pl
import pytest
import torch
from torch import nn

from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.data.encoders import Categories, Spelling, encoded
from rnnlib.data.encoders.spelling import CUT, NOTHING
from rnnlib.data.encoders.vocabulary import UNKNOWN
from rnnlib.data.loading import frame_to_dataset
from rnnlib.data.roles import Roles
from rnnlib.data.splits import ByColumn, split
from rnnlib.errors import ModelError, Refused
from rnnlib.layer import Flow, Tokens
from rnnlib.layers import Embedding
from rnnlib.layers import Spelling as Layer
from rnnlib.training.sizes import shape_of
from tests.rnnlib.data.made import samples

ROLES = Roles(sample="id", features=["word", "size"], tags="tag", categorical="word", part="of")


def words(held_out: tuple[str, ...] = ("abbey", "xa")) -> DataSet:
    said = ["ab", "bag", "a", "ab", *held_out]
    parts = ["train"] * 4 + ["test"] * len(held_out)
    columns: dict[str, Any] = {"id": [1, 1, 2, 2, *[3] * len(held_out)], "word": said, "of": parts}
    frame = pl.DataFrame({**columns, "size": np.arange(len(said)) + 0.5, "tag": ["p", "v"] * (len(said) // 2)})
    return split(frame_to_dataset(frame, ROLES, file="w.csv"), ByColumn(), 1)


def both(data: DataSet, **fields: Any) -> DataSet:
    for section in (Spelling(**fields), Categories()):
        data = encoded(data, (section.fit(data).model_dump(mode="json"),))
    return data


def test_every_letter_has_a_column_and_nothing_stands_behind_the_last() -> None:
    made = both(words(), longest=4)
    assert [column.name for column in made.about.columns] == ["word", "size", *(f"word[{at}]" for at in range(4))]
    letters = made.about.words["word[0]"]
    assert letters == (UNKNOWN, NOTHING, "a", "b", "g")
    spelled = ["".join({0: "?", 1: "_"}.get(int(one), letters[int(one)]) for one in row[2:]) for row in made.raw]
    assert spelled == ["ab__", "bag_", "a___", "ab__", "abb?", "?a__"]
    assert made.about.repairs[CUT] == 1
    assert made.raw[4, 0] == 0, "the word itself is unknown"


def test_held_out_words_change_nothing_in_train() -> None:
    one, other = both(words()), both(words(("zzz", "ab", "q", "bag")))
    assert one.about.encoders == other.about.encoders
    assert np.array_equal(one.raw[one.rows_of(PartOf.train)], other.raw[other.rows_of(PartOf.train)])
    again = encoded(words(), one.about.encoders)
    assert np.array_equal(again.raw, one.raw)


def test_data_without_words_is_refused() -> None:
    with pytest.raises(Refused, match="no column holds words"):
        Spelling().fit(samples(["a", "b"]))


def test_the_layer_finds_the_letters_by_the_name_of_the_word() -> None:
    flow = shape_of(both(words(), longest=4), ("p", "v")).flow()
    section = Layer(column="word", width=3, filters=5, kernel=3)
    after = section.after(flow)
    assert after.width == 2 + 5
    assert after.tokens == (Tokens("word", 0, 4),)
    assert section.reads(flow) == tuple(f"word[{at}]" for at in range(4))
    assert Embedding(width=6, column="word").after(after).width == 6 + 1 + 5
    assert Embedding(width=6, column="word").reads(flow) == ("word",)


@pytest.mark.parametrize(
    ("field", "number", "message"),
    [("longest", 5, "made 4 letters of a word: received 5"), ("letters", 4, "the data has 5 different letters")],
)
def test_no_more_letters_are_read_than_there_are_and_none_is_left_out(field: str, number: int, message: str) -> None:
    flow = shape_of(both(words(), longest=4), ("p", "v")).flow()
    flow = flow._replace(width=7, tokens=(*flow.tokens, Tokens("another", 6, 3)))
    with pytest.raises(ModelError, match=message):
        Layer.model_validate({"column": "word", field: number}).after(flow)


def test_a_name_that_no_column_has_is_refused() -> None:
    flow = Flow(3, tokens=(Tokens("word", 1, 9),))
    for section in (Embedding(width=2, column="wort"), Layer(column="word")):
        with pytest.raises(ModelError, match="there are `word`"):
            section.after(flow)
    with pytest.raises(ModelError, match="needs the letters of words"):
        Layer(column=1).after(flow)


def test_a_word_is_the_largest_of_its_convolutions_by_hand() -> None:
    torch.manual_seed(1)
    module = Layer(longest=4, letters=6, width=3, filters=2, kernel=3).build(Flow(5))
    nn.init.normal_(module.bias)
    table, kernel, bias = (one.detach().numpy().astype(float) for one in (module.vectors, module.kernel, module.bias))
    word, number = [2, 5, 0, 1], 7.5
    vectors = [np.zeros(3), *(table[one] * (one != 1) for one in word), np.zeros(3)]
    found = [
        np.tanh(sum(kernel[:, :, place] @ vectors[at + place] for place in range(3)) + bias) for at in range(3)
    ]  # fmt: skip
    made, _ = module(torch.tensor([[[*map(float, word), number]]]))
    assert made[0, 0, 0] == number
    np.testing.assert_allclose(made[0, 0, 1:].detach().numpy(), np.max(found, axis=0), rtol=1e-5)
