"""The JSON schema accepts what the spec accepts, and is of the form that editors complete from."""

import copy
from pathlib import Path

import jsonschema
import pytest

from flows.schema import schema
from rnnlib.yaml import read
from tests.flows.broken_specs import GOOD
from tests.flows.sample import CLASSIFY

ROOT = Path(__file__).resolve().parents[2]
SPECS = sorted((ROOT / "pipelines").glob("*.yaml"))


@pytest.fixture(scope="module")
def validator():
    found = schema()
    jsonschema.Draft202012Validator.check_schema(found)
    return jsonschema.Draft202012Validator(found)


@pytest.mark.parametrize("text", [GOOD, CLASSIFY, *(path.read_text() for path in SPECS)])
def test_good_specs_are_valid(text, validator):
    assert list(validator.iter_errors(read(text).value)) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("steps", "train", "epochs"), "two"),
        (("steps", "train", "model", "layers", 1, "kind"), "lstn"),
        (("steps", "train", "model", "layers", 1, "unitz"), 3),
        (("steps", "window", "context"), 0),
        (("steps", "load", "every"), "daily"),
        (("seeed",), 3),
        (("steps", "nowhere"), {"context": 3}),
    ],
)
def test_an_editor_underlines_what_is_wrong(path, value, validator):
    document = copy.deepcopy(read(GOOD).value)
    node = document
    for part in path[:-1]:
        node = node[part]
    node[path[-1]] = value
    assert list(validator.iter_errors(document))


def test_families_are_told_apart_by_if_and_then():
    found = schema()
    text = str(found)
    assert "discriminator" not in text
    assert "'if'" in text
    assert found["properties"]["steps"]["properties"]["train"] == {"$ref": "#/$defs/Train"}
