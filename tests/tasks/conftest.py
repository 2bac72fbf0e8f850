"""A home folder with a migrated MLflow database, made once and copied: making it takes seconds."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tasks.mlflow_home import client


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("migrated")
    client(made)
    return made


@pytest.fixture
def home(migrated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    folder = tmp_path / "home"
    folder.mkdir()
    for name in ("mlflow.db", "mlflow.ready"):
        shutil.copyfile(migrated / name, folder / name)
    return folder
