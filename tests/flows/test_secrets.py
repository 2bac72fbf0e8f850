"""What `${secret:…}` stands for is nowhere to be read: not printed, not reported, not tracked, not stored."""

import os

import pytest

from flows.check import check
from flows.plan import plan
from flows.run import run
from tests.flows.sample import write_project
from tests.tasks.conftest import home, migrated  # noqa: F401 - fixtures

PLANTED = "planted-7d0c5f"


@pytest.fixture
def project(tmp_path, home, monkeypatch):  # noqa: F811
    monkeypatch.setenv("RNN_HOME", str(home))
    folder = write_project(tmp_path / "project")
    (folder / PLANTED).mkdir()
    (folder / "waves.csv").rename(folder / PLANTED / "waves.csv")
    return folder


def spec(project, path, secret, monkeypatch):
    monkeypatch.setenv("KEY", secret)
    file = project / "secret.yaml"
    file.write_text((project / "waves.yaml").read_text().replace("path: waves.csv", f"path: '{path}'"))
    return file


def holding(folder):
    return [path for path in folder.rglob("*") if path.is_file() and PLANTED.encode() in path.read_bytes()]


def nowhere(home, said):  # noqa: F811
    assert holding(home) == [], "reports, MLflow's database and artifacts, the store"
    assert PLANTED not in said.out + said.err


@pytest.mark.parametrize(
    "case",
    [
        ("${secret:KEY}", PLANTED + "x" * 300),
        ("${secret:KEY}/*.parquet", PLANTED),
        ("${secret:KEY}*.csv", PLANTED),
        ("${secret:KEY}", f"{PLANTED}/*.csv"),
        ("${secret:KEY}/waves.csv/further", PLANTED),
    ],
    ids=["ENAMETOOLONG", "no file", "stem", "wildcard", "ENOTDIR"],
)
def test_a_path_that_fails_says_its_reference(project, home, monkeypatch, capsys, case):  # noqa: F811
    outcome = run(check(spec(project, *case, monkeypatch)))
    assert outcome.status == "failed"
    assert outcome.problem is not None, outcome.error
    assert "${secret:KEY}" in outcome.error
    assert PLANTED not in outcome.error
    nowhere(home, capsys.readouterr())


def test_what_works_keeps_the_reference(project, home, monkeypatch, capsys):  # noqa: F811
    outcome = run(check(spec(project, "${secret:KEY}/*.csv", PLANTED, monkeypatch)))
    assert outcome.status == "finished", outcome.error
    assert any("${secret:KEY}/waves.csv" in path.read_text() for path in home.glob("store/*/about.json"))
    nowhere(home, capsys.readouterr())


def test_a_traceback_is_scrubbed(project, home, monkeypatch, capsys):  # noqa: F811
    def breaks(_source, files, _wanted):
        raise PermissionError(13, "Permission denied", os.fspath(files[0].path))

    monkeypatch.setattr("rnnlib.data.sources.Csv.read_columns", breaks)
    file = spec(project, "${secret:KEY}/*.csv", PLANTED, monkeypatch)
    outcome = run(check(file))
    assert outcome.error.startswith("Traceback")
    assert "${secret:KEY}/waves.csv" in outcome.error
    assert PLANTED not in outcome.error
    with pytest.raises(RuntimeError, match="Permission denied") as broken:
        plan(file)
    assert PLANTED not in str(broken.value)
    assert broken.value.__suppress_context__, "the interpreter prints no more than this"
    nowhere(home, capsys.readouterr())
