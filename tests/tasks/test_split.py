"""The section `split`: what it spells, what has no meaning in it, and what the step writes."""

import json

import pytest
from pydantic import ValidationError

from rnnlib.data.dataset import PartOf
from rnnlib.data.splits import ByColumn, ByFiles, ByGroup, ByRandom, ByTime
from tasks.base import Lineage
from tasks.load import Load
from tasks.split import Split
from tests.rnnlib.data.made import samples, series
from tests.tasks.steps import performed, summary

SPELLED = [
    ({"by": "time", "validation": "28d", "test": "28d"}, ByTime(validation="28d", test="28d")),
    ({"by": "time", "train": 100, "test": 0.2}, ByTime(train=100, test=0.2)),
    (
        {"by": "random", "stratify": "label", "train": "70%", "validation": "15%", "test": "15%"},
        ByRandom(stratify="label", train="70%", validation="15%", test="15%"),
    ),
    ({"by": "random", "stratify": True, "test": 5}, ByRandom(stratify=True, test=5)),
    ({"by": "group", "test": "20%"}, ByGroup(test="20%")),
    ({"by": "column"}, ByColumn()),
    ({"by": "column", "validation": "20%", "stratify": True}, ByColumn(validation="20%", stratify=True)),
    (
        {"by": "files", "train": ["a*.csv"], "validation": ["b.csv"], "test": ["c.csv"]},
        ByFiles(train=("a*.csv",), validation=("b.csv",), test=("c.csv",)),
    ),
    ({"by": "files", "test": ["c.csv"], "validation": "20%"}, ByFiles(validation="20%", test=("c.csv",))),
]


@pytest.mark.parametrize(
    ("section", "method"), SPELLED, ids=lambda one: json.dumps(one) if isinstance(one, dict) else ""
)
def test_every_spelling_is_read_and_survives_json(section, method):
    found = Split.model_validate_json(json.dumps({"task": "split", **section}), strict=True)
    assert found.method() == method
    assert Split.model_validate_json(found.model_dump_json(by_alias=True)) == found
    assert Split(**section).method() == method


@pytest.mark.parametrize(
    ("section", "at", "message"),
    [
        ({"by": "time"}, ("test",), "`by: time` needs `test`"),
        ({"by": "files", "validation": "20%"}, ("test",), "`by: files` needs `test`"),
        ({"by": "time", "test": 3, "stratify": True}, ("stratify",), "`stratify` has no meaning with `by: time`"),
        ({"by": "group", "test": 3, "stratify": "label"}, ("stratify",), "has no meaning with `by: group`"),
        ({"by": "column", "test": 3}, ("test",), "`test` has no meaning with `by: column`"),
        ({"by": "column", "train": 3}, ("train",), "`train` has no meaning with `by: column`"),
        ({"by": "column", "stratify": True}, ("stratify",), "for a validation share of train"),
        ({"by": "random", "test": "28d"}, ("test",), "expected a percentage"),
        ({"by": "random", "test": ["a.csv"]}, ("test",), "expected a percentage"),
        ({"by": "time", "test": ["a.csv"]}, ("test",), "expected a length of time"),
        ({"by": "files", "test": "20%"}, ("test",), "valid tuple"),
        ({"by": "time", "test": "60%", "validation": "60%"}, ("test",), "make 1.2 of it"),
        ({"by": "random", "test": 0.5, "validation": 0.5}, ("test",), "leave nothing"),
    ],
)
def test_what_has_no_meaning_is_refused_where_it_stands(section, at, message):
    with pytest.raises(ValidationError, match=message) as error:
        Split(**section)
    (found,) = error.value.errors()
    assert found["type"] == "refused"
    assert found["ctx"]["at"] == at


@pytest.mark.parametrize(
    "section", [{"by": "time", "test": 0}, {"by": "time", "test": "28"}, {"by": "time", "test": True}]
)
def test_what_is_no_amount_is_one_error_at_its_field(section):
    with pytest.raises(ValidationError, match="expected a length of time") as error:
        Split(**section)
    (found,) = error.value.errors()
    assert found["loc"] == ("test",)


@pytest.mark.parametrize("stratify", ["class", 3])
def test_stratify_is_a_switch(stratify):
    with pytest.raises(ValidationError, match="stratify"):
        Split(by="random", test=3, stratify=stratify)


def test_the_step_writes_parts_and_says_where_it_cut(tmp_path):
    data = performed(Split(by="time", validation=2, test="3h"), "rows", series([10, 8]), tmp_path)
    assert [int(data.rows_of(part).sum()) for part in PartOf if part >= 0] == [8, 4, 6]
    assert summary(tmp_path, "split") == {
        "by": "time",
        "train rows": 8, "train sequences": 2, "train from": "2020-01-01T00:00:00", "train to": "2020-01-01T04:00:00",
        "validation rows": 4, "validation sequences": 2,
        "validation from": "2020-01-01T03:00:00", "validation to": "2020-01-01T06:00:00",
        "test rows": 6, "test sequences": 2, "test from": "2020-01-01T05:00:00", "test to": "2020-01-01T09:00:00",
    }  # fmt: skip
    unchanged = (tmp_path / "split" / "raw.npy").stat().st_ino
    assert unchanged == (tmp_path / "before split" / "raw.npy").stat().st_ino


def test_the_seed_decides_who_is_drawn(tmp_path):
    found = []
    for seed in (1, 1, 2):
        folder = tmp_path / str(len(found))
        folder.mkdir()
        data = performed(Split(by="random", test=8), "rows", samples(["a", "b"] * 10), folder, seed)
        found.append(data.part.tolist())
    assert found[0] == found[1] != found[2]


def lineage(**roles):
    return Lineage({"load": Load(source={"kind": "csv", "path": "a.csv"}, roles=roles)})


WHOLE = {"sample": "id", "features": ["v"], "label": "c"}


@pytest.mark.parametrize(
    ("section", "roles", "at"),
    [
        ({"by": "time", "test": 3}, WHOLE, ("by",)),
        ({"by": "group", "test": 3}, WHOLE, ("by",)),
        ({"by": "column"}, WHOLE, ("by",)),
        ({"by": "random", "test": 3, "stratify": True}, {"target": ["y"], "series": "s"}, ("stratify",)),
        ({"by": "group", "test": 3}, {**WHOLE, "group": "g"}, None),
        ({"by": "column"}, {**WHOLE, "part": "p"}, None),
        ({"by": "random", "test": 3, "stratify": True}, WHOLE, None),
        ({"by": "time", "test": 3}, {"target": ["y"]}, None),
    ],
)
def test_what_the_roles_lack_is_found_without_data(section, roles, at):
    complaints = list(Split(**section).review("cut", lineage(**roles)))
    assert [(one.step, one.at) for one in complaints] == ([] if at is None else [("cut", at)])
    assert list(Split(**section).review("cut", Lineage({}))) == []
