"""Recordings become sequences of samples: names and manifests, rates, channels, and what is refused."""

import sys
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from rnnlib.data.dataset import DataSet
from rnnlib.data.loading import load
from rnnlib.data.loading.reading import Reading
from rnnlib.data.media.clip_names import NamePattern, columns_of, read_name
from rnnlib.errors import DataError, Refused
from rnnlib.place import Place

ROLES = {"sample": "file", "features": "audio", "label": "digit"}
NAMED = {"kind": "audio", "path": "*.wav", "named": "{digit}_{speaker}_{take}.wav"}


def read(folder: Path, source: dict[str, Any], roles: dict[str, Any] = ROLES, **more: Any) -> DataSet:
    section = Reading.model_validate({"source": source, "roles": roles, **more})
    return load(section, Place(folder, folder))


def write(file: Path, samples: Any, rate: int = 8000) -> None:
    file.parent.mkdir(exist_ok=True)
    with wave.open(str(file), "wb") as out:  # by another library than that which reads it
        integers = np.asarray(samples, "<i2")
        out.setnchannels(1 if integers.ndim == 1 else integers.shape[1])
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(integers.tobytes())


def test_recordings_keep_their_length_and_the_file_s_name_tells_their_columns(tmp_path: Path) -> None:
    write(tmp_path / "3_ann_0.wav", [0, 16384, -8192])
    write(tmp_path / "7_bo_12.wav", [1, -1])
    data = read(tmp_path, NAMED, {**ROLES, "group": "speaker"})
    assert (data.raw[:, 0] * 32768).tolist() == [0, 16384, -8192, 1, -1]
    assert data.lengths.tolist() == [3, 2]
    assert data.sequences.to_dict(as_series=False) == {
        "key": ["3_ann_0.wav", "7_bo_12.wav"], "label": ["3", "7"], "group": ["ann", "bo"],
        "file": ["3_ann_0.wav", "7_bo_12.wav"],
    }  # fmt: skip
    assert (data.about.rate, data.about.columns[0].holds) == (8000.0, "samples")
    assert "take" in data.about.ignored


def test_a_folder_may_name_the_class_and_formats_may_be_mixed(tmp_path: Path) -> None:
    write(tmp_path / "yes" / "1.wav", [5, 6, 7, 8])
    (tmp_path / "no").mkdir()
    for name in ("2.flac", "3.ogg"):
        soundfile.write(tmp_path / "no" / name, np.full(4000, 0.25), 8000)
    data = read(tmp_path, {"kind": "audio", "path": "*/*.*", "named": "{digit}/{clip}"})
    assert data.sequences["label"].to_list() == ["no", "no", "yes"]
    assert data.raw[:4000, 0].tolist() == [0.25] * 4000, "flac loses nothing"
    assert data.lengths.tolist() == [4000, 4000, 4]


def test_a_manifest_tells_what_no_name_does(tmp_path: Path) -> None:
    for name in ("a.wav", "b.wav"):
        write(tmp_path / "clips" / name, [1, 2])
    manifest = tmp_path / "clips" / "labels.csv"
    manifest.write_text("file,digit,age\nb.wav,4,30\na.wav,2,40\nabsent.wav,1,1\n")
    source = {"kind": "audio", "path": "clips/*", "manifest": "clips/labels.csv"}
    data = read(tmp_path, source, {**ROLES, "static": "age"})
    assert data.sequences["label"].to_list() == [2, 4]
    assert data.static.tolist() == [[40.0], [30.0]]
    assert set(data.about.files) == {"clips/a.wav", "clips/b.wav", "clips/labels.csv"}, "the manifest counts too"
    for text, message in [
        ("file,digit\na.wav,2\n", "b.wav: the manifest clips/labels.csv has no row for this clip"),
        ("file,digit\na.wav,2\nb.wav,2\nb.wav,3\n", "a clip stands in one row"),
        ("clip,digit\na.wav,2\n", "a manifest has a column `file`: there are `clip`"),
        ("file,digit\na.wav,2\n,4\n", "row 2.*a row names its clip: write the file's name"),
        ("file,audio\na.wav,2\nb.wav,3\n", "`audio` is a column that the clips have already"),
    ]:
        manifest.write_text(text)
        with pytest.raises(DataError, match=message):
            read(tmp_path, source)


def test_channels_are_mixed_or_chosen(tmp_path: Path) -> None:
    write(tmp_path / "1_a_0.wav", [[100, 300], [-100, 500]])
    assert (read(tmp_path, NAMED).raw[:, 0] * 32768).tolist() == [200, 200]
    assert (read(tmp_path, {**NAMED, "channel": 2}).raw[:, 0] * 32768).tolist() == [300, 500]
    with pytest.raises(DataError, match=r"1_a_0\.wav: channel 3 is asked for, and this recording has 2"):
        read(tmp_path, {**NAMED, "channel": 3})


def test_mixed_rates_are_refused_or_brought_to_one(tmp_path: Path) -> None:
    seconds = np.arange(8000) / 8000
    for name, rate in (("1_a_0.wav", 8000), ("2_a_0.wav", 16000)):
        time = np.arange(rate) / rate
        write(tmp_path / name, np.round(9000 * np.sin(2 * np.pi * 440 * time)), rate)
    with pytest.raises(DataError, match=r"2_a_0\.wav: all recordings have one rate.*8000 Hz: this one has 16000 Hz"):
        read(tmp_path, NAMED)
    data = read(tmp_path, {**NAMED, "rate": 8000})
    assert data.lengths.tolist() == [8000, 8000]
    tone = 9000 / 32768 * np.sin(2 * np.pi * 440 * seconds)
    np.testing.assert_allclose(data.raw[8100:15900, 0], tone[100:7900], atol=5e-4)


def test_clipped_recordings_are_refused_or_counted(tmp_path: Path) -> None:
    write(tmp_path / "1_a_0.wav", [0, 32767, 32767, 32767, 0, -32768, 0])
    write(tmp_path / "2_a_0.wav", [0, -32768, -32768, -32768, -32768, 0])
    with pytest.raises(DataError, match=r"2_a_0\.wav: the recording is clipped"):
        read(tmp_path, NAMED)
    assert read(tmp_path, {**NAMED, "clipped": "keep"}).about.repairs == {"clipped recordings kept": 1}


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "the file is empty"), (b"RIFF, or not", "cannot be read as a recording"),
     (b"fLaC" + bytes(50), "cannot be read as a recording")],
)  # fmt: skip
def test_damaged_files_are_named(tmp_path: Path, content: bytes, message: str) -> None:
    write(tmp_path / "1_a_0.wav", [1, 2, 3])
    (tmp_path / "2_a_0.wav").write_bytes(content)
    with pytest.raises(DataError, match=rf"2_a_0\.wav: the file {message.removeprefix('the file ')}"):
        read(tmp_path, NAMED)


def test_recordings_without_sound_are_named(tmp_path: Path) -> None:
    write(tmp_path / "1_a_0.wav", [])
    with pytest.raises(DataError, match=r"1_a_0\.wav: the recording holds no samples"):
        read(tmp_path, NAMED)
    soundfile.write(tmp_path / "1_a_0.wav", np.array([0.0, np.nan]), 8000, subtype="FLOAT")
    with pytest.raises(DataError, match=r"1_a_0\.wav: the recording holds samples that are no finite"):
        read(tmp_path, NAMED)


def test_names_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "1_a_0.wav", [1])
    write(tmp_path / "noise.wav", [1])
    with pytest.raises(DataError, match=r"noise\.wav: every clip is named as `\{digit\}_\{speaker\}"):
        read(tmp_path, NAMED)


def test_without_its_library_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "1_a_0.wav", [1])
    monkeypatch.setitem(sys.modules, "soundfile", None)
    with pytest.raises(Refused, match=r"pip install 'rnnlib\[audio\]'"):
        read(tmp_path, NAMED)


@pytest.mark.parametrize("pattern", ["none.wav", "{a}{b}", "{a}_{a}", "{a b}_x", "{a}_}", "{}_x"])
def test_patterns_that_say_nothing_are_refused(pattern: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(NamePattern).validate_python(pattern)


@pytest.mark.parametrize("name", ["file", "audio"])
def test_columns_of_the_source_s_own_are_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="a column that the source makes itself"):
        read(Path(), {**NAMED, "named": f"{{{name}}}.wav"})


def test_patterns_read_from_the_left() -> None:
    assert read_name("{a}_{b}.wav", "x/1_2_3.wav") == {"a": "1", "b": "2_3"}
    assert read_name("{who}/{take}.wav", "x/ann/1.wav") == {"who": "ann", "take": "1"}
    assert read_name("take {a}.wav", "take 7.wav") == {"a": "7"}
    for path in ("1.wav", "_2.wav", "1_2.flac", "1_.wav"):
        assert read_name("{a}_{b}.wav", path) is None


@given(st.lists(st.text("abc", min_size=1), min_size=1, max_size=4))
def test_what_is_written_by_a_pattern_is_read_by_it(values: list[str]) -> None:
    pattern = "-".join(f"{{c{number}}}" for number in range(len(values))) + ".wav"
    assert list((read_name(pattern, "-".join(values) + ".wav") or {}).values()) == values
    assert columns_of(pattern) == [f"c{number}" for number in range(len(values))]


@pytest.mark.parametrize("lost", [1, 2, 300])
def test_a_recording_that_is_cut_off_is_refused(tmp_path: Path, lost: int) -> None:
    file = tmp_path / "3_ann_0.wav"
    write(file, np.arange(400))
    whole = file.read_bytes()
    file.write_bytes(whole[:-lost])
    with pytest.raises(DataError, match=rf"to have 800 bytes of samples, and the file ends after {800 - lost}"):
        read(tmp_path, NAMED)
    at = whole.index(b"data") + 4
    file.write_bytes(whole[:at] + b"\xff" * 4 + whole[at + 4 :])
    assert read(tmp_path, NAMED).lengths.tolist() == [400], "a recorder that did not know how long it would be"
    file.write_bytes(whole + b"LIST\x04\x00\x00\x00abcd")
    assert read(tmp_path, NAMED).lengths.tolist() == [400]


@pytest.mark.parametrize("clipped", ["refuse", "keep"])
def test_samples_that_are_no_fractions_are_refused(tmp_path: Path, clipped: str) -> None:
    soundfile.write(tmp_path / "3_ann_0.wav", np.arange(-400.0, 400), 8000, subtype="FLOAT")
    with pytest.raises(DataError, match=r"samples are between −1 and 1: received one of 400; write it again, divided"):
        read(tmp_path, {**NAMED, "clipped": clipped})
