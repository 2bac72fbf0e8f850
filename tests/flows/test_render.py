"""A rendered spec says all that the spec says: also what a person switched off."""

from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from flows.check import check_text
from flows.render import rendered, without_absent
from flows.spec import Spec
from rnnlib.part import parts
from tests.flows.broken_specs import GOOD

FILE = Path("/nowhere/spec.yaml")


def nullable():
    """Every field that takes null and has another default."""
    for part in parts(Spec):
        for name, field in part.model_fields.items():
            if field.default is not None:
                try:
                    TypeAdapter(field.rebuild_annotation()).validate_python(None)
                except ValidationError:
                    continue
                yield part, name


def test_there_is_such_a_field():
    assert [(part.__name__, name) for part, name in nullable()]


@pytest.mark.parametrize(("part", "name"), list(nullable()), ids=lambda one: getattr(one, "__name__", one))
def test_a_null_that_means_something_is_written(part, name):
    key = part.model_fields[name].alias or name
    bare = {field: "" for field, info in part.model_fields.items() if info.is_required()}
    section = part.model_construct(**{**bare, name: None})
    plain = section.model_dump(mode="json", by_alias=True, warnings=False)
    assert without_absent(section, plain)[key] is None


def test_without_quotes_is_read_again_without_quotes():
    text = GOOD.replace("path: series.csv", "path: series.csv, quote: null")
    spec = check_text(text, FILE, "spec.yaml").spec
    assert spec.steps["load"].source.quote is None
    assert "quote: null" in rendered(spec)
    assert check_text(rendered(spec), FILE, "spec.yaml").spec == spec


def test_what_is_absent_by_default_is_left_out():
    spec = check_text(GOOD, FILE, "spec.yaml").spec
    assert ": null" not in rendered(spec)
    assert "quote: '\"'" in rendered(spec)
