"""Runs a checked spec from raw data to its last step, tracks it truthfully, and always writes a report."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from flows.chain import Step
from flows.check import Checked
from flows.execute import Call, Context, Done, Progress, execute, outlook, perform
from flows.home import home_of
from flows.outcome import Outcome
from flows.record import Record
from flows.signals import Interrupted, interruptible
from rnnlib.errors import Refused
from tasks.store import Store, Stored
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
    record = Record(home_of(checked.place.root), checked, outcome)
    outcome.home = record.home
    started = time.monotonic()
    try:
        with interruptible(), _run_in(record, checked, outcome, progress or Progress()) as context:
            engine(checked, context, _calling(context, outcome, record, done))
    except Refused as refusal:
        outcome.failed(checked, refusal)
    except (Interrupted, KeyboardInterrupt) as interruption:
        outcome.interrupted(interruption)
    except Exception:  # a defect of ours or the machine's: the report and the caller get all of it
        outcome.broke(checked, traceback.format_exc())
    try:
        record.reported()
    except Exception:  # a report that cannot be written hides nothing of what went wrong before
        outcome.unreported(checked, traceback.format_exc())
    outcome.seconds = time.monotonic() - started
    return outcome


@contextmanager
def _run_in(record: Record, checked: Checked, outcome: Outcome, progress: Progress) -> Iterator[Context]:
    """Everything around the steps: the store, the ledger, the run in MLflow, the report."""
    spec = checked.spec
    context = Context(checked.place, Store(record.home), spec.seed, spec.name, progress)
    if len(outlook(checked.chain, context)) == len(checked.chain.steps):
        yield context  # nothing will be executed: there is nothing new to track
        record.found_again()
        return
    experiment = spec.track.experiment or spec.name
    with tracked(record.home, experiment, record.key, spec.name, dict(spec.track.tags)) as tracking:
        context = replace(context, tracking=record.tracking_of)
        record.begin(tracking)
        try:
            yield context
        except Refused as refusal:
            outcome.failed(checked, refusal)
            raise
        except (Interrupted, KeyboardInterrupt) as interruption:
            outcome.interrupted(interruption)
            raise
        except Exception:
            outcome.broke(checked, traceback.format_exc())
            raise
        finally:
            try:
                record.end(tracking)
            except Exception:  # a report that cannot be written hides nothing of what went wrong before
                outcome.unreported(checked, traceback.format_exc())


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
