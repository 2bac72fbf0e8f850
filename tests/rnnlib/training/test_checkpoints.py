"""Checkpoints under interruptions, full disks, flipped bits and changed circumstances."""

import errno
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from rnnlib.errors import Refused
from rnnlib.training import Fit, checkpoints, fit, step_folder
from rnnlib.training.checkpoints import Checkpoints
from rnnlib.training.feed import Feed
from rnnlib.training.learner import Learner
from rnnlib.training.learning import Learning
from rnnlib.training.step_folder import MANIFEST, read_folder
from tests.rnnlib.training.test_step_folder import Failing
from tests.rnnlib.training.toys import KINDS, toy


@pytest.fixture
def every_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "SECONDS", 0.0)
    monkeypatch.setattr(checkpoints, "SHARE", 1e9)


@pytest.fixture
def every_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "SHARE", 1e9)


def trained(kind: str, folder: Path | None = None, **more: Any) -> Fit:
    subject = toy(kind, **more.pop("section", {}))
    return fit(subject.section, subject.data, subject.shape, classes=subject.classes, seed=11, folder=folder, **more)


def bits(module: torch.nn.Module) -> list[bytes]:
    return [tensor.numpy().tobytes() for tensor in module.state_dict().values()]


def same(one: Fit, other: Fit) -> bool:
    return bits(one.module) == bits(other.module) and one.as_json() == other.as_json()


def steps(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("step-*"))


def name(epoch: int, batch: int = 0) -> str:
    return f"step-{epoch:08d}-{batch:012d}"


class Stop(BaseException):
    """What a scheduler's signal handler raises."""


def stop_after(epoch: int, how: BaseException) -> Callable[[int, dict[str, float]], None]:
    def report(seen: int, _record: dict[str, float]) -> None:
        if seen == epoch:
            raise how

    return report


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("how", [KeyboardInterrupt(), SystemExit(143), Stop()])
def test_an_interruption_saves_goes_up_and_is_resumed_exactly(kind: str, how: BaseException, tmp_path: Path) -> None:
    with pytest.raises(type(how)):
        trained(kind, tmp_path, report=stop_after(2, how))
    assert steps(tmp_path)[-1] == name(3), "saved where it stood, whenever the last save was"
    assert same(trained(kind, tmp_path), trained(kind))


def test_patience_goes_on_where_it_stood(tmp_path: Path) -> None:
    section = {"epochs": 20, "early_stopping": {"patience": 3, "min_change": 1e6}}
    with pytest.raises(KeyboardInterrupt):
        trained("regressor", tmp_path, section=section, report=stop_after(3, KeyboardInterrupt()))
    found = trained("regressor", tmp_path, section=section)
    assert (found.stopped, len(found.history)) == ("early", 4)


def struck_in_step(monkeypatch: pytest.MonkeyPatch, at: int, strike: Callable[[], None]) -> None:
    """Something happens within the `at`-th step: the weights are moved, the cursor is not."""
    move, done = Learning.move, []

    def moved(*arguments: Any) -> None:
        move(*arguments)
        done.append(1)
        if len(done) == at:
            strike()

    monkeypatch.setattr(Learning, "move", moved)


@pytest.mark.parametrize("at", [1, 2, 5, 9])
@pytest.mark.parametrize("kind", KINDS)
def test_a_signal_within_the_optimizer_waits_and_nothing_is_lost(
    kind: str, at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    struck_in_step(monkeypatch, at, lambda: signal.raise_signal(signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        trained(kind, tmp_path)
    epoch, batch = steps(tmp_path)[-1].split("-")[1:]
    per_epoch = -(-70 // 16) if kind == "forecaster" else -(-36 // 16)
    assert (int(epoch) - 1) * per_epoch + int(batch) == at, "the step under way is counted, whole"
    monkeypatch.undo()
    assert same(trained(kind, tmp_path), trained(kind))


def test_what_no_handler_could_hold_back_is_not_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def raised_from_elsewhere() -> None:  # as by another thread, into the middle of a step
        raise Stop

    struck_in_step(monkeypatch, 5, raised_from_elsewhere)
    with pytest.raises(Stop):
        trained("classifier", tmp_path)
    assert steps(tmp_path) == [name(2)], "the end of the epoch before, and no state that is half of a step"
    monkeypatch.undo()
    assert same(trained("classifier", tmp_path), trained("classifier"))


@pytest.mark.usefixtures("every_batch")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Python drops what strikes a finaliser
def test_signals_at_any_line_are_survived(tmp_path: Path) -> None:
    """A timer that strikes every few milliseconds, again and again, until the training gets through."""

    def strike(*_: object) -> None:
        raise Stop

    before = signal.signal(signal.SIGALRM, strike)
    strikes, found = 0, None
    try:
        while found is None:
            signal.setitimer(signal.ITIMER_REAL, 0.03 + 0.007 * (strikes % 9) + 0.002 * strikes)
            try:
                found = trained("classifier", tmp_path)
            except Stop:
                strikes += 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert strikes > 0
    assert same(found, trained("classifier"))


@pytest.mark.usefixtures("every_epoch")
def test_an_error_stores_nothing_of_what_went_wrong(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        trained("regressor", tmp_path, report=stop_after(3, RuntimeError()))
    assert steps(tmp_path)[-1] == name(4)
    assert same(trained("regressor", tmp_path), trained("regressor"))


@pytest.mark.usefixtures("every_epoch")
def test_a_finished_training_is_not_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = trained("regressor", tmp_path)
    seen = []
    monkeypatch.setattr(Learning, "move", None)
    again = trained("regressor", tmp_path, report=lambda epoch, record: seen.append((epoch, record)))
    assert same(again, first)
    assert seen == list(enumerate(first.history, start=1)), "reported again, for a tracker that has lost them"


def test_what_was_best_before_an_interruption_stays_the_best(tmp_path: Path) -> None:
    worse = {"epochs": 6, "early_stopping": None, "optimizer": {"kind": "sgd", "learning_rate": 0.8}}
    whole = trained("regressor", section=worse)
    with pytest.raises(KeyboardInterrupt):
        trained("regressor", tmp_path, section=worse, report=stop_after(whole.best_epoch, KeyboardInterrupt()))
    assert whole.best_epoch < 6, "else this shows nothing"
    assert same(trained("regressor", tmp_path, section=worse), whole)


def test_an_interruption_right_after_a_resume_has_nothing_to_save(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(KeyboardInterrupt):
        trained("regressor", tmp_path, report=stop_after(2, KeyboardInterrupt()))
    before = steps(tmp_path)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Feed, "training", interrupted)
    with pytest.raises(KeyboardInterrupt) as again:
        trained("regressor", tmp_path)
    assert steps(tmp_path) == before
    assert not hasattr(again.value, "__notes__"), "nothing failed"


@pytest.mark.usefixtures("every_epoch")
def test_two_steps_stay_and_the_one_that_first_held_the_best_weights(tmp_path: Path) -> None:
    worse = {"epochs": 6, "early_stopping": None, "optimizer": {"kind": "sgd", "learning_rate": 0.8}}
    found = trained("regressor", tmp_path, section=worse)
    assert found.best_epoch < 5, "else this shows nothing"
    assert steps(tmp_path) == [name(found.best_epoch + 1), name(6), name(7)]


def recorded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    written: list[str] = []

    def write(step: Path, files: dict[str, bytes]) -> None:
        written.append(step.name)
        step_folder.write_folder(step, files)

    monkeypatch.setattr(checkpoints, "write_folder", write)
    return written


def test_short_epochs_are_not_each_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "SHARE", 1e-9)
    written = []
    write = step_folder.write_folder
    monkeypatch.setattr(
        checkpoints, "write_folder", lambda step, files: (written.append(step.name), write(step, files))
    )
    trained("regressor", tmp_path)
    assert written == [name(2), name(5)], "the first, and the end"


@pytest.mark.usefixtures("every_batch")
def test_long_epochs_are_saved_within(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = []
    write = step_folder.write_folder
    monkeypatch.setattr(
        checkpoints, "write_folder", lambda step, files: (written.append(step.name), write(step, files))
    )
    trained("regressor", tmp_path, section={"epochs": 1})
    assert written == [name(1, 1), name(1, 2), name(1, 3), name(2, 0)]


# Damage


def damaged(file: Path, how: str) -> None:
    content = bytearray(file.read_bytes())
    if how == "flip":
        content[len(content) // 2] ^= 4
    elif how == "cut":
        del content[len(content) // 2 :]
    file.write_bytes(bytes(content))
    if how == "missing":
        file.unlink()


@pytest.mark.usefixtures("every_epoch")
def test_where_every_step_is_damaged_training_begins_anew_and_says_so(tmp_path: Path) -> None:
    whole = trained("regressor", tmp_path)
    for step in steps(tmp_path):
        damaged(tmp_path / step / "weights.safetensors", "flip")
    said: list[str] = []
    again = trained("regressor", tmp_path, say=said.append)
    assert same(whole, again)
    assert [line.rsplit("; ")[-1] for line in said] == [
        *["going on from the one before"] * (len(said) - 1),
        "none is left: the training begins anew",
    ]


@pytest.mark.usefixtures("every_epoch")
@pytest.mark.parametrize("how", ["flip", "cut", "missing"])
@pytest.mark.parametrize(
    "file", ["weights.safetensors", "optimizer.safetensors", "best.safetensors", "state.json", MANIFEST]
)
def test_a_damaged_step_is_set_aside_and_the_one_before_is_used(file: str, how: str, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        trained("regressor", tmp_path, report=stop_after(3, KeyboardInterrupt()))
    newest = steps(tmp_path)[-1]
    damaged(tmp_path / newest / file, how)
    said: list[str] = []
    found = trained("regressor", tmp_path, say=said.append)
    assert len(said) == 1
    assert newest in said[0]
    assert "going on from the one before" in said[0]
    assert (tmp_path / f"damaged-{newest}").is_dir()
    assert same(found, trained("regressor"))


@pytest.mark.usefixtures("every_epoch")
def test_where_all_are_damaged_it_starts_afresh_and_warns(tmp_path: Path) -> None:
    trained("regressor", tmp_path)
    for step in steps(tmp_path):
        damaged(tmp_path / step / "weights.safetensors", "flip")
    with pytest.warns(UserWarning, match="is damaged"):
        found = trained("regressor", tmp_path)
    assert same(found, trained("regressor"))


# Failures and kills at every file operation


class Saver:
    """A learner with one step saved, about to save the next one, which also removes an old one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        subject = toy("regressor")
        self.learner = Learner.fresh(subject.section, subject.shape, 0)
        self.saving = Checkpoints(folder, "this one")
        for epoch in (1, 2, 3):
            self.mark(epoch)
            self.saving.save(self.learner)
        self.mark(4)

    def mark(self, epoch: int) -> None:
        """An epoch, and weights that tell it."""
        self.learner.state.epoch, self.learner.state.best_epoch = epoch, epoch - 1
        with torch.no_grad():
            for weight in self.learner.module.parameters():
                weight.fill_(float(epoch))

    def found(self) -> tuple[int, float]:
        """The epoch that is restored, and what its weights say."""
        subject = toy("regressor")
        learner = Learner.fresh(subject.section, subject.shape, 0)
        assert Checkpoints(self.folder, "this one", self.no_damage).restore(learner)
        return learner.state.epoch, float(next(learner.module.parameters()).detach().flatten()[0])

    @staticmethod
    def no_damage(line: str) -> None:
        raise AssertionError(line)


def everywhere(monkeypatch: pytest.MonkeyPatch, failing: Failing) -> None:
    monkeypatch.setattr(step_folder, "os", failing)
    monkeypatch.setattr(checkpoints, "os", failing)


def count_of_a_save(folder: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    counting = Failing(0, lambda _name, _arguments: None)
    with monkeypatch.context() as patch:
        saver = Saver(folder)
        everywhere(patch, counting)
        saver.saving.save(saver.learner)
    assert len(steps(folder)) == 2, "it removes an old step too"
    return counting.count


def test_a_kill_at_every_file_operation_of_a_save(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    count = count_of_a_save(tmp_path / "counted", monkeypatch)
    outcomes = []
    for at in range(1, count + 1):
        saver = Saver(tmp_path / str(at))
        if (child := os.fork()) == 0:
            try:
                everywhere(monkeypatch, Failing(at, lambda _name, _arguments: os._exit(9)))
                saver.saving.save(saver.learner)
            finally:
                os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
        epoch, weight = saver.found()
        assert epoch == weight, "the state and its weights belong together"
        outcomes.append(epoch)
        saver.mark(5)
        saver.saving.save(saver.learner)
        assert saver.found() == (5, 5.0), "and it can be saved to again"
        shutil.rmtree(saver.folder)
    assert set(outcomes) == {3, 4}, "the step before, or the new one; nothing older"
    assert outcomes == sorted(outcomes)


def test_a_kill_while_an_old_step_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def half(doomed: Path, **_options: bool) -> None:
        if doomed.name.endswith(".old"):
            next(doomed.iterdir()).unlink()
            os._exit(9)

    saver = Saver(tmp_path)
    if (child := os.fork()) == 0:
        monkeypatch.setattr(shutil, "rmtree", half)
        saver.saving.save(saver.learner)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert saver.found() == (4, 4.0)
    assert len(steps(tmp_path)) == 2
    assert not list(tmp_path.glob(".*"))


def test_a_full_disk_at_every_file_operation_of_a_save(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_name: str, _arguments: tuple[Any, ...]) -> None:
        raise OSError(errno.ENOSPC, "no space left on device")

    count = count_of_a_save(tmp_path / "counted", monkeypatch)
    for at in range(1, count + 1):
        saver = Saver(tmp_path / str(at))
        with monkeypatch.context() as patch:
            everywhere(patch, Failing(at, full))
            with pytest.raises(OSError, match="no space left"):
                saver.saving.save(saver.learner)
        assert saver.found() in [(3, 3.0), (4, 4.0)]
        shutil.rmtree(saver.folder)


def test_nothing_old_is_removed_before_the_new_step_is_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saver = Saver(tmp_path)
    before = steps(tmp_path)

    def write_badly(step: Path, files: dict[str, bytes]) -> None:
        step_folder.write_folder(step, files)
        damaged(step / "weights.safetensors", "flip")

    monkeypatch.setattr(checkpoints, "write_folder", write_badly)
    with pytest.raises(Refused, match="differs from its manifest"):
        saver.saving.save(saver.learner)
    assert set(before) < set(steps(tmp_path))


def test_an_interruption_on_a_full_disk_stays_an_interruption(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "SHARE", 1e-9)

    def report(epoch: int, _record: dict[str, float]) -> None:
        if epoch == 2:
            monkeypatch.setattr(checkpoints, "write_folder", full)
            raise KeyboardInterrupt

    def full(_step: Path, _files: dict[str, bytes]) -> None:
        raise OSError(errno.ENOSPC, "no space left on device")

    with pytest.raises(KeyboardInterrupt) as interrupted:
        trained("regressor", tmp_path, report=report)
    assert "could not be saved" in interrupted.value.__notes__[0]
    assert steps(tmp_path) == [name(2)]


# Changed circumstances


@pytest.mark.usefixtures("every_epoch")
def test_other_threads_are_said_and_marked(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        trained("regressor", tmp_path, report=stop_after(2, KeyboardInterrupt()))
    said: list[str] = []
    found = trained("regressor", tmp_path, section={"threads": 2}, say=said.append)
    assert not found.exact
    assert not found.as_json()["bit_exact"]
    assert "threads" in said[0]
    assert trained("regressor").exact


@pytest.mark.usefixtures("every_epoch")
def test_what_was_once_not_exact_stays_marked(tmp_path: Path) -> None:
    for epoch, threads in ((2, 1), (3, 2)):
        with pytest.raises(KeyboardInterrupt):
            trained(
                "regressor",
                tmp_path,
                section={"threads": threads},
                report=stop_after(epoch, KeyboardInterrupt()),
                say=lambda _line: None,
            )
    assert not trained("regressor", tmp_path, section={"threads": 2}).exact


@pytest.mark.usefixtures("every_epoch")
@pytest.mark.parametrize("change", [{"batch": 17}, {"clip": 0.5}, {"optimizer": {"kind": "sgd"}}, {"epochs": 9}])
def test_checkpoints_of_another_training_are_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    trained("regressor", tmp_path)
    with pytest.raises(Refused, match="another training"):
        trained("regressor", tmp_path, section=change)


@pytest.mark.usefixtures("every_epoch")
def test_there_is_no_pickle_in_a_step(tmp_path: Path) -> None:
    trained("forecaster", tmp_path)
    files = read_folder(tmp_path / steps(tmp_path)[-1])
    assert sorted(files) == ["best.safetensors", "optimizer.safetensors", "state.json", "weights.safetensors"]
    assert not any(content.startswith((b"PK", b"\x80")) and b"pickle" in content for content in files.values())


@pytest.mark.usefixtures("every_batch")
def test_litter_of_a_kill_is_swept(tmp_path: Path) -> None:
    (tmp_path / f".{name(1)}.99").mkdir(parents=True)
    trained("regressor", tmp_path)
    assert not list(tmp_path.glob(".*"))
