"""A home folder with a migrated MLflow database, made once and copied: making it takes seconds."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tasks.registry.own_wheel import write_wheel
from tasks.tracking.home import client
from tests.tasks.mlflow_server import Server
from tests.tasks.project import Project


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


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture
def project(home: Path, wheel: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    def copied(folder: Path) -> Path:  # compressing the code anew takes longer than all else
        folder.mkdir()
        return Path(shutil.copyfile(wheel, folder / wheel.name))

    monkeypatch.setattr("tasks.registry.model_folder.write_wheel", copied)
    return Project(home)


@pytest.fixture
def server(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    made = Server(home)
    made.start()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", made.uri)
    yield made
    made.stop()
