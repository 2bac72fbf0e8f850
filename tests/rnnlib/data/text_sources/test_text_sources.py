"""Files of text become tables: every line is kept, and what does not fit names its file and line."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from rnnlib.data.loading import load
from rnnlib.data.loading.reading import Reading
from rnnlib.data.splits import ByFiles, split
from rnnlib.data.text_sources import Conll, Lines, Parallel, Text
from rnnlib.data.text_sources.reading import read_lines
from rnnlib.errors import DataError
from rnnlib.part import Part
from rnnlib.place import File, Place

SENTENCES = "the D\ndog N\nsat V\n\na D\ncat N\n"
TWO = {"kind": "parallel", "path": "*", "tokens": {"word": "seq.in", "tag": "seq.out"}, "lines": {"intent": "label"}}


def read(folder: Path, kind: type[Part], files: dict[str, str | bytes], **fields: Any) -> pl.DataFrame:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    source = kind(**fields)
    place = Place(folder, folder)
    made = source.read_files(source.files(place))  # type: ignore[attr-defined]
    assert isinstance(made, pl.DataFrame)
    return made


def listed(frame: pl.DataFrame) -> dict[str, list[Any]]:
    return frame.with_columns(pl.selectors.enum().cast(pl.String)).to_dict(as_series=False)


def test_each_file_is_a_text(tmp_path: Path) -> None:
    content = "Erste Zeile\r\n\n  zweite\n"
    one = read(tmp_path, Text, {"a.txt": content}, path="a.txt")
    assert listed(one) == {"text": [content], "name": ["a"]}
    both = read(tmp_path, Text, {"b.txt": b"\xef\xbb\xbfx"}, path="*.txt")
    assert listed(both) == {"text": [content, "x"], "name": ["a", "b"], "file": ["a.txt", "b.txt"]}
    latin = read(tmp_path, Text, {"c.txt": b"\xe9"}, path="c.txt", encoding="latin-1")
    assert latin["text"].to_list() == ["é"]


@given(st.lists(st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1), min_size=1))
def test_every_line_is_kept(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    folder = tmp_path_factory.mktemp("lines")
    (folder / "a.txt").write_text("\n".join([*lines, "end\n\n"]), newline="")
    assert read_lines(File("a.txt", folder / "a.txt"), "utf8") == [*lines, "end"]


@pytest.mark.parametrize(
    ("content", "fields", "expected"),
    [
        ("a b\r\nc\n\n", {}, {"text": ["a b", "c"]}),
        ("1 a b\n0 c\n", {"label": "first"}, {"text": ["a b", "c"], "label": ["1", "0"]}),
        ("a, b,x\nc,y\n", {"label": "last", "separator": ","}, {"text": ["a, b", "c"], "label": ["x", "y"]}),
        ("1\ta b\n", {"label": "first", "separator": "\t"}, {"text": ["a b"], "label": ["1"]}),
    ],
)
def test_each_line_is_a_text(
    tmp_path: Path, content: str, fields: dict[str, Any], expected: dict[str, list[str]]
) -> None:
    rows = len(expected["text"])
    assert listed(read(tmp_path, Lines, {"a.txt": content}, path="a.txt", **fields)) == {
        **expected, "name": ["a"] * rows,
    }  # fmt: skip


def test_a_file_for_each_class(tmp_path: Path) -> None:
    frame = read(tmp_path, Lines, {"names/Irish.txt": "Ó Cuív\n", "names/Czech.txt": "Novák\nHus\n"}, path="names/*")
    assert frame["name"].to_list() == ["Czech", "Czech", "Irish"]
    assert frame["file"].cast(pl.String).to_list() == ["names/Czech.txt", "names/Czech.txt", "names/Irish.txt"]


@pytest.mark.parametrize(
    ("content", "fields", "expected"),
    [
        (SENTENCES, {}, [(1, "the", "D"), (1, "dog", "N"), (1, "sat", "V"), (2, "a", "D"), (2, "cat", "N")]),
        ("# x\n-DOCSTART- O\n\n\na b\tD\n", {"comments": ["#", "-DOCSTART-"]}, [(1, "a", "D")]),
        ("a b\tc\tD\n", {"separator": "\t"}, [(1, "a b", "D")]),
        ("\t20\N{NO-BREAK SPACE}g  D \n", {}, [(1, "20\N{NO-BREAK SPACE}g", "D")]),
    ],
)
def test_tokens_in_columns(tmp_path: Path, content: str, fields: dict[str, Any], expected: list[Any]) -> None:
    frame = read(tmp_path, Conll, {"a.txt": content}, path="a.txt", columns={"word": 0, "tag": -1}, **fields)
    assert frame.columns == ["sentence", "word", "tag"]
    assert frame.rows() == expected


def test_sentences_count_on_over_files(tmp_path: Path) -> None:
    files = {"a.txt": SENTENCES, "b.txt": "so A\n"}
    frame = read(tmp_path, Conll, files, path="*.txt", columns={"word": 0})
    assert frame["sentence"].to_list() == [1, 1, 1, 2, 2, 3]


def folders(**changed: str) -> dict[str, str | bytes]:
    train = {"train/seq.in": "play it \nstop\n", "train/seq.out": "O B-it\nO\n", "train/label": "Play\nStop\n"}
    test = {"test/seq.in": "go on\n", "test/seq.out": "O B-it\n", "test/label": "Play\n"}
    return {**train, **test, **{name.replace("_", "/"): text for name, text in changed.items()}}


def test_tokens_in_files_beside_each_other(tmp_path: Path) -> None:
    fields = {**TWO, "path": "*"}
    fields.pop("kind")
    assert listed(read(tmp_path, Parallel, folders(), **fields)) == {
        "sentence": [1, 1, 2, 2, 3],
        "intent": ["Play", "Play", "Play", "Play", "Stop"],
        "word": ["go", "on", "play", "it", "stop"],
        "tag": ["O", "B-it", "O", "B-it", "O"],
        "file": ["test/seq.in"] * 2 + ["train/seq.in"] * 3,
    }
    lines = read(tmp_path, Parallel, {}, path="train", lines={"text": "seq.in", "intent": "label"})
    assert listed(lines) == {
        "sentence": [1, 2], "text": ["play it ", "stop"], "intent": ["Play", "Stop"], "file": ["train/seq.in"] * 2
    }  # fmt: skip


def test_folders_are_parts(tmp_path: Path) -> None:
    read(tmp_path, Parallel, folders(), path="train", lines={"x": "label"})
    roles = {"sample": "sentence", "features": ["word"], "categorical": ["word"], "tags": "tag"}
    section = Reading.model_validate({"source": TWO, "roles": roles})
    data = split(load(section, Place(tmp_path, tmp_path)), ByFiles(test=("test/seq.in",)), 1)
    assert data.part is not None
    assert data.part.tolist() == [2, 2, 0, 0, 0]
    assert data.about.tag_words == ("B-it", "O")
    assert data.about.words["word"] == ("go", "it", "on", "play", "stop")


@pytest.mark.parametrize(
    ("kind", "files", "fields", "message"),
    [
        (Text, {"a.txt": ""}, {"path": "a.txt"}, "the file is empty"),
        (Lines, {"a.txt": "\N{IDEOGRAPHIC SPACE}\n"}, {"path": "a.txt"}, "the file is empty"),
        (Lines, {"a.txt": b"ok\n\xe9t\xe9"}, {"path": "a.txt"}, "line 2 holds the byte 0xe9, which is no UTF-8"),
        (Lines, {"a.txt": "1 a\nb\n"}, {"path": "a.txt", "label": "first"}, r"row 2.*label and a text.*received 'b'"),
        (
            Conll,
            {"a.txt": "a D\nb\n"},
            {"path": "a.txt", "columns": {"tag": 1}},
            "column 1 .0 is the first., and line 2 has 0 alone: correct",
        ),
        (Conll, {"a.txt": "#\n"}, {"path": "a.txt", "columns": {"w": 0}, "comments": ["#"]}, "every line is a comment"),
        (Parallel, folders(train_label="Play\n"), {"path": "train"}, "as many lines.*has 2: received 1"),
        (Parallel, folders(**{"train_seq.out": "O\nO\n"}), {"path": "train"}, "row 1.*has 2 in line 1, `tag` 1"),
        (Parallel, folders(**{"train_seq.in": "\nstop\n"}), {"path": "train"}, "take the empty line out"),
        (Parallel, folders(other_label="x"), {"path": "*"}, "`other` has no `seq.in`"),
    ],
)
def test_what_does_not_fit_is_refused(
    tmp_path: Path, kind: type[Part], files: dict[str, str | bytes], fields: dict[str, Any], message: str
) -> None:
    more = {key: value for key, value in TWO.items() if key not in ("kind", "path")} if kind is Parallel else {}
    with pytest.raises(DataError, match=message):
        read(tmp_path, kind, files, **{**more, **fields})


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({"kind": "lines", "path": "a", "separator": ","}, "no `label` is named"),
        ({"kind": "conll", "path": "a", "columns": {}}, "at least 1"),
        ({"kind": "conll", "path": "a", "columns": {"sentence": 0}}, "made by the source itself"),
        ({"kind": "parallel", "path": "a"}, "files need names"),
        ({"kind": "parallel", "path": "a", "tokens": {"w": "x"}, "lines": {"w": "y"}}, "`w` is another's"),
        ({"kind": "parallel", "path": "a", "tokens": {"w": "../x"}}, "without its folder"),
        ({"kind": "parallel", "path": "a", "tokens": {"w": "*.in"}}, "without its folder"),
    ],
)
def test_sections_that_mean_nothing_are_refused(section: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        TypeAdapter(Text | Lines | Conll | Parallel).validate_python(section)


@pytest.mark.parametrize("kind", [Text, Lines])
@pytest.mark.parametrize(
    ("content", "encoding", "message"),
    [
        ("ab\ncd\n".encode("utf-16"), "utf8", "UTF-16: save the file as UTF-8"),
        ("ab\ncd\n".encode("utf-16"), "latin-1", "UTF-16: save the file as UTF-8"),
        (b"ab\nc\0d\n", "utf8", "line 2 holds a NUL byte"),
        (b"\xef\xbb\xbf\xc3\xa9\n", "latin-1", "this is UTF-8, as its first bytes say"),
    ],
)
def test_what_is_no_text_of_this_encoding_is_refused(
    tmp_path: Path, kind: type[Part], content: bytes, encoding: str, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        read(tmp_path, kind, {"a.txt": content}, path="a.txt", encoding=encoding)


def test_a_line_that_lost_its_tag_does_not_take_its_token_for_one(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"`tag` is column -1 .*, and line 2 has 0 alone, so that column 0 is the same"):
        read(tmp_path, Conll, {"a.txt": "the D\ndog\n"}, path="a.txt", columns={"word": 0, "tag": -1})
    with pytest.raises(DataError, match=r"`tag` is column 2 \(0 is the first\), and line 1 has 2, 0 to 1: correct"):
        read(tmp_path, Conll, {"a.txt": "the D\n"}, path="a.txt", columns={"word": 0, "tag": 2})
    twice = read(tmp_path, Conll, {"a.txt": "the\n"}, path="a.txt", columns={"word": 0, "again": 0})
    assert twice["again"].to_list() == ["the"]
