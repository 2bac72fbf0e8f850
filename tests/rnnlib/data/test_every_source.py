"""One suite for every source: whoever joins the family joins it, an installed package's source too."""

import hashlib
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pydantic import TypeAdapter

from rnnlib.data.arrays import Arrays
from rnnlib.data.source import FileSource, Source
from rnnlib.data.sources import AnySource, TableSource
from rnnlib.errors import DataError, Refused
from rnnlib.place import Place
from tests.rnnlib.families import members

FRAME = pl.DataFrame({"id": ["a", "a", "b"], "x": [0.5, 1.5, -2.0], "n": [1, 2, 3]})
TABLES = {kind: part for kind, part in members(AnySource).items() if issubclass(part, TableSource)}
FILES = {kind: part for kind, part in members(AnySource).items() if issubclass(part, FileSource)}
WRITE: dict[str, Callable[[pl.DataFrame, Path], object]] = {
    "csv": lambda frame, path: frame.write_csv(path),
    "tsv": lambda frame, path: frame.write_csv(path, separator="\t"),
    "parquet": lambda frame, path: frame.write_parquet(path),
    "arrow": lambda frame, path: frame.write_ipc(path),
    "ndjson": lambda frame, path: frame.write_ndjson(path),
}


def made(kind: str, path: str) -> Any:
    """A source of a kind, with no more than it needs."""
    needs: dict[str, dict[str, Any]] = {
        "npz": {"arrays": {"x": "x"}}, "npy": {"arrays": {"x": "x"}}, "mat": {"arrays": {"x": "x"}}
    }  # fmt: skip
    try:
        return TypeAdapter(AnySource).validate_python({"kind": kind, "path": path, **needs.get(kind, {})})
    except ValueError as error:
        pytest.skip(f"{kind} needs more than a path: {str(error).splitlines()[0]}")


@pytest.fixture(params=sorted(TABLES))
def table(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[TableSource, Place, Path]:
    """A source of tables over one file that it can read."""
    kind = str(request.param)
    assert kind in WRITE, f"say here how a file of `{kind}` is written"
    WRITE[kind](FRAME, tmp_path / f"f1.{kind}")
    return made(kind, f"f1.{kind}"), Place(tmp_path, tmp_path), tmp_path / f"f1.{kind}"


def test_it_reads_what_was_written_and_changes_nothing(table: tuple[TableSource, Place, Path]) -> None:
    source, place, path = table
    before = path.read_bytes()
    path.chmod(0o444)
    assert source.read(place).equals(FRAME)
    assert source.read(place).equals(source.read(place))
    assert source.rests_on(place) == {path.name: hashlib.sha256(before).hexdigest()}
    assert source.content(place, {"x"}).rests_on == source.rests_on(place)
    assert source.content(place, {"x"}).values["x"].equals(FRAME["x"])
    assert path.read_bytes() == before


def test_several_files_are_told_apart(table: tuple[TableSource, Place, Path]) -> None:
    source, place, path = table
    kind = source.model_dump()["kind"]
    WRITE[kind](FRAME.reverse(), path.with_name(f"f2.{kind}"))
    both = made(kind, f"f*.{kind}").read(place)
    assert both["file"].to_list() == [f"f1.{kind}"] * 3 + [f"f2.{kind}"] * 3
    assert both.drop("file").equals(pl.concat([FRAME, FRAME.reverse()]))
    WRITE[kind](FRAME.drop("n"), path.with_name(f"f2.{kind}"))
    if kind != "ndjson":  # there a key that is missing everywhere is a column that is missing too
        with pytest.raises(DataError, match="this one is missing here"):
            made(kind, f"f*.{kind}").read(place)


def test_no_row_is_refused(table: tuple[TableSource, Place, Path]) -> None:
    source, place, path = table
    WRITE[source.model_dump()["kind"]](FRAME.clear(), path)
    with pytest.raises(DataError, match=r"no rows|the file is empty"):
        source.read(place)


@pytest.mark.parametrize("damage", ["cut", "flipped", "noise", "nul"])
def test_damage_is_refused_or_without_effect(table: tuple[TableSource, Place, Path], damage: str) -> None:
    """Formats of columns without a checksum may hold other values after one flipped bit: then the digest differs."""
    source, place, path = table
    content, before = bytearray(path.read_bytes()), source.rests_on(place)
    if damage == "cut":
        content = content[: len(content) * 2 // 3]
    elif damage == "flipped":
        content[len(content) // 2] ^= 0x80
    elif damage == "noise":
        content[:] = bytes(range(256)) * (len(content) // 256 + 1)
    else:
        content[len(content) // 2 :] = bytes(len(content) - len(content) // 2)
    path.write_bytes(content)
    with suppress(DataError):
        source.read(place)
        assert damage in ("flipped", "cut")
    assert source.rests_on(place) != before


@pytest.mark.parametrize("kind", sorted(FILES))
def test_no_file_an_empty_one_and_one_outside(kind: str, tmp_path: Path) -> None:
    inside = tmp_path / "project"
    inside.mkdir()
    place = Place(inside, inside)
    (tmp_path / f"out.{kind}").write_bytes(b"x")
    with pytest.raises(DataError, match=r"no such file|no file matches"):
        made(kind, f"absent.{kind}").rests_on(place)
    with pytest.raises(Refused, match="leads outside"):
        made(kind, f"../out.{kind}").rests_on(place)
    (inside / f"empty.{kind}").write_bytes(b"")
    source = made(kind, f"empty.{kind}")
    files = source.files(place)
    with pytest.raises(DataError, match="empty"):
        source.read_files(files)


@pytest.mark.parametrize("kind", sorted(members(AnySource)))
def test_every_source_says_what_it_rests_on_and_gives_a_table_or_arrays(kind: str) -> None:
    part = members(AnySource)[kind]
    assert issubclass(part, Source)
    assert not getattr(part, "__abstractmethods__", None)


def test_a_database_is_a_source_like_any_other(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "f.db")) as database:
        database.execute("CREATE TABLE f (x REAL)")
        database.executemany("INSERT INTO f VALUES (?)", [(1.5,), (2.5,)])
        database.commit()
    source = TypeAdapter(AnySource).validate_python({"kind": "sql", "url": "sqlite:///f.db", "table": "f"})
    content = source.content(Place(tmp_path, tmp_path), {"x"})
    assert not isinstance(content.values, Arrays)
    assert content.values["x"].to_list() == [1.5, 2.5]


PACKAGE = '''
from typing import Literal
from collections.abc import Collection, Sequence
import polars as pl
from rnnlib.data.tables.base import Read, TableSource
from rnnlib.place import File


class Columns(TableSource):
    """Numbers in lines, `name: 1 2 3`."""

    kind: Literal["number_lines"] = "number_lines"

    def tables(self, files: Sequence[File], wanted: Collection[str] | None) -> list[Read]:
        found = []
        for file in files:
            lines = (line.split(":") for line in file.path.read_text().splitlines())
            found.append(Read(pl.DataFrame({name: [float(one) for one in row.split()] for name, row in lines})))
        return found
'''
SPEC = """\
version: 1
name: lines
seed: 1
steps:
  load:
    source: {kind: number_lines, path: f.lines}
    roles: {target: [y]}
  split: {by: time, validation: 10, test: 10}
  window: {context: 3, horizon: 1}
  train:
    model: {kind: forecaster, layers: [{kind: rnn, units: 2}]}
    epochs: 1
  evaluate: {metrics: [mae]}
"""


def test_an_installed_package_brings_a_source(tmp_path: Path) -> None:
    """Named in a spec, listed, checked and read, without a line of ours."""
    site, project = tmp_path / "site", tmp_path / "project"
    info = site / "number_lines-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "number_lines.py").write_text(PACKAGE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: number-lines\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[rnnlib.source]\nnumber_lines = number_lines:Columns\n")
    project.mkdir()
    (project / "pyproject.toml").write_text("")
    (project / "lines.yaml").write_text(SPEC)
    (project / "f.lines").write_text("y: " + " ".join(str(number % 7) for number in range(60)) + "\n")
    code = (
        f"import sys; sys.path.insert(0, {str(site)!r})\n"
        "from flows.cli import main\n"
        "for given in (['check', 'lines.yaml'], ['list', 'source'], ['plan', 'lines.yaml']):\n"
        "    sys.argv = ['rnn', *given]\n"
        "    try:\n        main()\n"
        "    except SystemExit as ended:\n        assert not ended.code, given\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "number_lines" in done.stdout
    assert list((project / ".rnn" / "store").glob("*/raw.npy"))
