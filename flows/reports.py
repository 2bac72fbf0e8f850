"""Which reports there are."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from rnnlib.errors import Refused


class Report(NamedTuple):
    """A report of a run."""

    name: str
    written: str
    path: Path


def newest(home: Path, name: str | None = None) -> list[Report]:
    """The reports under `home`, newest first; all of one pipeline, or the newest of each."""
    folder = home / "reports"
    pipelines = sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    if name is not None:
        if not (folder / name).is_dir() or "/" in name or name.startswith("."):
            known = ", ".join(path.name for path in pipelines) or "none"
            raise Refused(f"no pipeline called `{name}` has run here: those that have: {known}")
        pipelines = [folder / name]
    found = []
    for pipeline in pipelines:
        files = sorted(pipeline.glob("*.html"), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in files if name else files[:1]:
            written = datetime.fromtimestamp(path.stat().st_mtime).strftime("%Y-%m-%d %H:%M:%S")
            found.append(Report(pipeline.name, written, path))
    return sorted(found, key=lambda report: report.written, reverse=True)
