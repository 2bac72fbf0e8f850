"""Where a project keeps what its runs leave: `.rnn/` under the project's root, or the folder in `RNN_HOME`."""

from __future__ import annotations

import os
from pathlib import Path


def home_of(root: Path) -> Path:
    """The home folder of a project, made where it is absent; private to its user, and never committed."""
    home = home_at(root)
    if not home.is_dir():
        home.mkdir(parents=True, mode=0o700, exist_ok=True)
        (home / ".gitignore").write_text("*\n")
    return home


def home_at(root: Path) -> Path:
    """Where the home folder of a project is, or would be: for those who only look."""
    return Path(os.environ["RNN_HOME"]).resolve() if os.environ.get("RNN_HOME") else root / ".rnn"


def project_root(start: Path | None = None) -> Path:
    """The nearest folder upwards with a `.git` or a `pyproject.toml`, else the folder itself."""
    folder = (start or Path.cwd()).resolve()
    marks = (up for up in (folder, *folder.parents) if (up / ".git").exists() or (up / "pyproject.toml").exists())
    return next(marks, folder)
