"""Texts as streams: what is told at a step is the next token, over the edges of stretches, never of parts."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnlib.data.about import About, Column
from rnnlib.data.batching.batches import Source, examples_of
from rnnlib.data.batching.next_tokens import NextTokens, tells_nothing_else, token_column, token_stretches
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.errors import DataError, Refused

VOCABULARY = ("<unknown>", *"abcdefgh")


def stream(lengths: list[int], parts: list[int] | None = None, context: int | None = None) -> DataSet:
    rows = sum(lengths)
    return DataSet(
        about=About(
            columns=(Column(name="said", role="features", holds="tokens"),),
            names={"text": "said"},
            words={"said": VOCABULARY},
            window=None if context is None else {"context": context, "stride": context},
        ),
        raw=np.random.default_rng(rows).integers(0, len(VOCABULARY), (rows, 1)).astype(float),
        offsets=np.concatenate(([0], np.cumsum(lengths))),
        sequences=pl.DataFrame({"key": [str(number) for number in range(len(lengths))]}),
        part=None if parts is None else np.array(parts, np.int8),
    )


@given(st.lists(st.integers(1, 9), min_size=1, max_size=4), st.integers(1, 5) | st.none(), st.data())
def test_every_token_but_the_first_of_a_text_and_of_a_part_is_told_once_by_the_one_before_it(lengths, context, data):
    cuts = [data.draw(st.integers(0, length)) for length in lengths]
    parts = [int(at >= cut) for length, cut in zip(lengths, cuts, strict=True) for at in range(length)]
    made = stream(lengths, parts, context)
    for part in (PartOf.train, PartOf.validation):
        told = [
            row
            for first, last in zip(made.offsets[:-1], made.offsets[1:], strict=True)
            for row in range(first + 1, last)
            if parts[row] == parts[row - 1] == part
        ]
        examples = examples_of(made, part)
        found = [row + 1 for start, length in zip(examples.start, examples.length, strict=True)
                 for row in range(start, start + length)]  # fmt: skip
        assert found == told
        assert context is None or len(examples) == 0 or examples.length.max() <= context


def test_batches_hold_the_tokens_and_behind_each_the_next_one() -> None:
    data = stream([11, 2, 6], context=4)
    examples = examples_of(data, PartOf.train)
    assert examples.length.tolist() == [4, 4, 2, 1, 4, 1]
    source = Source.of(data, examples, VOCABULARY)
    (batch,) = source.batches(torch.arange(6), 6)
    assert batch.index.tolist() == [0, 1, 2, 3, 4, 5], "stretches keep their order, however long"
    assert batch.label is None
    tokens = data.raw[:, 0]
    for row, (start, length) in enumerate(zip(examples.start, examples.length, strict=True)):
        assert batch.inputs[row, :length, 0].tolist() == tokens[start : start + length].tolist()
        assert batch.tags[row, :length].tolist() == tokens[start + 1 : start + length + 1].tolist()
        assert batch.tags_observed[row].tolist() == [at < length for at in range(4)]
        assert not batch.tags[row, length:].any()


def test_texts_with_something_else_to_tell_are_no_streams() -> None:
    data = stream([3, 3])
    assert tells_nothing_else(data)
    assert not tells_nothing_else(replace(data, sequences=data.sequences.with_columns(label=pl.Series(["a", "b"]))))
    assert not tells_nothing_else(data.with_about(tags=("pos",)))


def test_only_one_column_of_tokens_has_a_next_one() -> None:
    data = stream([3])
    held = data.with_about(columns=(data.about.columns[0].model_copy(update={"holds": "characters"}),))
    with pytest.raises(Refused, match=r"received said \(characters\); put `encode"):
        token_column(held)
    with pytest.raises(Refused, match="one column of tokens"):
        token_column(data.with_about(columns=data.about.columns * 2))


def test_a_token_beyond_the_vocabulary_is_refused() -> None:
    data = replace(stream([4]), raw=np.array([[1.0], [2.0], [9.0], [3.0]]))
    with pytest.raises(DataError, match="knows 9 tokens: received number 9"):
        NextTokens.of(data, 9)


def test_texts_of_one_token_tell_nothing() -> None:
    assert len(token_stretches(stream([1, 1]), PartOf.train, 3)) == 0
    assert len(token_stretches(stream([1, 1]), PartOf.train, None)) == 0
