"""Names as MLflow takes them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any


def allowed(name: str) -> str:
    """A name with every other character than letters, digits, `_ - . / : ` and space replaced; at most 250 long."""
    return re.sub(r"[^\w.\- :/]", "_", name)[:250]


def scalars(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """The scalars of nested mappings and lists by their path: `train.model.layers.0.units`."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from scalars(f"{name}.{key}" if name else str(key), inner)
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            yield from scalars(f"{name}.{number}", inner)
    else:
        yield name, value


def within(folder: str | None, name: str, is_folder: bool) -> str | None:
    """Where an artifact goes: `log_artifacts` drops a folder's own name, so it is said; a file keeps its own."""
    return "/".join(part for part in (folder, name if is_folder else None) if part) or None
