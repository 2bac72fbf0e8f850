"""A spec reaches no path outside its roots, and shows no resolved reference."""

import re
from pathlib import Path

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


def test_wildcards_come_from_the_spec_alone(project):
    """From a value, several files would be shown under one name, and all but one could change unseen."""
    with pytest.raises(Refused, match=r"holds `\*`, `\?` or `\[`") as refused:
        place(project, WHICH="*.csv").files("${env:WHICH}")
    assert "*.csv" not in str(refused.value)


@pytest.mark.parametrize("pattern", ["${env:STEM}*.csv", "*/${env:STEM}.csv", "*${env:STEM}"])
def test_no_file_name_shows_a_value(project, pattern):
    with pytest.raises(Refused, match="a reference stands in the folders before the first wildcard"):
        place(project, STEM="a").files(pattern)


def test_a_folder_with_brackets_is_a_folder(project):
    odd = project / "pipelines[1]"
    (project / "pipelines").rename(odd)
    found = Place.of(odd / "spec.yaml")
    assert [file.shown for file in found.files("*.csv")] == ["a.csv", "b.csv"]


def test_two_files_of_one_name_have_no_fingerprint(project):
    files = place(project).files("*.csv")
    with pytest.raises(AssertionError, match="a name of its own"):
        fingerprint([files[0], files[1]._replace(shown=files[0].shown)])


PLANTED = "planted-7d0c5f"


def _too_long(_folder, _monkeypatch):
    return PLANTED + "x" * 300


def _not_allowed(_folder, monkeypatch):
    real = Path.is_file

    def refuses(path):
        if PLANTED in path.name:
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(Path, "is_file", refuses)
    return PLANTED


def _in_a_circle(folder, _monkeypatch):
    (folder / PLANTED).symlink_to(folder / PLANTED)
    return PLANTED


def _no_text(_folder, _monkeypatch):
    return f"{PLANTED}\ud800"


@pytest.mark.parametrize("what", [_too_long, _not_allowed, _in_a_circle, _no_text])
@pytest.mark.parametrize("pattern", ["${secret:KEY}", "${secret:KEY}/*.csv", "folder/${secret:KEY}"])
def test_what_the_machine_says_of_a_path_is_said_of_the_reference(project, monkeypatch, what, pattern):
    value = what(project / "pipelines", monkeypatch)
    with pytest.raises(DataError) as refused:
        place(project, KEY=value).files(pattern)
    assert PLANTED not in str(refused.value)
    assert "${secret:KEY}" in str(refused.value)
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


def test_a_file_that_goes_away_is_said_of_the_reference(project):
    where = place(project, WHERE=str(project / "pipelines"))
    files = where.files("${env:WHERE}/a.csv")
    files[0].path.unlink()
    with pytest.raises(DataError, match=r"^\$\{env:WHERE\}/a\.csv: cannot be read: No such file"):
        fingerprint(files)


def test_a_text_is_scrubbed_of_every_value_in_every_spelling(project):
    (project / "link").symlink_to(project / "pipelines")
    where = place(
        project, ODD="it's//a\\path", LONG="it's//a\\path/with/more", WHERE=str(project / "link"), E="", S="ab"
    )
    for name in ("ODD", "LONG", "E", "S"):
        where.resolve(f"${{env:{name}}}")
    where.files("${env:WHERE}/a.csv")
    text = f"{where.environment['LONG']} {where.environment['ODD']!r} it's/a\\path ab {project}/pipelines/a.csv"
    assert where.scrubbed(text) == '${env:LONG} "${env:ODD}" ${env:ODD} ab ${env:WHERE}/a.csv'


def test_hidden_files_match_only_where_the_pattern_says_so(project):
    """What a copy leaves (`._a.csv`), and folders that are being written to, are no data."""
    folder = project / "pipelines"
    (folder / ".work").mkdir()
    for name in ("._a.csv", ".work/c.csv"):
        (folder / name).write_text("x\n4\n")
    for pattern in ("*.csv", "**/*.csv"):
        assert [file.shown for file in place(project).files(pattern)] == ["a.csv", "b.csv"]
    assert [file.shown for file in place(project).files(".work/*.csv")] == [".work/c.csv"]
    assert [file.shown for file in place(project).files("._*.csv")] == ["._a.csv"]
    assert [file.shown for file in place(project).files("._a.csv")] == ["._a.csv"]


@pytest.mark.parametrize("path", ["s3://data/a.txt", "https://host/*.wav", "ftp://host/a.csv", "file:///etc/passwd"])
def test_a_url_is_no_path_of_a_file(project, path):
    with pytest.raises(Refused, match=r"only tables .* are read from `https://`"):
        place(project).files(path)


@pytest.mark.parametrize(
    ("pattern", "message"), [("folder", "`folder/*`"), ("folder/", "`folder/*`"), ("no", "no such")]
)
def test_a_folder_is_there_and_is_no_file(project, pattern, message):
    (project / "folder").mkdir()
    rule = "there is no such file" if message == "no such" else f"this is a folder: name a file in it, or {message}"
    with pytest.raises(DataError, match=re.escape(f"{pattern}: {rule}")):
        Place(project, project).files(pattern)
