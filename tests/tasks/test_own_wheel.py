"""The wheel that travels with a version is the project that runs."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from importlib.metadata import PathDistribution, version
from pathlib import Path

import pytest

from tasks.registry.own_wheel import PACKAGES, write_wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_wheel(tmp_path_factory.mktemp("wheels"))


def test_it_holds_every_file_of_the_three_packages_and_nothing_else(wheel: Path) -> None:
    root = Path(__file__).parents[2]
    expected = {
        path.relative_to(root).as_posix()
        for package in PACKAGES
        for path in (root / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with zipfile.ZipFile(wheel) as archive:
        found = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert found == expected


def test_its_metadata_are_those_of_the_installation(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        info = zipfile.Path(archive, f"rnnlib-{version('rnnlib')}.dist-info/")
        found = PathDistribution(info)
        assert found.version == version("rnnlib")
        assert {entry.name: entry.value for entry in found.entry_points} == {"rnn": "flows.cli:main"}
        assert any(requirement.startswith("torch") for requirement in found.requires or ())
        assert (info / "licenses" / "LICENSE").is_file()
        assert (info / "RECORD").is_file()


def test_pip_installs_it_and_the_installed_code_runs(wheel: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--target", str(tmp_path / "site")]
    done = subprocess.run([*command, str(wheel)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    code = f"import sys; sys.path.insert(0, {str(tmp_path / 'site')!r}); import rnnlib.bundle as b; print(b.__file__)"
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == str(tmp_path / "site" / "rnnlib" / "bundle.py")
