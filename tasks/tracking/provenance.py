"""What a run rests on beside its spec and its data: the installed versions and the project's commit."""

from __future__ import annotations

import subprocess
from importlib.metadata import distributions
from pathlib import Path
from typing import NamedTuple


class Commit(NamedTuple):
    """A commit of git, and whether the working tree differs from it."""

    sha: str
    changed: bool


def commit_of(project: Path) -> Commit | None:
    """The commit that a folder stands at; none where it is no git repository or git is not installed."""
    head = _git(project, "rev-parse", "HEAD")
    if head is None:
        return None
    return Commit(head, changed=bool(_git(project, "status", "--porcelain", "--untracked-files=no")))


def installed() -> list[str]:
    """`name==version` of every installed distribution, sorted."""
    return sorted({f"{found.metadata['Name']}=={found.version}" for found in distributions()}, key=str.lower)


def _git(project: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", "-C", str(project), *arguments], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None
