"""Every tokenizer: fitted on train rows alone, a value that travels as JSON, rows that keep their part."""

import subprocess
import sys
from collections import Counter
from typing import Any

import numpy as np
import polars as pl
import pytest
import tokenizers
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import decoders, models, pre_tokenizers, trainers

from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.data.encoders import AnyTokenizer, BytePair, Characters, FittedTokenizer, Words, encoded
from rnnlib.data.encoders.vocabulary import END, UNKNOWN, chosen, numbered
from rnnlib.data.loading import frame_to_dataset
from rnnlib.data.roles import Roles
from rnnlib.data.splits import ByColumn, ByTime, split
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


def stream(text: str) -> DataSet:
    return alone(text)


def said(state: FittedTokenizer, text: str) -> str:
    return state.text_of([int(number) for number in state.apply(stream(text)).raw[:, 0]])


ANY_TEXT = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=50)


@given(ANY_TEXT)
def test_characters_and_byte_pairs_are_put_together_again_exactly(text: str) -> None:
    assert said(Characters().fit(stream(text)), text) == text
    assert said(BYTE_PAIRS, text) == text


BYTE_PAIRS = BytePair(most=300).fit(texts())


@given(st.lists(st.text(st.characters(categories=("L", "N", "P")), min_size=1), min_size=1))
def test_words_at_whitespace_are_those_of_split(words: list[str]) -> None:
    text = "  ".join(words)
    assert said(Words(split="whitespace").fit(stream(text)), text) == " ".join(text.split())


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ["Don't", "panic", ",", "it’s", "42", "Öre", "!"]),
        ({"lowercase": True}, ["don't", "panic", ",", "it’s", "42", "öre", "!"]),
        ({"split": "whitespace"}, ["Don't", "panic,", "it’s", "42", "Öre!"]),
    ],
)
def test_where_words_begin_and_end(fields: dict[str, Any], expected: list[str]) -> None:
    data = stream("Don't panic,\n it’s 42 Öre!")
    made = Words(**fields).fit(data).apply(data)
    assert [made.about.words["said"][int(number)] for number in made.raw[:, 0]] == expected


@pytest.mark.parametrize(
    "words",
    [
        ["हिन्दी", "में", "!"],
        ["cafe\u0301s", ",", "naïve"],  # the accent is a character of its own
        ["ภาษาไทย"],
        ["مُحَمَّد", "می\u200cخواهم"],
        ["❤\ufe0f", "👍🏽"[0], "👍🏽"[1], "."],
    ],
)
def test_marks_belong_to_the_letters_that_they_stand_on(words: list[str]) -> None:
    text = " ".join(words)
    encoded_words = Words().fit(stream(text))
    assert said(encoded_words, text) == text
    assert set(encoded_words.tokens[1:]) == set(words)


def test_at_most_so_many_words_are_known_and_the_others_are_shown_as_unknown() -> None:
    state = Words(most=2, at_least=2).fit(stream("b b b a a c c d"))
    assert state.tokens == (UNKNOWN, "b", "a")
    assert said(state, "a d b c") == "a \N{REPLACEMENT CHARACTER} b \N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize("kind", KINDS)
def test_a_text_that_is_spelled_like_a_token_without_text_is_text(kind: str) -> None:
    text = f"{UNKNOWN} {END} and more"
    state = example(members(AnyTokenizer)[kind], ends=True).fit(stream(text))
    made = state.apply(stream(text))
    assert (made.raw[:, 0] == state.tokens.index(END)).sum() == 1


def test_a_text_without_words_is_one_unknown_token() -> None:
    state = Words(split="whitespace").fit(texts())
    made = state.apply(alone("   ", "a cat"))
    assert made.lengths.tolist() == [1, 2]
    assert made.raw[0, 0] == 0


def alone(*said: str) -> DataSet:
    return frame_to_dataset(pl.DataFrame({"said": said}), Roles(text="said"), file="t.csv")


@pytest.mark.parametrize("kind", KINDS)
def test_no_token_knows_of_two_parts_of_one_text(kind: str) -> None:
    """A cut within the word `cat`: what stands behind it changes no token of train."""
    pair = []
    for held_out in ("at sat", "ow was"):
        parts = split(stream("the cat the cat the c" + held_out), ByTime(validation=3, test=3), 1)
        made = applied(kind, parts)
        pair.append((made.about.encoders, made.raw[made.rows_of(PartOf.train), 0].tolist(), made.about.words))
    assert pair[0] == pair[1]


def test_byte_pairs_are_those_of_the_library() -> None:
    """The very library, trained by its own road and with its own decoder."""
    data = texts()
    machine = tokenizers.Tokenizer(models.BPE())
    machine.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    machine.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    machine.train_from_iterator(
        TRAIN, trainers.BpeTrainer(vocab_size=270, initial_alphabet=alphabet, show_progress=False, min_frequency=2)
    )
    made = applied("byte_pair", data, most=271, at_least=2)
    expected = [number + 1 for text in [*TRAIN, *HELD_OUT] for number in machine.encode(text).ids]
    assert made.raw[:, 0].tolist() == expected
    assert len(made.about.words["said"]) > 258
    assert (made.raw == 0).sum() == 0


def test_the_same_pairs_are_learned_in_another_process() -> None:
    program = (
        "from tests.rnnlib.data.encoders.test_tokenizers import texts, BytePair\n"
        "print(BytePair(most=300).fit(texts()).model_dump_json())"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == BYTE_PAIRS.model_dump_json()


def test_without_the_library_its_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tokenizers.models", None)
    with pytest.raises(Refused, match=r'pip install "rnnlib\[text\]"'):
        BytePair().fit(texts())
