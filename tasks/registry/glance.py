"""A glance at the embedded registry's own file: asking MLflow costs seconds of imports on every unchanged run."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tasks.registry.versions import STEP
from tasks.tracking.home import embedded_uri, place_now

_STANDING = """
    SELECT 1 FROM model_versions AS made JOIN model_version_tags AS tag USING (workspace, name, version)
    WHERE made.name = ? AND made.version = ? AND made.current_stage <> 'Deleted_Internal'
    AND tag.key = ? AND tag.value = ?
"""


def seen_standing(home: Path, name: str, version: str, step: str) -> bool:
    """Whether the version that a step made is in the embedded registry; False where only MLflow itself can tell.

    The tables are MLflow's own: where they look otherwise than this version's, nothing is seen.
    """
    if place_now(home) != "embedded":
        return False
    database = Path(embedded_uri(home).removeprefix("sqlite:///"))
    if not database.is_file():
        return False
    opened = sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)
    try:
        return opened.execute(_STANDING, (name, int(version), STEP, step)).fetchone() is not None
    except sqlite3.Error:
        return False
    finally:
        opened.close()
