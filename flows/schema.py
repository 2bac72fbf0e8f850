"""The spec's JSON schema, in the form that editors complete from.

Pydantic writes a family as `oneOf` with a `discriminator`, which editors complete badly: it is rewritten to an `enum`
of the tags and one `if`/`then` for each member.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from flows.spec import Spec

DEFAULT = Path("pipelines/schema.json")


def schema() -> dict[str, Any]:
    """The JSON schema (draft 2020-12) of a spec file."""
    out = Spec.model_json_schema(by_alias=True, mode="validation")
    _open_steps(out)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_rewritten(out)}


def schema_text() -> str:
    """The schema as it stands in `pipelines/schema.json`."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


def _open_steps(out: dict[str, Any]) -> None:
    """A step named after its task needs no `task`; any other step does."""
    steps = out["properties"]["steps"]
    (tagged,) = steps.pop("patternProperties").values()  # pydantic writes the pattern of the steps' names here
    mapping = tagged["discriminator"]["mapping"]
    steps["properties"] = {task: {"$ref": reference} for task, reference in mapping.items()}
    steps["additionalProperties"] = tagged


def _rewritten(node: Any) -> Any:
    if isinstance(node, list):
        return [_rewritten(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = {key: _rewritten(value) for key, value in node.items()}
    if "discriminator" not in node:
        return node
    tagged = node.pop("discriminator")
    node.pop("oneOf", None)
    tag, mapping = tagged["propertyName"], tagged["mapping"]
    return {
        **node,
        "type": "object",
        "required": [tag],
        "properties": {tag: {"enum": list(mapping)}},
        "allOf": [
            {"if": {"properties": {tag: {"const": name}}, "required": [tag]}, "then": {"$ref": reference}}
            for name, reference in mapping.items()
        ],
    }
