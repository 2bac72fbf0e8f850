"""A spec as it will be carried out: every default written out, overrides applied, references unresolved."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from ruamel.yaml import YAML
from ruamel.yaml.representer import RoundTripRepresenter

from flows.spec import Spec


def resolved(spec: Spec) -> dict[str, Any]:
    """The complete spec as plain values; what is absent, as it is by default, is left out."""
    values: dict[str, Any] = without_absent(spec, spec.model_dump(mode="json", by_alias=True))
    return values


def without_absent(value: Any, plain: Any) -> Any:
    """`plain`, the plain values of `value`, without the nulls that stand there by default; others mean something."""
    if isinstance(value, BaseModel) and isinstance(plain, dict):
        out = {}
        for name, field in type(value).model_fields.items():
            key, own = field.serialization_alias or field.alias or name, getattr(value, name)
            if own is not None or field.default is not None:
                out[key] = without_absent(own, plain[key])
        return out
    if isinstance(value, Mapping) and isinstance(plain, dict):
        return {key: without_absent(value.get(key), inner) for key, inner in plain.items()}
    if isinstance(value, tuple | list) and isinstance(plain, list):
        return [without_absent(one, inner) for one, inner in zip(value, plain, strict=True)]
    return plain


def rendered(spec: Spec) -> str:
    """The complete spec as YAML; reading it again gives the same spec."""
    yaml = YAML(typ="rt", pure=True)  # the round-trip writer keeps the order of keys
    yaml.default_flow_style = False
    yaml.width = 120
    yaml.Representer = _Plain
    out = io.StringIO()
    yaml.dump(_pruned(resolved(spec)), out)
    return out.getvalue()


class _Plain(RoundTripRepresenter):
    """Writes `null` in full: nothing at all looks like something forgotten."""

    def represent_none(self, data: None) -> Any:  # noqa: ARG002
        return self.represent_scalar("tag:yaml.org,2002:null", "null")


_Plain.add_representer(type(None), _Plain.represent_none)


def _pruned(values: Any) -> Any:
    """Without empty `from` lists and a `task` that repeats the step's name: as a person would write it."""
    if isinstance(values, dict):
        return {key: _pruned(value) for key, value in values.items() if not (key == "from" and value == [])}
    return [_pruned(item) for item in values] if isinstance(values, list) else values
