"""Carries out a chain: one `execute`, whatever engine calls the steps.

A step whose key is in the store is not executed. The key is a digest of the resolved section, the inputs' digests, the
bytes of rnnlib and of tasks, the versions that numbers come from, the seed where the step draws, and what the step says
it rests on.
"""

from __future__ import annotations

import inspect
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from typing import Any, NamedTuple

from flows.chain import Chain, Step
from rnnlib.errors import Refused
from rnnlib.part import Part
from rnnlib.place import Place
from tasks.base import Work
from tasks.store import Store, Stored, code_digest, digest_of
from tasks.tracking import Tracking


class Done(NamedTuple):
    """A finished step: its handle, whether it was executed (else it was found), and for how long."""

    name: str
    task: str
    key: str
    stored: Stored
    executed: bool
    seconds: float


@dataclass(frozen=True)
class Progress:
    """Where a step tells how far it is."""

    advance: Callable[[str, int, int, str], None] = field(default=lambda _step, _done, _total, _note: None)
    say: Callable[[str, str], None] = field(default=lambda _step, _line: None)


@dataclass(frozen=True)
class Context:
    """What all steps of a run share. `tracking` gives a step its run in MLflow, opened when the first step executes."""

    place: Place
    store: Store
    seed: int
    pipeline: str = ""
    progress: Progress = field(default_factory=Progress)
    tracking: Callable[[str], Tracking | None] = field(default=lambda _step: None)


Call = Callable[[Step, Mapping[str, Stored]], Stored]
"""Performs one step, given the handles of its inputs by slot."""


def execute(chain: Chain, call: Call) -> dict[str, Stored]:
    """Calls every step in order with the handles of its inputs."""
    done: dict[str, Stored] = {}
    for step in chain.steps:
        done[step.name] = call(step, {slot: done[source] for slot, source in step.inputs.items()})
    return done


def key_of(step: Step, inputs: Mapping[str, Stored], context: Context) -> str:
    """The digest of everything that the step's result rests on."""
    return _key(step, inputs, context, step.section.rests_on(context.place))


def _key(step: Step, inputs: Mapping[str, Stored], context: Context, rests_on: Any) -> str:
    section = step.section
    return digest_of(
        {
            "section": section.model_dump(mode="json", by_alias=True, exclude={"from_"}),
            "inputs": {slot: stored.digest for slot, stored in inputs.items()},
            "code": code_digest(*_files(section)),
            "versions": {name: version(name) for name in ("numpy", "polars", "torch")},
            "seed": context.seed if section.draws() else None,
            "rests on": rests_on,
            "held to": section.held_to(_work(step, "", context), rests_on),
        }
    )


def perform(step: Step, inputs: Mapping[str, Stored], context: Context) -> Done:
    """Finds the step's result in the store, or executes it under a lock on its key."""
    started = time.monotonic()
    rests_on = step.section.rests_on(context.place)
    key = _key(step, inputs, context, rests_on)
    work = replace(_work(step, key, context), rests_on=rests_on)

    def done(stored: Stored, *, executed: bool) -> Done:
        if not executed:
            _warn_again(stored, work)
        return Done(step.name, step.section.task, key, stored, executed, time.monotonic() - started)

    if (found := context.store.open(key)) is not None and step.section.still_valid(found, work):
        return done(found, executed=False)
    with context.store.alone(key, work.say):
        if (found := context.store.open(key)) is not None:
            if step.section.still_valid(found, work):  # whoever held the lock has computed it
                return done(found, executed=False)
            context.store.discard(key)
        context.store.work(key)
        context.store.note_origin(key, {slot: stored.path.name for slot, stored in inputs.items()})
        tracked = replace(work, tracking=context.tracking(step.name))
        stored = context.store.keep(key, lambda at: step.section.perform(inputs, at, tracked))
        context.store.done_with(key)
    return done(stored, executed=True)


def _warn_again(stored: Stored, work: Work) -> None:
    """What a step found suspicious holds for every run that goes on from its result."""
    summary = stored.path / "summary.json"
    if summary.is_file() and (suspicious := json.loads(summary.read_text()).get("suspicious")):
        work.say(suspicious)


def outlook(chain: Chain, context: Context) -> list[Done]:
    """The steps whose results stand in the store: as many as the chain has where nothing changed."""
    found: list[Done] = []
    done: dict[str, Stored] = {}
    for step in chain.steps:
        if any(source not in done for source in step.inputs.values()):
            continue
        try:
            key = key_of(step, {slot: done[source] for slot, source in step.inputs.items()}, context)
        except (Refused, OSError):
            continue  # a file that is not there, say: it is refused where the step is performed, and reported there
        stored = context.store.open(key)
        if stored is not None and step.section.still_valid(stored, _work(step, key, context)):
            done[step.name] = stored
            found.append(Done(step.name, step.section.task, key, stored, executed=False, seconds=0.0))
    return found


def _work(step: Step, key: str, context: Context) -> Work:
    return Work(
        step=step.name,
        seed=context.seed,
        place=context.place,
        store=context.store,
        folder=context.store.home / "work" / key,
        pipeline=context.pipeline,
        progress=lambda done, total, note: context.progress.advance(step.name, done, total, note),
        say=lambda line: context.progress.say(step.name, line),
    )


def _files(section: Part) -> list[str]:
    """The files that define the section's class and every part in it: installed packages' parts count too."""
    return sorted({inspect.getfile(type(part)) for part in _parts(section)})


def _parts(value: Any) -> Iterator[Part]:
    if isinstance(value, Part):
        yield value
        for name in type(value).model_fields:
            yield from _parts(getattr(value, name))
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _parts(item)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _parts(item)
