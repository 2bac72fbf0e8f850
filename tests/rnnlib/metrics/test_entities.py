"""Entities are counted as the scorer of CoNLL counts them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlib.errors import Refused
from rnnlib.metrics.cases import Labels
from rnnlib.metrics.entities import Entity, entities, found
from rnnlib.metrics.table import LABEL_METRICS

TAGS = ("O", "B-a", "I-a", "B-b", "I-b-c")


def conlleval(tags: list[str], sentence: list[int]) -> set[tuple[str, int, int]]:
    """The rules of `conlleval` (2004-01-26), its startOfChunk and endOfChunk, for tags with B, I and O alone."""
    spans, start = set(), -1
    before, kind_before = "O", ""
    for at in range(len(tags) + 1):
        new = at == len(tags) or (at > 0 and sentence[at] != sentence[at - 1])
        if new and start >= 0:
            spans.add((kind_before, start, at))
            start = -1
        if at == len(tags):
            return spans
        if new:
            before, kind_before = "O", ""
        letter, _, kind = tags[at].partition("-")
        ends = (before in "BI" and letter in "BO") or (before != "O" and kind != kind_before)
        begins = letter == "B" or (before == "O" and letter == "I") or (letter != "O" and kind != kind_before)
        if ends and start >= 0:
            spans.add((kind_before, start, at))
            start = -1
        if begins:
            start = at
        before, kind_before = letter, kind
    raise AssertionError


@given(st.lists(st.tuples(st.sampled_from(TAGS), st.booleans())))
def test_they_are_those_of_conlleval(steps: list[tuple[str, bool]]) -> None:
    tags, sentence = [tag for tag, _ in steps], np.cumsum([new for _, new in steps], dtype=int).tolist()
    assert {tuple(one) for one in entities(tags, sentence)} == conlleval(tags, sentence)


def test_an_entity_ends_with_its_sentence() -> None:
    tags = ["B-a", "I-a", "I-a", "O", "I-b", "B-b"]
    assert list(entities(tags, [0] * 6)) == [Entity("a", 0, 3), Entity("b", 4, 5), Entity("b", 5, 6)]
    assert list(entities(tags, [0, 0, 1, 1, 1, 1]))[:2] == [Entity("a", 0, 2), Entity("a", 2, 3)]


def labels(truth: str, predicted: str) -> Labels:
    return Labels(tuple(truth.split()), tuple(predicted.split()), TAGS, run=(0,) * len(truth.split()))


@pytest.mark.parametrize(
    ("truth", "predicted", "counts"),
    [
        ("B-a I-a O B-b", "B-a I-a O B-b", (2, 2, 2)),
        ("B-a I-a O B-b", "B-a O O B-b", (1, 2, 2)),
        ("B-a I-a O B-b", "B-b I-b-c O O", (0, 2, 2)),
        ("O O O O", "B-a O O O", (0, 1, 0)),
        ("B-a I-a O O", "O O O O", (0, 0, 1)),
    ],
)
def test_a_span_is_right_as_a_whole_or_wrong(truth: str, predicted: str, counts: tuple[int, int, int]) -> None:
    cases = labels(truth, predicted)
    right, told, true = found(cases)
    assert (right, told, true) == counts
    assert LABEL_METRICS["entity_f1"](cases) == pytest.approx(2 * right / (told + true))
    assert LABEL_METRICS["entity_precision"](cases) == (right / told if told else 0)
    assert LABEL_METRICS["entity_recall"](cases) == (right / true if true else 0)


def test_without_entities_there_is_no_score() -> None:
    for name in ("entity_f1", "entity_precision", "entity_recall"):
        assert np.isnan(LABEL_METRICS[name](labels("O O", "O O")))


def test_tags_of_another_form_are_refused() -> None:
    with pytest.raises(Refused, match="received `noun`; take `macro_f1`"):
        found(Labels(("noun",), ("O",), ("O",)))
