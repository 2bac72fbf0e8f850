"""The step `encode`: refusals in the spec's own place, held-out rows that are sealed again, facts for the report."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from rnnlib.data.holdout import intact
from rnnlib.data.splits import ByRandom, split
from rnnlib.errors import DataError, Refused
from tasks.augment import Augment
from tasks.base import Lineage
from tasks.encode import FIELDS, Encode
from tasks.load import Load
from tests.rnnlib.data.encoders.test_tokenizers import texts
from tests.rnnlib.data.made import samples
from tests.tasks.steps import performed, summary

SECTION = Encode(text={"kind": "characters"})


def test_tokens_stand_where_characters_did_and_the_rows_that_are_held_out_are_sealed_again(tmp_path: Path) -> None:
    before = texts()
    data = performed(SECTION, "parts", before, tmp_path)
    assert data.about.columns[0].holds == "tokens"
    assert data.about.holdout != before.about.holdout
    assert intact(data) is data
    facts = summary(tmp_path, "encode")
    assert facts["rows"] == before.rows
    assert facts["said (tokens)"] == len(data.about.words["said"])


def test_what_is_unknown_is_counted_in_every_part(tmp_path: Path) -> None:
    performed(Encode(text={"kind": "words", "at_least": 2}), "parts", texts(), tmp_path)
    assert summary(tmp_path, "encode")["said (unknown)"] == "train 21.43%, test 20.00%"


def test_held_out_rows_that_were_changed_before_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="stay as `split` set them aside"):
        performed(SECTION, "parts", texts().with_about(holdout="0"), tmp_path)


def test_data_without_texts_is_refused_at_the_field(tmp_path: Path) -> None:
    data = split(samples(["a", "b"] * 4), ByRandom(validation=1, test=1), 1)
    with pytest.raises(Refused, match="no column holds characters") as refused:
        performed(SECTION, "parts", data, tmp_path)
    assert refused.value.at == ("text",)


def test_a_section_that_encodes_nothing_is_refused() -> None:
    with pytest.raises(
        ValidationError, match=f"needs something to encode, received none: name one of {', '.join(FIELDS)}"
    ):
        Encode()


def test_a_text_that_no_role_names_is_found_before_anything_runs() -> None:
    load = Load(source={"kind": "csv", "path": "a.csv"}, roles={"target": "y"})
    (complaint,) = SECTION.review("encode", Lineage({"load": load}))
    assert (complaint.step, complaint.at) == ("encode", ("text",))
    assert "the roles of `load` name none" in complaint.message
    load = Load(source={"kind": "csv", "path": "a.csv"}, roles={"text": "y"})
    assert list(SECTION.review("encode", Lineage({"load": load}))) == []


def test_what_is_encoded_is_augmented_afterwards(tmp_path: Path) -> None:
    """An operation that was fitting before would find other columns in training, and do nothing."""
    section, augment = Encode(longest={"steps": 2}), Augment(ops=({"kind": "jitter"},))
    rule = "augmentations change what `encode` gives"
    data = split(samples(["a", "b"] * 4), ByRandom(validation=1, test=1), 1).with_about(augment=({"kind": "jitter"},))
    with pytest.raises(Refused, match=rule):
        performed(section, "parts", data, tmp_path)
    complaints = list(section.review("encode", Lineage({"noisy": augment})))
    assert [(one.step, one.at) for one in complaints] == [("encode", ())]
    assert "put `noisy` behind it" in complaints[0].message
