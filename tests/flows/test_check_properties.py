"""Whatever is done to a spec, it is accepted or refused in place: never a crash, never a mark outside the file."""

import copy
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from flows.check import check_text
from flows.problems import SpecError
from flows.render import rendered
from rnnlib.yaml import read
from tests.flows.broken_specs import GOOD
from tests.flows.sample import CLASSIFY

FILE = Path("/nowhere/spec.yaml")

plain = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 10**12), st.floats(), st.text(max_size=8),
    st.sampled_from(["28d", "5%", "no", "lstm", "train", "${env:HOME}", "${secret:X}", "../../x", "1e-3", ""]),
)  # fmt: skip
anything = st.recursive(plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner))


def paths(value, path=()):
    """Every path into a document."""
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from paths(inner, (*path, key))


def written(value):
    yaml = YAML(typ="safe", pure=True)
    yaml.width = 1000
    out = io.StringIO()
    yaml.dump(value, out)
    return out.getvalue()


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_changed_spec_is_accepted_or_refused_in_place(data):
    document = copy.deepcopy(read(data.draw(st.sampled_from([GOOD, CLASSIFY]))).value)
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(sorted(paths(document), key=str)))
        node = document
        for part in path[:-1]:
            node = node[part]
        action = data.draw(st.sampled_from(["replace", "remove", "rename"]))
        if action == "replace" or not isinstance(node, dict):
            node[path[-1]] = data.draw(anything)
        elif action == "remove":
            del node[path[-1]]
        else:
            node[data.draw(st.text(max_size=6))] = node.pop(path[-1])
        if not isinstance(document, dict) or not document:
            break
    text = written(document)
    try:
        checked = check_text(text, FILE, "spec.yaml")
    except SpecError as refused:
        lines = text.splitlines() or [""]
        for problem in refused.problems:
            assert 1 <= problem.line <= len(lines) + 1
            assert problem.message
            assert "Traceback" not in problem.message
            assert "pydantic" not in problem.message
    else:
        again = check_text(rendered(checked.spec), FILE, "spec.yaml")
        assert again.spec == checked.spec, "a rendered spec is the same spec"


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_refused_in_place(text):
    with pytest.raises(SpecError) as refused:
        check_text(text, FILE, "spec.yaml")
    assert refused.value.problems
