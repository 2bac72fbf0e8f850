"""Tables in their formats: read as they are, whatever they are written in."""

import csv
import io
import re
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rnnlib.data.loading import load
from rnnlib.data.loading.reading import Reading
from rnnlib.data.sources import Arrow, Csv, Ndjson, Parquet, Tsv
from rnnlib.data.tables.delimited import Delimited
from rnnlib.data.tables.plain import plain
from rnnlib.data.text_types import typed
from rnnlib.errors import DataError
from rnnlib.place import File, Place

NUMBERS = st.sampled_from(
    ["5", "-5", "+5", " 5", "5 ", "007", "-07", "0", "-0", "00", "0.5", "-00.5", "5.", ".5", "1e3"]
)
ODD = st.sampled_from(["nan", "inf", "1e400", "99999999999999999999", "9223372036854775808", "1,5", "  ",
                       "", "\t7", '"', "'", "true", "TRUE", "no", "é", "٣", "\u00a05", "2020-01-02", "x\ny",
                       "NA"])  # fmt: skip
FIELDS = st.one_of(NUMBERS, NUMBERS, ODD)


def by_text(form: Delimited, file: File) -> pl.DataFrame:
    """The oracle: every field as text, and types found from texts alone."""
    text = form._text(file)
    return typed(form._frame(text, file.shown, None))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_parsed_at_once_is_what_the_texts_say(tmp_path: Path, data: st.DataObject) -> None:
    """Whatever the first rows seem to be."""
    width, seeming = data.draw(st.integers(1, 3)), data.draw(st.sampled_from([0, 1, 1100]))
    record = st.lists(FIELDS, min_size=width, max_size=width)
    first = data.draw(st.lists(st.sampled_from(["1", "0.5", "true", "x", ""]), min_size=width, max_size=width))
    rows = [[f"c{n}" for n in range(width)], *[first] * seeming, *data.draw(st.lists(record, min_size=1, max_size=4))]
    out = io.StringIO()
    csv.writer(out, lineterminator=data.draw(st.sampled_from(["\n", "\r\n"]))).writerows(rows)
    (tmp_path / "f.csv").write_bytes(out.getvalue().encode())
    nulls = data.draw(st.sampled_from([("",), ("", "NA"), ("NA",)]))
    file, form = File("f.csv", tmp_path / "f.csv"), Delimited(",", '"', nulls, "utf8")
    try:
        expected = by_text(form, file)
    except DataError as error:
        with pytest.raises(DataError, match=re.escape(str(error))):
            form.read([file])
        return
    (frame,) = form.read([file])
    assert typed(frame).schema == expected.schema
    assert typed(frame).equals(expected)


@pytest.mark.parametrize("odd", ["007", " 5", "\t5", "-01.5", "+00", '"01"'])
@pytest.mark.parametrize("before", [0, 1, 2, 3, 4, 131070, 131071, 131072, 131073])
def test_an_odd_field_is_found_wherever_it_stands(odd: str, before: int) -> None:
    text = b"1," * (before // 2) + b"1" * (before % 2)
    assert plain(text + b",1\n10,0.5,-0.5,0,100,-0,2020-01-05 00:00", ",", '"')
    for end in (b"", b",1", b"\n1,2,3\n"):
        assert not plain(text + b"\n" + odd.encode() + end, ",", '"')


def test_a_column_of_zeros_that_turn_out_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("a,b\n" + "0,\n" * 2000 + "0.5,x\n")
    frame = Csv(path="f.csv").read(Place(tmp_path, tmp_path))
    assert dict(frame.schema) == {"a": pl.Float64, "b": pl.String}
    assert frame.row(-1) == (0.5, "x")


FRAME = pl.DataFrame({"id": ["007", 'say "x"', None], "n": [1, 2, 3], "x": [0.5, None, -1.0]})


def test_tabs_separate_and_quotes_are_characters(tmp_path: Path) -> None:
    (tmp_path / "f.tsv").write_text('id\tn\n"a\t1\nb"\t2\n')
    place = Place(tmp_path, tmp_path)
    assert Tsv(path="f.tsv").read(place)["id"].to_list() == ['"a', 'b"']
    (tmp_path / "q.tsv").write_text('id\tn\n"a\tb"\t1\n')
    assert Tsv(path="q.tsv", quote='"').read(place).row(0) == ("a\tb", 1)
    with pytest.raises(DataError, match="as many fields as the header, 2: received 3"):
        Tsv(path="q.tsv").read(place)


def test_every_format_holds_the_same_table(tmp_path: Path) -> None:
    place = Place(tmp_path, tmp_path)
    FRAME.write_csv(tmp_path / "f.csv")
    FRAME.write_csv(tmp_path / "f.tsv", separator="\t")
    FRAME.write_parquet(tmp_path / "f.parquet")
    FRAME.write_ipc(tmp_path / "f.arrow", compression="zstd")
    FRAME.write_ndjson(tmp_path / "f.ndjson")
    read = [Csv(path="f.csv"), Tsv(path="f.tsv", quote='"'), Parquet(path="f.parquet"), Arrow(path="f.arrow"),
            Ndjson(path="f.ndjson")]  # fmt: skip
    for source in read:
        assert source.read(place).equals(FRAME), source


@pytest.mark.parametrize("name", ["parquet", "arrow"])
def test_of_columns_only_those_that_are_wanted_are_read(tmp_path: Path, name: str) -> None:
    source = {"parquet": Parquet, "arrow": Arrow}[name](path=f"*.{name}")
    for number in (1, 2):
        getattr(FRAME, {"parquet": "write_parquet", "arrow": "write_ipc"}[name])(tmp_path / f"f{number}.{name}")
    read = source.read_columns(source.files(Place(tmp_path, tmp_path)), {"x", "absent"})
    assert (read.rows.columns, dict(read.others)) == (["x", "file"], {"id": pl.String, "n": pl.Int64})


def test_columns_that_are_not_read_are_known_all_the_same(tmp_path: Path) -> None:
    FRAME.with_columns(x=1.5).write_parquet(tmp_path / "f.parquet")
    section = Reading.model_validate({"source": {"kind": "parquet", "path": "f.parquet"}, "roles": {"target": ["x"]}})
    assert load(section, Place(tmp_path, tmp_path)).about.ignored == ("id", "n")
    wrong = Reading.model_validate({"source": {"kind": "parquet", "path": "f.parquet"}, "roles": {"target": ["m"]}})
    with pytest.raises(DataError, match="`id`, `n`, `x`"):
        load(wrong, Place(tmp_path, tmp_path))


def test_lines_of_json(tmp_path: Path) -> None:
    place = Place(tmp_path, tmp_path)

    def read(text: str) -> pl.DataFrame:
        (tmp_path / "f.ndjson").write_text(text)
        return Ndjson(path="f.ndjson").read(place)

    late = read('{"a": 1, "b": "007"}\n' * 500 + '{"a": 0.5, "c": null}\n')
    assert dict(late.schema) == {"a": pl.Float64, "b": pl.String, "c": pl.Float64}
    assert late.row(-1) == (0.5, None, None)
    for text, row, message in (
        ('{"a": 1}\n\n{"a":\n', 2, "no JSON"),
        ('{"a": 1}\n[1]\n', 2, "received list"),
        ('{"a": 1}\n{"a": 2} {"a": 3}\n', 2, "no JSON"),
        ("{}\n", None, "no line has a key"),
        ('{"a": true}\n{"a": 1}\n', None, "cannot be read as lines of JSON"),
    ):
        with pytest.raises(DataError, match=message) as refused:
            read(text)
        assert refused.value.row == row


def parts(folder: Path, *paths: str) -> None:
    for number, path in enumerate(paths):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        pl.DataFrame({"x": [number, number]}).write_parquet(folder / path)


def test_folders_are_columns(tmp_path: Path) -> None:
    parts(tmp_path, "d/year=2023/place=a%2Fb/p.parquet", "d/year=2024/place=__HIVE_DEFAULT_PARTITION__/p.parquet")
    frame = Parquet(path="d/**/*.parquet", partitions=True).read(Place(tmp_path, tmp_path))
    assert frame.drop("file").to_dict(as_series=False) == {
        "x": [0, 0, 1, 1], "year": [2023, 2023, 2024, 2024], "place": ["a/b", "a/b", None, None]
    }  # fmt: skip
    own = pl.read_parquet(tmp_path / "d/**/*.parquet", hive_partitioning=True)
    assert own["year"].to_list() == frame["year"].to_list()
    one = Parquet(path="d/year=2023/place=a%2Fb/p.parquet", partitions=True).read(Place(tmp_path, tmp_path))
    assert one.columns == ["x", "year", "place"]


@pytest.mark.parametrize(
    ("paths", "message"),
    [
        (["d/a.parquet"], "received none"),
        (["d/year=1/a.parquet", "d/month=1/a.parquet"], "received (month|year)"),
        (["d/x=1/a.parquet"], "the files have it too"),
    ],
)
def test_folders_that_name_other_columns_are_refused(tmp_path: Path, paths: list[str], message: str) -> None:
    parts(tmp_path, *paths)
    with pytest.raises(DataError, match=message):
        Parquet(path="d/**/*.parquet", partitions=True).read(Place(tmp_path, tmp_path))


@pytest.mark.parametrize(
    "content",
    [
        b"a,b\n1,\xe9\n",
        b"a,b\n\xe9,1\n",
        b'a,b\n1,"\xe9"\n',
        b"a,\xe9\n1,2\n",
        b"a,b\n" + b"1,2\n" * 2000 + b"\xc3,1\n",
    ],
)
def test_a_byte_of_another_encoding_is_found_wherever_it_stands(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "f.csv").write_bytes(content)
    with pytest.raises(DataError, match=r"holds the byte 0x(e9|c3), which is no UTF-8"):
        Csv(path="f.csv").read(Place(tmp_path, tmp_path))
