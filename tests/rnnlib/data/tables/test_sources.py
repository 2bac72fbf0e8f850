"""Files become tables: types over the whole file, nothing guessed, nothing dropped."""

import gzip
from pathlib import Path

import polars as pl
import pytest
from pydantic import ValidationError

from rnnlib.data.sources import Csv, Parquet
from rnnlib.errors import DataError
from rnnlib.part import Resolvable
from rnnlib.place import Place


def read(folder: Path, content: str | bytes, **form: object) -> pl.DataFrame:
    (folder / "f.csv").write_bytes(content.encode() if isinstance(content, str) else content)
    return Csv.model_validate({"path": "f.csv", **form}).read(Place(folder, folder))


def test_types_are_those_of_the_whole_file(tmp_path: Path) -> None:
    rows = "".join(f"{number},{number},{number % 2 == 0}\n" for number in range(500))
    frame = read(tmp_path, "whole,late,flag\n" + rows + "500,x,true\n")
    assert dict(frame.schema) == {"whole": pl.Int64, "late": pl.String, "flag": pl.Boolean}
    assert frame["late"][500] == "x"


@pytest.mark.parametrize(
    ("texts", "dtype"),
    [
        (["1", "2"], pl.Int64),
        (["1", " 2.5"], pl.Float64),
        (["1", "1e-3"], pl.Float64),
        (["1", "nan"], pl.Float64),
        (["", "2"], pl.Int64),
        (["007", "8"], pl.String),
        (["007.5", "8"], pl.String),
        (["99999999999999999999", "1"], pl.String),
        (["True", "FALSE"], pl.Boolean),
        (["true", "1"], pl.String),
        (["no", "yes"], pl.String),
        (["12:30", "1"], pl.String),
        (["2020-01-01", "2020-01-02"], pl.String),
    ],
)
def test_a_column_has_the_type_of_all_its_texts(tmp_path: Path, texts: list[str], dtype: type[pl.DataType]) -> None:
    frame = read(tmp_path, "a,b\n" + "".join(f"{text},0\n" for text in texts))
    assert frame["a"].dtype == dtype


def test_a_byte_order_mark_and_empty_lines_at_the_end_are_skipped(tmp_path: Path) -> None:
    frame = read(tmp_path, b"\xef\xbb\xbfa,b\r\n1,2\r\n\r\n\n")
    assert frame.to_dict(as_series=False) == {"a": [1], "b": [2]}


def test_the_form_of_the_file_is_the_spec_s(tmp_path: Path) -> None:
    frame = read(
        tmp_path,
        "a;b\n1;'x;é'\n-;y\n".encode("latin-1"),
        separator=";",
        quote="'",
        encoding="latin-1",
        null_values=["-"],
    )
    assert frame.to_dict(as_series=False) == {"a": [1, None], "b": ["x;é", "y"]}
    assert read(tmp_path, 'a,b\n"1,2\n', quote=None)["a"].to_list() == ['"1']
    assert read(tmp_path, "a,b\n,1\n", null_values=["x"])["a"].to_list() == [""]


@pytest.mark.parametrize(
    ("content", "row", "message"),
    [
        (b"", None, "the file is empty"),
        (b"\xef\xbb\xbf\n", None, "the file is empty"),
        (b"a,b\n", None, "a header and no rows"),
        (b"a,b\n1,2\n3,\xe9\n", None, "line 3 holds the byte 0xe9, which is no UTF-8"),
        (b"a,b\n1,2\n3,\x00\n", None, "line 3 holds a NUL byte"),
        ("a,b\n1,2\n".encode("utf-16"), None, "this is UTF-16"),
        (b"a,b\n1,2\n3\n4,5\n", 2, "as many fields as the header, 2: received 1"),
        (b"a,b\n1,2\n\n4,5\n", 2, "as many fields as the header, 2: received 1"),
        (b'a,b\n"1,\n\n",2\n3,4,5\n', 2, "as many fields as the header, 2: received 3"),
        (b'a,b\n1,2\n1,"2\n3,4\n', 2, "quotes .* come in pairs"),
        (b'a\n"2\n', 1, "never closed"),
        (b'a,b\n1,"2"x\n', None, "check its quotes"),
        (b"a,a\n1,2\n", None, "two columns have this name"),
        (b"a,\n1,2\n", None, "column 2 of the header has no name"),
    ],
)
def test_damaged_text_is_refused(tmp_path: Path, content: bytes, row: int | None, message: str) -> None:
    with pytest.raises(DataError, match=message) as refused:
        read(tmp_path, content)
    assert refused.value.file == "f.csv"
    assert refused.value.row == row


def test_a_short_row_is_no_missing_value(tmp_path: Path) -> None:
    assert read(tmp_path, 'a,b\n1,\n2,"x,\ny"\n')["b"].to_list() == [None, "x,\ny"]
    with pytest.raises(DataError, match="received 1"):
        read(tmp_path, 'a,b\n1\n2,"x,\ny"\n')


def test_several_files_are_one_table_in_the_order_of_their_names(tmp_path: Path) -> None:
    (tmp_path / "d2.csv").write_text("b,a\nx,3\n")
    (tmp_path / "d1.csv").write_text("a,b\n1,2\n2,\n")
    frame = Csv(path="d*.csv").read(Place(tmp_path, tmp_path))
    assert frame["a"].to_list() == [1, 2, 3]
    assert frame["b"].to_list() == ["2", None, "x"]  # one type over all files
    assert frame["file"].to_list() == ["d1.csv", "d1.csv", "d2.csv"]
    assert "file" not in Csv(path="d1.csv").read(Place(tmp_path, tmp_path)).columns


@pytest.mark.parametrize(
    ("second", "column", "message"),
    [
        ("a\n1\n", "b", "this one is missing here"),
        ("a,b,c\n1,2,3\n", "c", "this one is not there"),
        ("a,b\n", None, "a header and no rows"),
    ],
)
def test_files_of_one_source_have_the_same_columns(
    tmp_path: Path, second: str, column: str | None, message: str
) -> None:
    (tmp_path / "d1.csv").write_text("a,b\n1,2\n")
    (tmp_path / "d2.csv").write_text(second)
    with pytest.raises(DataError, match=message) as refused:
        Csv(path="d*.csv").read(Place(tmp_path, tmp_path))
    assert (refused.value.file, refused.value.column) == ("d2.csv", column)


def test_a_column_named_file_is_in_the_way_of_several_files(tmp_path: Path) -> None:
    for name in ("d1.csv", "d2.csv"):
        (tmp_path / name).write_text("a,file\n1,2\n")
    with pytest.raises(DataError, match="rename it"):
        Csv(path="d*.csv").read(Place(tmp_path, tmp_path))


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    frame = pl.DataFrame({"id": ["007"], "t": pl.Series(["2020-01-01"]).str.to_datetime().dt.replace_time_zone("UTC")})
    frame.write_parquet(tmp_path / "f.parquet")
    assert Parquet(path="f.parquet").read(Place(tmp_path, tmp_path)).equals(frame)


def test_damaged_parquet_is_refused(tmp_path: Path) -> None:
    place = Place(tmp_path, tmp_path)
    (tmp_path / "empty.parquet").write_bytes(b"")
    (tmp_path / "text.parquet").write_bytes(b"a,b\n1,2\n3,4\n5,6\n")
    pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "p1.parquet")
    pl.DataFrame({"a": [1.0]}).write_parquet(tmp_path / "p2.parquet")
    pl.DataFrame({"a": pl.Series([], dtype=pl.Int64)}).write_parquet(tmp_path / "none.parquet")
    for path, message in {
        "empty.parquet": "the file is empty",
        "text.parquet": "cannot be read as Parquet",
        "p*.parquet": "one type in all files: Int64 in p1.parquet, Float64 here",
        "none.parquet": "a header and no rows",
    }.items():
        with pytest.raises(DataError, match=message):
            Parquet(path=path).read(place)


def test_references_are_resolved_in_the_path_and_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("a\n1\n")
    source = Csv(path="${env:DATA}/f.csv")
    assert Resolvable in Csv.model_fields["path"].metadata
    place = Place(tmp_path, tmp_path, environment={"DATA": str(tmp_path)})
    assert source.read(place)["a"].to_list() == [1]
    assert source.files(place)[0].shown == "${env:DATA}/f.csv"


@pytest.mark.parametrize("field", [{"separator": ";;"}, {"separator": "\n"}, {"quote": ","}, {"path": ""}])
def test_a_form_that_cannot_be_read_is_refused(field: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Csv.model_validate({"path": "f.csv", **field})


@pytest.mark.parametrize("last", ["2", "x"])
def test_a_short_row_is_refused_whatever_means_missing(tmp_path: Path, last: str) -> None:
    with pytest.raises(DataError, match=r"row 2: a row has as many fields as the header, 3: received 2"):
        read(tmp_path, f"a,b,c\n1,1,{last}\n2,2\n", null_values=["NA"])
    assert read(tmp_path, f"a,b,c\n1,1,{last}\n2,2,\n", null_values=["NA"])["c"].to_list() == [last, ""]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (gzip.compress(b"a\n1\n", mtime=0), r"\(gzip\): unpack it"),
        (bytes.fromhex("28b52ffd") + b"a,b", r"\(zstd\): unpack it"),
        (b"PK\x03\x04 a,b", "spreadsheet"),
        (b"a,b\r1,2\r3,4", r"in `\\r`: save it with ends of `\\n`"),
        (b"\xef\xbb\xbfa\n1\n", "this is UTF-8, as its first bytes say: leave `encoding` out"),
    ],
)
def test_what_is_no_such_text_is_told(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read(tmp_path, content, encoding="latin-1")
