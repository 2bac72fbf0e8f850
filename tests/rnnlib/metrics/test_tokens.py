"""Scores of language models, by hand, and the counts beside them."""

import math
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from rnnlib.data.batching.next_tokens import token_stretches
from rnnlib.data.dataset import PartOf
from rnnlib.data.encoders import BytePair, Characters, Longest, Words, encoded
from rnnlib.errors import ModelError, Refused
from rnnlib.metrics.cases import Surprises
from rnnlib.metrics.ngrams import bigram_nats, unigram_nats
from rnnlib.metrics.scoring import score_part
from rnnlib.metrics.table import TOKEN_METRICS
from tests.rnnlib.metrics.samples import Guesses
from tests.rnnlib.training.texts import raw, sayings, stream

NAMES = ("nll", "perplexity", "bits_per_character")
TEXT = "the cat sat on the mat; the cat sat"


def evenly(data, examples):
    return np.full(int(examples.length.sum()), math.log(8))


def test_of_eight_equally_likely_characters_the_perplexity_is_eight_and_three_bits_tell_them_apart() -> None:
    data = stream([sayings()])
    found = score_part(
        Guesses("language_model", evenly, data.about.words["said"]), data, PartOf.test, NAMES, season=None, units="data"
    )
    assert found.model == pytest.approx({"nll": math.log(8), "perplexity": 8.0, "bits_per_character": 3.0})
    rows = int(data.rows_of(PartOf.test).sum())
    assert found.cases == rows - 1
    assert found.details["text"] == {"told": rows - 1, "unknown": 0, "tokens_per_character": 1.0}
    assert found.predictions["token"].str.join("")[0] == "".join(
        data.about.words["said"][int(one)] for one in data.raw[data.rows_of(PartOf.test), 0][1:]
    )


@pytest.mark.parametrize("tokenizer", [Characters(ends=True), Words(), BytePair(most=300)])
def test_bits_are_counted_over_the_characters_that_the_text_had(tokenizer) -> None:
    before = raw([sayings()])
    data = encoded(before, (tokenizer.fit(before).model_dump(mode="json"),))
    found = score_part(
        Guesses("language_model", evenly, data.about.words["said"]), data, PartOf.test, NAMES, season=None, units="data"
    )
    tokens, characters = (int(one.rows_of(PartOf.test).sum()) for one in (data, before))
    assert found.model["bits_per_character"] == pytest.approx(3 * tokens / characters)


@pytest.mark.parametrize("keep", ["first", "last"])
def test_characters_of_texts_that_are_cut_are_those_that_are_left(keep) -> None:
    """Of the whole texts they would make every token cost less."""
    before = raw([sayings(40, seed=at) for at in range(9)])
    before = replace(before, part=np.repeat(np.arange(9) % 3, before.lengths).astype(before.part.dtype))
    data = encoded(before, (Characters().fit(before).model_dump(mode="json"),))
    data = encoded(data, (Longest(steps=20, keep=keep).fit(data).model_dump(mode="json"),))
    found = score_part(
        Guesses("language_model", evenly, data.about.words["said"]), data, PartOf.test, NAMES, season=None, units="data"
    )
    assert found.model["bits_per_character"] == pytest.approx(3.0)


def test_unigrams_are_counted_once_more() -> None:
    train, told = np.array([1, 1, 2, 1]), np.array([1, 2, 3, 0])
    expected = -np.log(np.array([4, 2, 1, 1]) / (4 + 4))
    np.testing.assert_allclose(unigram_nats(train, told, 4), expected)


def test_bigrams_are_those_of_witten_and_bell_counted_by_hand() -> None:
    letters = sorted({*TEXT, "z"})
    place = {letter: number for number, letter in enumerate(letters)}
    train = np.array([place[letter] for letter in TEXT])
    pairs = np.stack([train[:-1], train[1:]], axis=1)
    asked = [("t", "h"), ("t", "c"), ("a", "t"), ("z", "t"), ("m", "z")]
    behind = list(pairwise(TEXT))
    counts, followers = Counter(behind), Counter(one for one, _ in set(behind))
    ones, starts = Counter(TEXT), Counter(TEXT[:-1])

    def share(a: str, b: str) -> float:
        own = (ones[b] + 1) / (len(TEXT) + len(letters))
        if not starts[a]:
            return own
        return (counts[a, b] + followers[a] * own) / (starts[a] + followers[a])

    found = bigram_nats(pairs, train, np.array([[place[a], place[b]] for a, b in asked]), len(letters))
    np.testing.assert_allclose(np.exp(-found), [share(a, b) for a, b in asked])
    for a in range(len(letters)):
        whole = bigram_nats(pairs, train, np.array([[a, b] for b in range(len(letters))]), len(letters))
        assert np.exp(-whole).sum() == pytest.approx(1)


def test_the_baselines_know_the_train_part_alone_and_pairs_know_more() -> None:
    data = stream([sayings()])
    model = Guesses("language_model", evenly, data.about.words["said"])
    found = score_part(model, data, PartOf.test, NAMES, season=None, units="data")
    assert found.baselines["bigram"]["nll"] < found.baselines["unigram"]["nll"]
    moved = data.raw.copy()
    moved[data.rows_of(PartOf.validation)] = 1
    again = score_part(model, replace(data, raw=moved), PartOf.test, NAMES, season=None, units="data")
    assert again.baselines == found.baselines


def test_what_is_not_finite_is_no_score() -> None:
    data = stream([sayings()])
    model = Guesses("language_model", lambda data, examples: evenly(data, examples) * np.nan, ("a",))
    with pytest.raises(ModelError, match="are not finite"):
        score_part(model, data, PartOf.test, NAMES, season=None, units="data")


def test_accuracy_is_no_score_of_a_language_model() -> None:
    data = stream([sayings()])
    with pytest.raises(Refused, match="`accuracy` cannot score a language_model: take nll, perplexity"):
        score_part(
            Guesses("language_model", evenly, ("a",)), data, PartOf.test, ("accuracy",), season=None, units="data"
        )


def test_nothing_told_is_no_number() -> None:
    assert all(math.isnan(metric(Surprises(np.empty(0)))) for metric in TOKEN_METRICS.values())
    assert len(token_stretches(stream(["a" * 10, "b" * 10], context=None), PartOf.test, None)) == 2
