"""A process of its own: trains in children that are killed, resumes them, and prints what every one ended with.

The whole matrix, kinds × precisions × points: `python -m tests.rnnlib.training.killed FOLDER 0.1 0.2 0.3 --all`.

Children are forked before this process has trained anything, so that each starts clean without importing torch again.
"""

import hashlib
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rnnlib.training import checkpoints, fit, step_folder
from rnnlib.training.learning import Learning
from tests.rnnlib.training.toys import EVERY_KIND, Toy, mixed, toy


def child(body: Callable[[], None]) -> int:
    """Runs `body` in a fork; its exit status, negative for a signal."""
    if (process := os.fork()) == 0:
        try:
            body()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def after_steps(count: int) -> Callable[[], None]:
    """Dies once `count` optimizer steps are done."""

    def arm() -> None:
        move, left = Learning.move, [count]

        def moved(*arguments: Any) -> None:
            move(*arguments)
            left[0] -= 1
            if not left[0]:
                die()

        Learning.move = moved  # type: ignore[method-assign, assignment]

    return arm


def in_save(number: int, operation: str) -> Callable[[], None]:
    """Dies at the `number`-th call of a file operation."""

    def arm() -> None:
        left = [number]

        class Mortal:
            def __getattr__(self, name: str) -> Any:
                if name == operation:
                    left[0] -= 1
                    if not left[0]:
                        die()
                return getattr(os, name)

        step_folder.os = Mortal()  # type: ignore[assignment]

    return arm


POINTS = {
    "first step": (after_steps(1), False),
    "middle of an epoch": (after_steps(6), False),
    "middle of a long epoch": (after_steps(6), True),
    "a later epoch": (after_steps(11), False),
    "a write of a save": (in_save(9, "write"), True),
    "the rename of a save": (in_save(2, "rename"), False),
}
"""Where a process dies, and whether it saves after every batch, as in an epoch that takes hours."""


FEW = ("middle of a long epoch", "a write of a save")
"""Where trainings in 16 bits die when the tests run; `--all` makes them die everywhere."""
HALF = ("bfloat16", "float16")


def subject_of(name: str) -> Toy:
    """A kind, or `kind in precision`: with all else that a step may rest on, too."""
    kind, _, precision = name.partition(" in ")
    if not precision:
        return toy(kind)
    more = {"batch": 8, "accumulate": 2, "average": {"decay": 0.8}, "schedule": {"kind": "plateau", "patience": 0}}
    return mixed(kind, precision, **more)


def trained(kind: str, folder: Path, *, every_batch: bool) -> None:
    if every_batch:
        checkpoints.SECONDS, checkpoints.SHARE = 0.0, 1e9
    subject = subject_of(kind)
    result = fit(
        subject.section, subject.data, subject.shape, classes=subject.classes, seed=11, folder=folder / "checkpoints"
    )
    weights = b"".join(tensor.numpy().tobytes() for tensor in result.module.state_dict().values())
    newest = checkpoints.Checkpoints(folder / "checkpoints", "").steps()[0]
    files = json.loads((newest / step_folder.MANIFEST).read_text())
    ended = {"best": hashlib.sha256(weights).hexdigest(), **files, "history": result.as_json()}
    (folder / "ended.json").write_text(json.dumps(ended))


def ended(folder: Path) -> Any:
    return json.loads((folder / "ended.json").read_text())


def one(kind: str, root: Path, name: str, arm: Callable[[], None], *, every_batch: bool) -> dict[str, Any]:
    folder = root / f"{kind}-{name.replace(' ', '-')}"
    folder.mkdir()

    def killed() -> None:
        arm()
        trained(kind, folder, every_batch=every_batch)

    struck = child(killed)
    resumed_from = [path.name for path in (folder / "checkpoints").glob("step-*")]
    again = child(lambda: trained(kind, folder, every_batch=every_batch))
    return {"struck": struck, "resumed from": resumed_from, "again": again, "ended": ended(folder)}


def at_random(kind: str, root: Path, seconds: list[float]) -> dict[str, Any]:
    """Killed after each of `seconds`, then left alone."""
    folder = root / f"{kind}-at-random"
    folder.mkdir()
    for wait in seconds:
        if (process := os.fork()) == 0:
            trained(kind, folder, every_batch=True)
            os._exit(0)
        time.sleep(wait)
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
    return {"again": child(lambda: trained(kind, folder, every_batch=True)), "ended": ended(folder)}


def main(root: Path, waits: list[float], everywhere: bool) -> None:
    found: dict[str, Any] = {}
    for kind in (*EVERY_KIND, *(f"{kind} in {precision}" for kind in EVERY_KIND for precision in HALF)):
        whole = root / kind
        whole.mkdir()
        assert child(lambda kind=kind, whole=whole: trained(kind, whole, every_batch=False)) == 0  # type: ignore[misc]
        found[kind] = {"whole": ended(whole)}
        if kind in EVERY_KIND or everywhere:
            found[kind]["random"] = at_random(kind, root, waits)
        for name, (arm, every_batch) in POINTS.items():
            if kind in EVERY_KIND or everywhere or name in FEW:
                found[kind][name] = one(kind, root, name, arm, every_batch=every_batch)
    print(json.dumps(found))


if __name__ == "__main__":
    given = [argument for argument in sys.argv[2:] if argument != "--all"]
    main(Path(sys.argv[1]), [float(wait) for wait in given], everywhere="--all" in sys.argv)
