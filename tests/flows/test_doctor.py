from __future__ import annotations

from importlib import metadata
from pathlib import Path

import pytest

from flows import doctor
from flows.server import EmbeddedServer

pytestmark = pytest.mark.xdist_group("prefect")


@pytest.mark.server
def test_a_sound_installation_passes_and_a_schedule_really_fires(server: EmbeddedServer, server_home: Path) -> None:
    found = doctor.examine(server_home)
    assert [check for check in found if not check.ok] == []
    assert {check.name: check.detail for check in found}["schedule"].startswith("fired after")


def test_versions_outside_the_bounds_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = metadata.version
    monkeypatch.setattr(doctor, "version", lambda name: {"sqlalchemy": "2.1.9"}.get(name, real(name)))
    assert list(doctor.outside_bounds()) == ["sqlalchemy 2.1.9 is not <2.1,>=2.0.40"]


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = metadata.version

    def absent(name: str) -> str:
        if name == "polars":
            raise metadata.PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(doctor, "version", absent)
    assert list(doctor.outside_bounds()) == ["polars is not installed"]


def test_one_failure_hides_no_other_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> str:
        raise OSError("no schedule today")

    for name in ("_mlflow", "_server", "_disk"):
        monkeypatch.setattr(doctor, name, lambda _home: "fine")
    monkeypatch.setattr(doctor, "_schedule", broken)
    (tmp_path / "file").touch()
    found = {check.name: check for check in doctor.examine(tmp_path / "file")}
    assert not found["home folder"].ok
    assert "RNN_HOME" in found["home folder"].remedy
    assert (found["schedule"].ok, found["schedule"].detail) == (False, "no schedule today")
    assert "constraints.txt" in found["schedule"].remedy
    assert found["torch"].ok
    assert found["Prefect server"].ok


def test_too_little_disk_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_FREE_BYTES", 1 << 62)
    with pytest.raises(ValueError, match="GB are free"):
        doctor._disk(tmp_path)
