"""The two forms of the UCR and UEA archive, against a reading by hand; and its own files where they are."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.data.loading import load
from rnnlib.data.loading.reading import Reading
from rnnlib.data.splits import ByFiles, split
from rnnlib.errors import DataError
from rnnlib.place import Place

ROLES = {"sample": "sample", "features": "value", "label": "label"}
HEADER = "#\xe9 comment\n@problemName p\n@univariate false\n@dimensions 2\n@classLabel true a b\n@data\n"


def read(folder: Path, path: str = "f.ts", roles: dict[str, Any] = ROLES, **more: Any) -> DataSet:
    section = Reading.model_validate({"source": {"kind": "ts", "path": path}, "roles": roles, **more})
    return load(section, Place(folder, folder))


def test_cases_keep_their_own_length(tmp_path: Path) -> None:
    text = HEADER + "1,2,3 : 4,5,6:a\n\n% another\n7,8:9,1e1:b\n"
    (tmp_path / "f.ts").write_bytes(b"\xef\xbb\xbf" + text.encode("latin-1").replace(b"\n", b"\r\n"))
    data = read(tmp_path)
    assert data.raw.tolist() == [[1, 4], [2, 5], [3, 6], [7, 9], [8, 10]]
    assert data.lengths.tolist() == [3, 2]
    assert data.sequences.to_dict(as_series=False) == {"key": ["0", "1"], "label": ["a", "b"]}
    assert [column.name for column in data.about.columns] == ["value_0", "value_1"]


def test_missing_values_and_shorter_dimensions(tmp_path: Path) -> None:
    (tmp_path / "f.ts").write_text(HEADER + "1,?,3:4,5:a\n7,8:NaN,1:b\n", encoding="latin-1")
    with pytest.raises(DataError, match="column `value_0`: a value is missing, step 2 of sequence 0"):
        read(tmp_path)
    data = read(tmp_path, missing={"fill": "interpolate", "otherwise": "mask"})
    np.testing.assert_array_equal(data.raw, [[1, 4], [np.nan, 5], [3, np.nan], [7, np.nan], [8, 1]])


def test_labels_may_be_numbers_or_absent(tmp_path: Path) -> None:
    (tmp_path / "f.ts").write_text("@univariate true\n@targetLabel true\n@data\n1,2:0.5\n3,4:-1\n")
    assert read(tmp_path).sequences["label"].to_list() == [0.5, -1.0]
    (tmp_path / "f.ts").write_text("@classLabel false\n@data\n1,2\n3,4,5\n")
    assert read(tmp_path, roles={"sample": "sample", "features": "value", "tags": "value"}).lengths.tolist() == [2, 3]
    with pytest.raises(DataError, match="`label` is not there"):
        read(tmp_path)


def test_lines_of_a_class_and_its_values(tmp_path: Path) -> None:
    (tmp_path / "f.txt").write_text("  1.0000000e+00  2.5 3\n -1.0 4\tNaN   1e-3\n")
    data = read(tmp_path, "f.txt", missing={"fill": "forward"})
    np.testing.assert_array_equal(data.raw[:, 0], [2.5, 3, 4, np.nan, 1e-3])
    assert data.lengths.tolist() == [2, 3]
    assert data.sequences["label"].to_list() == ["1", "-1"]


def test_files_are_official_parts(tmp_path: Path) -> None:
    (tmp_path / "p_TRAIN.txt").write_text("1 2 3\n2 4 5\n1 2 2\n2 5 5\n")
    (tmp_path / "p_TEST.txt").write_text("2 9 9\n")
    data = read(tmp_path, "p_*.txt")
    assert data.sequences["file"].to_list() == ["p_TEST.txt"] + ["p_TRAIN.txt"] * 4
    parts = split(data, ByFiles(validation=2, test=("*_TEST.txt",), stratify=True), 3).part
    assert parts[:2].tolist() == [PartOf.test] * 2
    assert sorted(parts[2:].tolist()) == [0] * 4 + [1] * 4


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "the file is empty"),
        ("# nothing else\n", "the file is empty"),
        ("@classLabel false\n1,2\n", "a line `@data`"),
        ("@classLabel true a\n@data\n", "a header and no cases"),
        ("@timeStamps true\n@data\n(0,1),(1,2):a\n", "a time for each value"),
        ("@classLabel true a b\n@data\n1,2:c\n", "line 3 ends in its class.*received `c`"),
        ("@dimensions 2\n@classLabel true a\n@data\n1,2:a\n", "a case has 2 dimensions.*line 4 has 1"),
        ("@univariate true\n@classLabel true a\n@data\n1,2:3,4:a\n", "a case has 1 dimensions.*line 4 has 2"),
        ("@equalLength true\n@seriesLength 3\n@classLabel false\n@data\n1,2,3\n1,2\n", "length, 3: that of line 6"),
        ("@equalLength true\n@classLabel false\n@data\n1,2\n1,2,3\n", "length, 2: that of line 5 is 3"),
        ("@classLabel false\n@data\n1,2:3,4\n5,6\n", r"as the first, 2: case 2 is \[2, 1\]"),
        ("@classLabel true a\n@data\n1,2:a\n:a\n", r"as the first, 1: case 2 is \[0, 1\]"),
        ("@classLabel false\n@data\n1,x\n", "line 3 holds something that is no number.*'x'"),
        ("@classLabel false\n@data\n1,,2\n", "line 3 holds something that is no number"),
        ("@classLabel false\n@data\n1,inf\n", "expected finite numbers"),
        ("1 2 3\n4\n", "line 2 has one field, `4`"),
        ("1,2,3\n", "a line is a class and its values, parted by blanks"),
        ("1 2 ü\n".encode("latin-1"), "line 1 is no UTF-8"),
    ],
)  # fmt: skip
def test_files_that_contradict_themselves_are_refused(tmp_path: Path, content: str | bytes, message: str) -> None:
    (tmp_path / "f.ts").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DataError, match=message):
        read(tmp_path, roles={"sample": "sample", "features": "value", "tags": "value"})


@pytest.mark.parametrize(("first", "second"), [("1 2 3\n", "@univariate true\n@classLabel false\n@data\n1,2\n"),
                                               ("@classLabel true a\n@data\n1:2:a\n", "1 2\n")])  # fmt: skip
def test_files_of_other_dimensions_or_labels_are_refused(tmp_path: Path, first: str, second: str) -> None:
    (tmp_path / "1.ts").write_text(first)
    (tmp_path / "2.ts").write_text(second)
    with pytest.raises(DataError, match=r"2\.ts: all files have the same dimensions and labels"):
        read(tmp_path, "*.ts")


ARCHIVE = Path(os.environ.get("RNN_BENCH_DATA", "absent")) / "classify"


@pytest.mark.skipif(not ARCHIVE.is_dir(), reason="RNN_BENCH_DATA names no folder with the archive's sets")
@pytest.mark.parametrize(
    ("name", "parts", "lengths", "classes"),
    [
        ("JapaneseVowels/JapaneseVowels_T*.ts", [370, 270], (7, 29), 9),
        ("GunPoint/GunPoint_T*.ts", [150, 50], (150, 150), 2),
        ("ItalyPowerDemand/ItalyPowerDemand_T*.ts", [1029, 67], (24, 24), 2),
        ("ECG200/ECG200_T*.txt", [100, 100], (96, 96), 2),
        ("SyntheticControl/SyntheticControl_T*.txt", [300, 300], (60, 60), 6),
    ],
)
def test_the_archive_s_own_files(name: str, parts: list[int], lengths: tuple[int, int], classes: int) -> None:
    data = read(ARCHIVE, name)
    assert data.sequences["file"].value_counts().sort("file")["count"].to_list() == parts
    assert (data.lengths.min(), data.lengths.max()) == lengths
    assert data.sequences["label"].n_unique() == classes
    file = ARCHIVE / data.sequences["file"][-1]
    last = file.read_text(errors="replace").strip().splitlines()[-1]
    *dimensions, label = last.split(":")
    if file.suffix == ".txt":
        label, *values = last.split()
        dimensions, label = [",".join(values)], str(int(float(label)))
    by_hand = np.column_stack([np.array(one.split(","), float) for one in dimensions])
    np.testing.assert_array_equal(data.raw[data.offsets[-2] :], by_hand)
    assert data.sequences["label"][-1] == label
