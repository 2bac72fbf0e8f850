"""Runs a checked spec from raw data to its last step, tracks it truthfully, and always writes a report."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from flows.chain import Step
from flows.check import Checked
from flows.execute import Call, Context, Done, Progress, execute, outlook, perform
from flows.home import home_of
from flows.outcome import Outcome
from flows.record import Record
from flows.render import rendered
from flows.signals import Interrupted, interruptible
from rnnlib.errors import Refused
from tasks.store import Store, Stored, digest_of
from tasks.tracking import tracked

Engine = Callable[[Checked, Context, Call], object]
"""Calls every step of a chain through `call`, in its own way."""


def inline(checked: Checked, _context: Context, call: Call) -> None:
    """The engine without a server: task bodies are called directly."""
    execute(checked.chain, call)


def run(
    checked: Checked,
    *,
    engine: Engine = inline,
    progress: Progress | None = None,
    done: Callable[[Done], None] = lambda _done: None,
    command: str | None = None,
) -> Outcome:
    """Runs the spec and says how it ended; what went wrong is in the outcome, never raised.

    `done` is called after each step. `command` is what a person types to run this again.
    """
    outcome = Outcome(checked.spec.name, command=command or f"rnn run {checked.shown}")
    home = home_of(checked.place.root)
    started = time.monotonic()
    try:
        with interruptible(), _run_in(home, checked, outcome, progress or Progress()) as (context, record):
            engine(checked, context, _calling(context, outcome, record, done))
    except Refused as refusal:
        outcome.failed(checked, refusal)
    except (Interrupted, KeyboardInterrupt) as interruption:
        outcome.interrupted(interruption)
    except Exception:  # a defect of ours or the machine's: the report and the caller get all of it
        outcome.broke(traceback.format_exc())
    outcome.seconds = time.monotonic() - started
    return outcome


@contextmanager
def _run_in(home: Path, checked: Checked, outcome: Outcome, progress: Progress) -> Iterator[tuple[Context, Record]]:
    """Everything around the steps: the store, the ledger, the run in MLflow, the report."""
    spec = checked.spec
    context = Context(checked.place, Store(home), spec.seed, progress)
    key = digest_of({"spec": rendered(spec), "file": str(checked.file.resolve())})
    record = Record(home, checked, outcome, key)
    if len(outlook(checked.chain, context)) == len(checked.chain.steps):
        yield context, record  # nothing will be executed: there is nothing new to track
        record.found_again()
        return
    experiment = spec.track.experiment or spec.name
    with tracked(home, experiment, key, spec.name, dict(spec.track.tags)) as tracking:
        context = replace(context, tracking=record.tracking_of)
        record.begin(tracking)
        try:
            yield context, record
        except Refused as refusal:
            outcome.failed(checked, refusal)
            raise
        except (Interrupted, KeyboardInterrupt) as interruption:
            outcome.interrupted(interruption)
            raise
        except Exception:
            outcome.broke(traceback.format_exc())
            raise
        finally:
            record.end(tracking)


def _calling(context: Context, outcome: Outcome, record: Record, done: Callable[[Done], None]) -> Call:
    def call(step: Step, inputs: Mapping[str, Stored]) -> Stored:
        outcome.at_step = step.name
        finished = perform(step, inputs, context)
        outcome.steps.append(finished)
        outcome.at_step = None
        record.step(finished)
        done(finished)
        return finished.stored

    return call
