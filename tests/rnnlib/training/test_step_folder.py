"""Step folders under kills, full disks and flipped bits."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rnnlib.training import step_folder
from rnnlib.training.step_folder import MANIFEST, Damaged, read_folder, write_folder

FILES = {"weights.safetensors": bytes(range(256)) * 8, "state.json": b'{"epoch": 3}', "empty": b""}


class Failing:
    """`os` as step_folder sees it, with something happening at the n-th operation."""

    OPERATIONS = ("mkdir", "open", "write", "fsync", "close", "rename")

    def __init__(self, at: int, happens: Callable[[str, tuple[Any, ...]], None]) -> None:
        self.at, self.happens, self.count = at, happens, 0

    def __getattr__(self, name: str) -> Any:
        function = getattr(os, name)
        if name not in self.OPERATIONS:
            return function

        def operation(*arguments: Any) -> Any:
            self.count += 1
            if self.count == self.at:
                self.happens(name, arguments)
            return function(*arguments)

        return operation


def operations_of_a_save(folder: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    counting = Failing(0, lambda _name, _arguments: None)
    with monkeypatch.context() as patch:
        patch.setattr(step_folder, "os", counting)
        write_folder(folder / "counted", FILES)
    return counting.count


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_folder(tmp_path / "step", FILES)
    assert read_folder(tmp_path / "step") == FILES
    assert [path.name for path in tmp_path.iterdir()] == ["step"]


def test_a_folder_is_never_overwritten(tmp_path: Path) -> None:
    write_folder(tmp_path / "step", FILES)
    with pytest.raises(OSError, match="not empty"):
        write_folder(tmp_path / "step", {"other": b"1"})
    assert read_folder(tmp_path / "step") == FILES
    assert [path.name for path in tmp_path.iterdir()] == ["step"]


def test_a_kill_at_every_operation_leaves_it_complete_or_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(name: str, arguments: tuple[Any, ...]) -> None:
        if name == "write":  # torn in the middle
            os.write(arguments[0], arguments[1][: len(arguments[1]) // 2])
        os._exit(9)

    complete = []
    count = operations_of_a_save(tmp_path, monkeypatch)
    for at in range(1, count + 1):
        step = tmp_path / f"step-{at}"
        if (child := os.fork()) == 0:
            step_folder.os = Failing(at, die)  # type: ignore[assignment]
            try:
                write_folder(step, FILES)
            finally:
                os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9, "the kill was meant to strike"
        complete.append(step.exists())
        if step.exists():
            assert read_folder(step) == FILES
        write_folder(tmp_path / f"step-{at}-again", FILES)
    assert count > 15
    assert complete == sorted(complete), "once it has its name, it stays complete"
    assert not complete[0]
    assert complete[-1]


def test_everything_is_flushed_before_the_folder_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    class Recording(Failing):
        def __getattr__(self, name: str) -> Any:
            function = getattr(os, name)
            if name not in self.OPERATIONS:
                return function
            return lambda *arguments: (calls.append(name), function(*arguments))[1]

    monkeypatch.setattr(step_folder, "os", Recording(0, lambda *_: None))
    write_folder(tmp_path / "step", FILES)
    named = calls.index("rename")
    assert calls[:named].count("fsync") == len(FILES) + 2, "every file, the manifest, and the folder"
    assert calls[named:].count("fsync") == 1, "the parent"


def test_a_full_disk_at_every_operation_raises_and_leaves_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_name: str, _arguments: tuple[Any, ...]) -> None:
        raise OSError(errno.ENOSPC, "no space left on device")

    count = operations_of_a_save(tmp_path, monkeypatch)
    for at in range(1, count + 1):
        step = tmp_path / f"step-{at}"
        monkeypatch.setattr(step_folder, "os", Failing(at, full))
        with pytest.raises(OSError, match="no space left"):
            write_folder(step, FILES)
        assert not list(tmp_path.glob(".*"))
        if step.exists():
            assert read_folder(step) == FILES


@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
def test_every_flipped_bit_and_every_cut_is_seen(tmp_path: Path, data: st.DataObject) -> None:
    step = tmp_path / f"step-{len(list(tmp_path.iterdir()))}"
    write_folder(step, FILES)
    file = step / data.draw(st.sampled_from([name for name in (*FILES, MANIFEST) if FILES.get(name, b"x")]))
    content = bytearray(file.read_bytes())
    if data.draw(st.booleans()):
        bit = data.draw(st.integers(0, len(content) * 8 - 1))
        content[bit // 8] ^= 1 << bit % 8
    else:
        del content[data.draw(st.integers(0, len(content) - 1)) :]
    file.write_bytes(bytes(content))
    try:
        found = read_folder(step)
    except Damaged:
        return
    # a flipped bit in the manifest's white space tells nothing else: then the content must be whole
    assert file.name == MANIFEST
    assert found == FILES


@pytest.mark.parametrize("name", [*FILES, MANIFEST])
def test_a_missing_file_is_seen(tmp_path: Path, name: str) -> None:
    write_folder(tmp_path / "step", FILES)
    (tmp_path / "step" / name).unlink()
    with pytest.raises(Damaged):
        read_folder(tmp_path / "step")


def test_an_added_file_is_seen(tmp_path: Path) -> None:
    write_folder(tmp_path / "step", FILES)
    (tmp_path / "step" / "more").write_text("x")
    with pytest.raises(Damaged, match="not those of its manifest"):
        read_folder(tmp_path / "step")
