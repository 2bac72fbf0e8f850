"""A glance at the embedded registry's own file: asking MLflow costs seconds of imports on every unchanged run."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from tasks.registry.versions import STEP
from tasks.tracking.home import embedded_uri, place_now

_STANDING = """
    SELECT 1 FROM model_versions AS made JOIN model_version_tags AS tag USING (workspace, name, version)
    WHERE made.name = ? AND made.version = ? AND made.current_stage <> 'Deleted_Internal'
    AND tag.key = ? AND tag.value = ?
"""


_AT_ALIAS = "SELECT version FROM registered_model_aliases WHERE name = ? AND alias = ?"


def seen_standing(home: Path, name: str, version: str, step: str) -> bool:
    """Whether the version that a step made is in the embedded registry; False where only MLflow itself can tell.

    The tables are MLflow's own: where they look otherwise than this version's, nothing is seen.
    """
    return bool(_found(home, _STANDING, name, int(version), STEP, step))


def seen_at_alias(home: Path, name: str, alias: str, version: str | None) -> bool:
    """Whether an alias stands at a version (none: nowhere), as `seen_standing` looks at it."""
    found = _found(home, _AT_ALIAS, name, alias)
    return found is not None and [str(at) for (at,) in found] == ([] if version is None else [version])


def _found(home: Path, query: str, *values: str | int) -> list[tuple[Any, ...]] | None:
    """The rows of a query; none where there is nobody to ask."""
    if place_now(home) != "embedded":
        return None
    database = Path(embedded_uri(home).removeprefix("sqlite:///"))
    if not database.is_file():
        return None
    opened = sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)
    try:
        return opened.execute(query, values).fetchall()
    except sqlite3.Error:
        return None
    finally:
        opened.close()
