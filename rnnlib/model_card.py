"""The model card: what a person should know before they use a bundle, from what the bundle itself holds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rnnlib.data.about import About, Role

if TYPE_CHECKING:
    from rnnlib.bundle import Description

_ROLES: tuple[tuple[Role, str], ...] = (
    ("target", "predicted"),
    ("past", "read, known up to the present"),
    ("future", "read, known over the horizon too"),
    ("features", "read"),
)


def card(description: Description) -> str:
    """The card of a bundle, in Markdown; equal bundles have equal cards."""
    return "\n".join((*_head(description), *_data(description.about), *_origin(description))) + "\n"


def _head(description: Description) -> Iterator[str]:
    yield f"# A {description.model.kind}"
    yield ""
    yield f"rnnlib bundle, format {description.format}. Raw columns in, data units out:"
    yield ""
    yield "```python"
    yield "from rnnlib.bundle import open_bundle"
    yield "from rnnlib.predictor import Predictor"
    yield ""
    yield "predicted = Predictor(open_bundle(folder)).predict(frame)  # polars in, polars out"
    yield "```"
    yield ""
    if description.classes is not None:
        yield f"It tells {len(description.classes)} classes apart: {', '.join(description.classes)}."
    window = description.about.window
    if window and "horizon" in window:
        yield f"It forecasts {window['horizon']} steps from the last {window['context']} of each series."


def _data(about: About) -> Iterator[str]:
    yield ""
    yield "## The data it takes"
    yield ""
    for role, verb in _ROLES:
        for column in about.columns:
            if column.role == role:
                unit = f" in {column.unit}" if column.unit else ""
                yield f"- `{column.name}`{unit}{_typed(about, column.name)}: {verb}"
    for name in about.static:
        yield f"- `{name}`{_typed(about, name)}: read, one value for each sequence"
    for role_name, name in about.names.items():
        yield f"- `{name}`{_typed(about, name)}: {role_name}"
    if about.time is not None and about.time.every:
        yield f"- one row every {about.time.every}{f', times in {about.time.zone}' if about.time.zone else ''}"
    yield f"- missing values: {json.dumps(about.missing) if about.missing else 'refused'}"


def _typed(about: About, name: str) -> str:
    return f" ({about.types[name]})" if name in about.types else ""


def _origin(description: Description) -> Iterator[str]:
    about = description.about
    yield ""
    yield "## How it came about"
    yield ""
    for name, value in sorted(description.facts.items()):
        yield f"- {name}: {json.dumps(value, ensure_ascii=False)}"
    for name, digest in about.files.items():
        yield f"- file `{name}`, sha256 {digest}"
    if about.split is not None:
        yield f"- split: {json.dumps(about.split, ensure_ascii=False)}"
    yield ""
    yield "```json"
    yield json.dumps(description.model.model_dump(mode="json", by_alias=True), indent=1, ensure_ascii=False)
    yield "```"
