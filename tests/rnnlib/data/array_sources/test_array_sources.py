"""Arrays become sequences: NumPy's and MATLAB's files, and the two tests of memory that are made."""

import io
import random
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy
from pydantic import TypeAdapter, ValidationError
from scipy.io import savemat

from rnnlib.data.array_sources.mat_elements import refuse_damaged
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.data.loading import load
from rnnlib.data.loading.reading import Reading
from rnnlib.data.sources import AnySource
from rnnlib.data.splits import ByColumn, split
from rnnlib.errors import DataError, Refused
from rnnlib.place import Place

NAN = float("nan")
X = np.arange(24.0).reshape(2, 3, 4)
ROLES = {"sample": "sample", "features": "x", "label": "y"}


def read(folder: Path, source: dict[str, Any], roles: dict[str, Any] | None = None, **more: Any) -> DataSet:
    section = Reading.model_validate({"source": source, "roles": roles or ROLES, **more})
    return load(section, Place(folder, folder))


def npz(folder: Path, **arrays: Any) -> dict[str, Any]:
    np.savez(folder / "f.npz", **arrays)
    return {"kind": "npz", "path": "f.npz"}


def test_rows_of_an_array_are_steps(tmp_path: Path) -> None:
    data = read(tmp_path, {**npz(tmp_path, a=X, b=["no", "yes"]), "arrays": {"x": "a", "y": "b"}})
    assert data.raw.tolist() == X.reshape(6, 4).tolist()
    assert (data.raw.dtype, data.raw.flags.c_contiguous) == (np.float64, True)
    assert data.offsets.tolist() == [0, 3, 6]
    assert [column.name for column in data.about.columns] == ["x_0", "x_1", "x_2", "x_3"]
    assert data.sequences.to_dict(as_series=False) == {"key": ["0", "1"], "label": ["no", "yes"]}
    assert data.about.roles["features"] == ["x_0", "x_1", "x_2", "x_3"], "a model is asked with these columns"
    assert data.about.types == {"x_0": "number", "x_1": "number", "x_2": "number", "x_3": "number",
                                "sample": "whole number", "y": "text"}  # fmt: skip
    assert list(data.about.files) == ["f.npz"]
    assert (data.observed, data.times, data.official) == (None, None, None)


def test_every_value_may_be_a_step(tmp_path: Path) -> None:
    source = {**npz(tmp_path, a=X, b=[0, 1]), "arrays": {"x": "a", "y": "b"}, "each_step": "value"}
    data = read(tmp_path, source)
    assert data.raw[:, 0].tolist() == list(range(24))
    assert data.offsets.tolist() == [0, 12, 24]
    assert [column.name for column in data.about.columns] == ["x"]


def test_an_array_may_be_one_sequence(tmp_path: Path) -> None:
    film = np.arange(40.0).reshape(5, 4, 2)
    arrays = {"frame": film, "loud": np.arange(5.0), "size": np.array(7.5)}
    source = {**npz(tmp_path, **arrays), "arrays": {name: name for name in arrays}, "first_axis": "steps"}
    roles = {"series": "sample", "target": "frame", "past": "loud", "static": "size"}
    data = read(tmp_path, source, roles)
    assert data.lengths.tolist() == [5]
    assert data.raw.tolist() == np.column_stack([film.reshape(5, 8), np.arange(5.0)]).tolist()
    assert data.static.tolist() == [[7.5]]
    single = read(
        tmp_path,
        {**source, "arrays": {"frame": "frame"}, "each_step": "value"},
        {"series": "sample", "target": "frame"},
    )
    assert single.raw[:, 0].tolist() == list(range(40))
    parts = {"train": {"x": "frame"}, "test": {"x": "loud"}}
    with pytest.raises(DataError, match="every part has the same features: `x` has 8 and 1 of them"):
        read(tmp_path, {**npz(tmp_path, **arrays), "parts": parts, "first_axis": "steps"}, ROLES)
    with pytest.raises(DataError, match="arrays of a part have the same steps, and those of `frame` and `loud` differ"):
        read(tmp_path, {**source, **npz(tmp_path, **arrays | {"loud": np.arange(4.0)})}, roles)


def test_arrays_of_official_parts(tmp_path: Path) -> None:
    source = npz(tmp_path, x1=X, y1=[3, 4], x2=X[:1] + 100, y2=[4])
    parts = {"train": {"x": "x1", "y": "y1"}, "test": {"x": "x2", "y": "y2"}}
    data = read(tmp_path, {**source, "parts": parts}, {**ROLES, "part": "part"})
    assert data.official.tolist() == [PartOf.train] * 6 + [PartOf.test] * 3
    assert data.sequences["key"].to_list() == ["0", "1", "2"]
    assert data.sequences["label"].to_list() == [3, 4, 4]
    held = split(data, ByColumn(validation=1), 3)
    assert held.part[:6].reshape(2, 3).tolist() in ([[0] * 3, [1] * 3], [[1] * 3, [0] * 3])
    assert held.part[6:].tolist() == [PartOf.test] * 3


def test_a_block_a_column_of_it_static_values_and_tags(tmp_path: Path) -> None:
    source = {**npz(tmp_path, a=X, s=[0.5, 1.5], t=[["b", "a", ""]] * 2), "arrays": {"x": "a", "s": "s", "t": "t"}}
    roles = {"sample": "sample", "features": ["x_2", "x_0"], "tags": "t", "static": "s"}
    data = read(tmp_path, source, roles, units={"x_0": "m"})
    assert data.raw.tolist() == X.reshape(6, 4)[:, [2, 0]].tolist()
    assert [column.unit for column in data.about.columns] == [None, "m"]
    assert data.static.tolist() == [[0.5], [1.5]]
    assert data.about.tag_words == ("a", "b")
    np.testing.assert_array_equal(data.tags[:, 0], [1, 0, NAN] * 2)
    assert set(data.about.ignored) == {"x_1", "x_3"}
    both = read(tmp_path, source, {"sample": "sample", "features": "x", "tags": "x"}, units={"x": "m"})
    assert np.array_equal(both.tags, both.raw)
    assert {column.unit for column in both.about.columns} == {"m"}


def test_missing_values_are_refused_or_kept(tmp_path: Path) -> None:
    holes = np.where(X == 17, NAN, X)
    source = {**npz(tmp_path, a=holes, b=[0, 1]), "arrays": {"x": "a", "y": "b"}}
    with pytest.raises(DataError, match="column `x_1`: a value is missing, step 2 of sequence 1"):
        read(tmp_path, source)
    data = read(tmp_path, source, missing={"fill": "forward"})
    assert np.argwhere(~data.observed).tolist() == [[4, 1]]


def test_single_arrays(tmp_path: Path) -> None:
    np.save(tmp_path / "in.npy", X)
    np.save(tmp_path / "out.npy", np.array([1.5, 2.5]))
    data = read(tmp_path, {"kind": "npy", "path": "*.npy", "arrays": {"x": "in", "y": "out"}})
    assert data.sequences["label"].to_list() == [1.5, 2.5]
    assert sorted(data.about.files) == ["in.npy", "out.npy"]


def cells(*lengths: int) -> np.ndarray:
    found = np.empty((1, len(lengths)), object)
    for number, length in enumerate(lengths):
        found[0, number] = np.full((length, 2), number, np.uint8)
    return found


def test_cells_are_sequences_of_their_own_length(tmp_path: Path) -> None:
    savemat(tmp_path / "f.mat", {"one": cells(3, 1), "two": cells(2), "label": [[7.0, 8.0]], "flat": X})
    parts = {"train": {"key": "one"}, "validation": {"key": "two"}, "test": {"key": "one"}}
    roles = {"sample": "sample", "features": "key", "tags": "key", "part": "part"}
    data = read(tmp_path, {"kind": "mat", "path": "f.mat", "parts": parts}, roles)
    assert data.lengths.tolist() == [3, 1, 2, 3, 1]
    assert data.raw[:, 0].tolist() == [0, 0, 0, 1, 0, 0, 0, 0, 0, 1]
    assert data.official.tolist() == [0] * 4 + [1] * 2 + [2] * 4
    dense = read(tmp_path, {"kind": "mat", "path": "f.mat", "arrays": {"x": "flat", "y": "label"}})
    assert dense.raw.tolist() == X.reshape(6, 4).tolist()
    assert dense.sequences["label"].to_list() == [7, 8]


def test_a_damaged_file_never_ends_the_process(tmp_path: Path) -> None:
    """Without the walk, scipy's reader ends it (SIGSEGV) within these tries."""
    asked = [sys.executable, str(Path(__file__).with_name("damaged_mat.py")), str(tmp_path / "f.mat"), "300"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    read, refused = map(int, done.stdout.split())
    assert (read + refused, refused > 400) == (600, True)


def test_no_file_that_matlab_wrote_is_called_damaged() -> None:
    """Of MATLAB 4.2 to 7.4, little and big endian, that scipy's own tests read."""
    files = sorted((Path(scipy.__file__).parent / "io" / "matlab" / "tests" / "data").glob("*.mat"))
    assert len(files) > 100
    damaged = ("bad_miuint32.mat", "corrupted_zlib_checksum.mat", "corrupted_zlib_data.mat", "malformed1.mat")
    for file in files:
        if file.name in damaged:
            with pytest.raises((ValueError, zlib.error)):
                refuse_damaged(file)
        else:
            refuse_damaged(file)


OBJECTS = np.array([[1], [2, 3]], dtype=object)


@pytest.mark.parametrize(
    ("arrays", "columns", "message"),
    [
        ({"a": X}, {"x": "b", "y": "a"}, "there is no array `b`: there are `a`"),
        ({"a": X, "b": [1, 2, 3]}, {"x": "a", "y": "b"}, "of the same sequences: `x` has 2, `y` 3"),
        ({"a": X, "b": np.ones((2, 4))}, {"x": "a", "y": "b"}, "the same steps, and those of `x` and `y` differ"),
        (
            {"a": X, "b": X},
            {"x": "a", "y": "b"},
            "`label` has one value for each sequence, and `y` has a value for each",
        ),
        ({"a": [1, 2], "b": [1, 2]}, {"x": "a", "y": "b"}, "one array has a value for every step"),
        (
            {"a": X, "b": [1, 2], "c": X},
            {"z": "a", "y": "b", "x": "b"},
            "`features` have a value for each step, and `x`",
        ),
        ({"a": X[None], "b": [1]}, {"x": "a", "y": "b"}, r"has the shape \[1, 2, 3, 4\].*x\.reshape\(len"),
        ({"a": X[:0], "b": [1]}, {"x": "a", "y": "b"}, r"has the shape \[0, 3, 4\]"),
        ({"a": X * 1j, "b": [1]}, {"x": "a", "y": "b"}, "of type complex128: an array is of numbers or texts"),
        ({"a": X.astype(str), "b": [1, 2]}, {"x": "a", "y": "b"}, "expected numbers: received an array of type <U"),
        ({"a": X * 1e300, "b": [1, 2]}, {"x": "a", "y": "b"}, "expected finite numbers"),
        ({"a": OBJECTS, "b": [1, 2]}, {"x": "a", "y": "b"}, "`a` cannot be read: Object arrays cannot be loaded"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(
    tmp_path: Path, arrays: dict[str, Any], columns: dict[str, str], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        read(tmp_path, {**npz(tmp_path, **arrays), "arrays": columns})


def test_damaged_files_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "one.npy", X)
    np.savez(tmp_path / "two.npz", a=X)
    (tmp_path / "bad.npz").write_bytes(b"PK\x03\x04 and no more")
    (tmp_path / "bad.mat").write_bytes(b"MATLAB, or not" * 20)
    (tmp_path / "new.mat").write_bytes(b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM" + bytes(600))
    for kind, path, message in [
        ("npz", "one.npy", "write `kind: npy`"),
        ("npy", "two.npz", "there is no array `a`"),
        ("npz", "bad.npz", "cannot be read as NumPy arrays"),
        ("mat", "bad.mat", "cannot be read as a MATLAB file"),
        ("mat", "new.mat", "MATLAB 7.3"),
    ]:
        with pytest.raises(DataError, match=message):
            read(tmp_path, {"kind": kind, "path": path, "arrays": {"x": "a", "y": "a"}})


def damaged(file: Path, rounds: int) -> Iterator[bytes]:
    """The file cut off, and with a bit of its beginning turned."""
    whole, draw = file.read_bytes(), random.Random(0)
    for _ in range(rounds):
        yield whole[: draw.randrange(len(whole))]
        changed = bytearray(whole)
        changed[draw.randrange(128, len(whole))] ^= 1 << draw.randrange(8)
        yield bytes(changed)


@pytest.mark.parametrize("kind", ["npz", "mat"])
def test_compressed_files_are_read_or_refused_whatever_became_of_them(tmp_path: Path, kind: str) -> None:
    arrays = {"a": np.random.default_rng(0).normal(size=(4, 5, 2)), "b": np.arange(4)}
    file = tmp_path / f"f.{kind}"
    np.savez_compressed(file, **arrays) if kind == "npz" else savemat(file, arrays, do_compression=True)
    refused = 0
    for content in damaged(file, 100):
        file.write_bytes(content)
        try:
            read(tmp_path, {"kind": kind, "path": file.name, "arrays": {"x": "a", "y": "b"}})
        except DataError:
            refused += 1
    assert refused > 100


def test_more_than_a_file_holds_is_refused(tmp_path: Path) -> None:
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(head, {"descr": "<f8", "fortran_order": False, "shape": (10**6, 10**7)})
    (tmp_path / "a.npy").write_bytes(head.getvalue() + bytes(64))
    with zipfile.ZipFile(tmp_path / "f.npz", "w") as archive:
        archive.write(tmp_path / "a.npy", "a.npy")
        archive.writestr("b.npy", "no array")
    for source, message in [
        ({"kind": "npy", "path": "a.npy", "arrays": {"x": "a"}}, "cannot be read as NumPy arrays"),
        ({"kind": "npz", "path": "f.npz", "arrays": {"x": "a"}}, "`a` cannot be read"),
        ({"kind": "npz", "path": "f.npz", "arrays": {"x": "b"}}, "`b` cannot be read: it does not begin"),
    ]:
        with pytest.raises(DataError, match=message):
            read(tmp_path, source)


def test_files_of_one_name_are_not_chosen_between(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        np.save(tmp_path / folder / "a.npy", X)
    with pytest.raises(DataError, match="another file's name too"):
        read(tmp_path, {"kind": "npy", "path": "*/a.npy", "arrays": {"x": "a"}})


@pytest.mark.parametrize("first", ["train", "test"])
def test_an_array_is_of_one_sort_in_every_part(tmp_path: Path, first: str) -> None:
    source = npz(tmp_path, a=X, b=[1, 2], c=X, d=X[:, :, 0])
    parts = {"train": {"x": "a", "y": "b"}, "test": {"x": "c", "y": "d"}}
    ordered = {part: parts[part] for part in (first, *parts)}
    with pytest.raises(DataError, match="`y` has a value for each step in one of them"):
        read(tmp_path, {**source, "parts": ordered})


@pytest.mark.parametrize(
    ("held", "message"),
    [
        (np.array([1 + 2j, 3]), "of type complex128"),
        ({"field": 1.0}, "an array is of numbers or texts"),
        (np.empty((0, 0), dtype=object), "holds no cell"),
    ],
)
def test_variables_of_matlab_that_are_no_values_are_refused(tmp_path: Path, held: Any, message: str) -> None:
    savemat(tmp_path / "f.mat", {"a": X, "b": held})
    with pytest.raises(DataError, match=message):
        read(tmp_path, {"kind": "mat", "path": "f.mat", "arrays": {"x": "a", "y": "b"}})


@pytest.mark.parametrize(
    ("fields", "at", "message"),
    [
        ({}, (), "`arrays: {NAME: ARRAY}`.* received none"),
        ({"arrays": {"x": "a"}, "parts": {"train": {"x": "a"}}}, (), "received both"),
        ({"parts": {"train": {"x": "a"}, "test": {"y": "a"}}}, ("parts", "test"), "`x` is not in all of them"),
        ({"arrays": {"sample": "a"}}, ("arrays", "sample"), "made by the source itself"),
        ({"parts": {"train": {"part": "a"}}}, ("parts", "train", "part"), "made by the source itself"),
    ],
)
def test_how_arrays_are_named(fields: dict[str, Any], at: tuple[str, ...], message: str) -> None:
    with pytest.raises(ValidationError, match=message) as refused:
        TypeAdapter(AnySource).validate_python({"kind": "npz", "path": "f.npz", **fields})
    assert refused.value.errors()[0]["ctx"]["at"] == at


def test_nothing_is_sorted(tmp_path: Path) -> None:
    source = {"kind": "adding_problem", "length": 4, "samples": 2}
    roles = {"sample": "sample", "features": "value", "label": "sum"}
    with pytest.raises(ValidationError, match="nothing is sorted"):
        read(tmp_path, source, roles, unsorted="sort")
    with pytest.raises(Refused, match="`time` has one value for each sequence, and `when` is not there"):
        read(tmp_path, source, {**roles, "time": "when"})


def test_the_adding_problem(tmp_path: Path) -> None:
    source = {"kind": "adding_problem", "length": 7, "samples": 4000}
    roles = {"sample": "sample", "features": ["value", "marker"], "label": "sum"}
    data = read(tmp_path, source, roles)
    value, marker = data.raw[:, 0].reshape(-1, 7), data.raw[:, 1].reshape(-1, 7)
    assert (marker[:, :3].sum(1) == 1).all()
    assert (marker[:, 3:].sum(1) == 1).all()
    labels = data.sequences["label"].to_numpy()
    np.testing.assert_allclose((value * marker).sum(1), labels)
    assert np.mean((labels - 1) ** 2) == pytest.approx(1 / 6, abs=0.01), "the floor of who remembers nothing"
    assert 0 <= value.min() < value.max() < 1
    assert data.about.files == {}
    assert np.array_equal(read(tmp_path, source, roles).raw, data.raw)
    assert not np.array_equal(read(tmp_path, {**source, "seed": 1}, roles).raw, data.raw)


def test_copy_memory(tmp_path: Path) -> None:
    source = {"kind": "copy_memory", "delay": 5, "samples": 300}
    data = read(tmp_path, source, {"sample": "sample", "features": ["symbol", "seen"], "tags": "answer"})
    symbol, seen = data.raw[:, 0].reshape(300, 25), data.raw[:, 1:].reshape(300, 25, 10)
    answer = data.tags.reshape(300, 25)
    assert np.array_equal(seen.argmax(2), symbol)
    assert (seen.sum(2) == 1).all()
    assert set(np.unique(symbol[:, :10])) == set(range(8))
    assert (symbol[:, 10:14] == 8).all(), "T − 1 blanks"
    assert (symbol[:, 14] == 9).all(), "the sign to begin"
    assert (symbol[:, 15:] == 8).all()
    assert (answer[:, :15] == 8).all()
    assert np.array_equal(answer[:, 15:], symbol[:, :10])


def test_labels_of_matlab_are_cells_of_texts_or_rows_of_characters(tmp_path: Path) -> None:
    cells = np.empty((2, 1), object)
    cells[:, 0] = ["walk", "run"]
    for labels in (cells, np.array(["walk", "run "])):
        savemat(tmp_path / "f.mat", {"a": X, "b": labels})
        data = read(tmp_path, {"kind": "mat", "path": "f.mat", "arrays": {"x": "a", "y": "b"}})
        assert data.sequences["label"].to_list() == ["walk", "run"]
    cells[1, 0] = np.array(["run", "far"])
    savemat(tmp_path / "f.mat", {"a": X, "b": cells})
    with pytest.raises(DataError, match="every cell of `b` holds one text: received 2 in one"):
        read(tmp_path, {"kind": "mat", "path": "f.mat", "arrays": {"x": "a", "y": "b"}})


@pytest.mark.skipif(np.longdouble(0).itemsize == 8, reason="this machine's long double is a double")
def test_numbers_wider_than_a_double_are_read_as_doubles(tmp_path: Path) -> None:
    given = npz(tmp_path, a=X.astype(np.longdouble), b=np.array([0.5, 1.5], np.longdouble))
    data = read(tmp_path, {**given, "arrays": {"x": "a", "y": "b"}})
    assert data.sequences["label"].to_list() == [0.5, 1.5]
