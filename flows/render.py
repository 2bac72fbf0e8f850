"""A spec as it will be carried out: every default written out, overrides applied, references unresolved."""

from __future__ import annotations

import io
from typing import Any

from ruamel.yaml import YAML

from flows.spec import Spec


def resolved(spec: Spec) -> dict[str, Any]:
    """The complete spec as plain values; what is optional and absent is left out."""
    return spec.model_dump(mode="json", by_alias=True, exclude_none=True)


def rendered(spec: Spec) -> str:
    """The complete spec as YAML; reading it again gives the same spec."""
    yaml = YAML(typ="rt", pure=True)  # the round-trip writer keeps the order of keys
    yaml.default_flow_style = False
    yaml.width = 120
    out = io.StringIO()
    yaml.dump(_pruned(resolved(spec)), out)
    return out.getvalue()


def _pruned(values: Any) -> Any:
    """Without empty `from` lists and a `task` that repeats the step's name: as a person would write it."""
    if isinstance(values, dict):
        return {key: _pruned(value) for key, value in values.items() if not (key == "from" and value == [])}
    return [_pruned(item) for item in values] if isinstance(values, list) else values
