"""A chain of trivial steps, and a run of it: what the tests of the engine carry out."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar, Literal

from pydantic import Field

from flows.chain import Chain, Step
from flows.execute import Context, Done, perform
from flows.prefect_engine import PrefectEngine
from flows.server import EmbeddedServer
from rnnlib.errors import Refused
from rnnlib.part import Part
from rnnlib.place import Place
from tasks.base import Rows, Task, Value, Work
from tasks.store import Store, Stored


class Trivial(Task):
    """Writes a number, and does what it is told on the way."""

    task: Literal["trivial"] = "trivial"
    gives: ClassVar[type[Value]] = Rows
    retries: ClassVar[int] = 2
    number: int = Field(1, description="the number")
    how: Literal["well", "refuses", "breaks", "breaks once", "is interrupted", "hangs"] = Field(
        "well", description="how it goes"
    )

    def perform(self, inputs: Mapping[str, Stored], at: Path, work: Work) -> None:
        """Writes the number into `number.json`."""
        work.progress(1, 2, "half way")
        work.progress(2, 2, "done")
        work.say(f"the number is {self.number}")
        HOW[self.how](work)
        (at / "number.json").write_text(json.dumps(self.number))
        (at / "summary.json").write_text(json.dumps({"rows": self.number, "a|b": "c\nd"}))


def _refuse(_work: Work) -> None:
    raise Refused("the column `co2` is not there: name one that is")


def _break(_work: Work) -> None:
    raise OSError("the planted secret 7d0c5f")


def _break_once(work: Work) -> None:
    mark = work.store.home / "broke"
    if not mark.exists():
        mark.touch()
        _break(work)


def _interrupt(_work: Work) -> None:
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(10)


def _hang(work: Work) -> None:
    (work.store.home / "hangs").touch()
    time.sleep(60)


HOW: Mapping[str, Callable[[Work], None]] = {
    "well": lambda _work: None,
    "refuses": _refuse,
    "breaks": _break,
    "breaks once": _break_once,
    "is interrupted": _interrupt,
    "hangs": _hang,
}


class _Track(Part):
    tags: dict[str, str] = Field({}, description="tags")


class _Spec(Part):
    name: str = Field(description="the name")
    steps: dict[str, Trivial] = Field(description="the steps")
    track: _Track = Field(_Track(tags={"owner": "grid"}), description="tracking")


def checked_of(name: str, **how: str) -> Any:
    """A checked spec of four trivial steps in a row; `how` says how a step goes."""
    names = ("first", "second", "third", "fourth")
    sections = {one: Trivial(number=number, how=how.get(one, "well")) for number, one in enumerate(names)}
    steps = [
        Step(one, sections[one], {"rows": names[number - 1]} if number else {}) for number, one in enumerate(names)
    ]
    return SimpleNamespace(spec=_Spec(name=name, steps=sections), chain=Chain(tuple(steps), 7))


def run(engine: PrefectEngine, home: Path, checked: Any) -> None:
    """Runs it as `flows.run` would."""
    context = Context(Place(home, home), Store(home), 7, progress=engine.progress)

    def call(step: Step, inputs: Mapping[str, Stored]) -> Stored:
        done = perform(step, inputs, context)
        engine.done(done)
        return done.stored

    engine(checked, context, call)


def engine_of(server: EmbeddedServer, done: list[Done] | None = None) -> PrefectEngine:
    """An engine that notes what is done."""
    return PrefectEngine(server, done=(done if done is not None else []).append)
