"""A spec reaches no path outside its roots, and shows no resolved reference."""

import pytest

from rnnlib.errors import DataError, Refused
from rnnlib.place import Place, fingerprint


@pytest.fixture
def project(tmp_path):
    (tmp_path / "project" / ".git").mkdir(parents=True)
    pipelines = tmp_path / "project" / "pipelines"
    pipelines.mkdir()
    (pipelines / "a.csv").write_text("x\n1\n")
    (pipelines / "b.csv").write_text("x\n2\n")
    (tmp_path / "outside.csv").write_text("x\n3\n")
    return tmp_path / "project"


def place(project, **environment):
    found = Place.of(project / "pipelines" / "spec.yaml")
    return Place(found.folder, found.root, found.roots, environment)


def test_the_project_is_the_nearest_folder_with_a_mark(project):
    assert place(project).root == project.resolve()


def test_globs_are_sorted_and_shown_as_written(project):
    assert [file.shown for file in place(project).files("*.csv")] == ["a.csv", "b.csv"]
    assert [file.shown for file in place(project).files("../pipelines/a*.csv")] == ["../pipelines/a.csv"]


@pytest.mark.parametrize("path", ["../../outside.csv", "../../*.csv", "link.csv", "folder/outside.csv", "/etc/passwd"])
def test_paths_outside_the_roots_are_refused(project, path):
    (project / "pipelines" / "link.csv").symlink_to(project.parent / "outside.csv")
    (project / "pipelines" / "folder").symlink_to(project.parent)
    with pytest.raises(Refused, match="must stay under the project's root"):
        place(project).files(path)


def test_the_operator_can_name_further_roots(project, monkeypatch):
    (project / "rnn.toml").write_text('roots = [".."]\n')
    assert place(project).files("../../outside.csv")[0].path.name == "outside.csv"
    (project / "rnn.toml").unlink()
    monkeypatch.setenv("RNN_ROOTS", str(project.parent))
    assert place(project).files("../../outside.csv")[0].path.name == "outside.csv"


@pytest.mark.parametrize("text", ["root = ['..']", "roots = '..'", "roots = ["])
def test_a_wrong_operator_file_is_refused(project, text):
    (project / "rnn.toml").write_text(text)
    with pytest.raises(Refused, match=r"rnn\.toml"):
        place(project)


def test_references_are_resolved_but_never_shown(project, tmp_path):
    where = place(project, WHERE=str(project / "pipelines"))
    file = where.files("${env:WHERE}/a.csv")[0]
    assert file.shown == "${env:WHERE}/a.csv"
    assert [one.shown for one in where.files("${env:WHERE}/*.csv")] == ["${env:WHERE}/a.csv", "${env:WHERE}/b.csv"]
    with pytest.raises(DataError) as refused:
        where.files("${env:WHERE}/absent.csv")
    assert str(project) not in str(refused.value)


def test_secrets_come_from_the_environment_or_a_folder(project, tmp_path):
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "NAME").write_text("a\n")
    assert place(project, RNN_SECRETS=str(tmp_path / "secrets")).resolve("${secret:NAME}.csv") == "a.csv"
    assert place(project, NAME="b").resolve("${secret:NAME}.csv") == "b.csv"
    with pytest.raises(Refused, match="has no value: set NAME in"):
        place(project).resolve("${secret:NAME}.csv")
    with pytest.raises(Refused, match=r"a reference is"):
        place(project).resolve("${home:NAME}.csv")


def test_the_fingerprint_follows_the_bytes(project):
    before = fingerprint(place(project).files("*.csv"))
    (project / "pipelines" / "a.csv").write_text("x\n9\n")
    after = fingerprint(place(project).files("*.csv"))
    assert before["a.csv"] != after["a.csv"]
    assert before["b.csv"] == after["b.csv"]
