"""Reads the data of a spec and says what a run would do. The steps before training are carried out (and kept)."""

from __future__ import annotations

import json
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flows.chain import Step
from flows.check import Checked, check
from flows.execute import Context, perform
from flows.home import home_of
from flows.problems import SpecError, SpecProblem
from rnnlib.data.dataset import DataSet
from rnnlib.errors import Refused
from tasks.base import Parts, Rows
from tasks.store import Store, Stored
from tasks.train import Train, estimate


@dataclass(frozen=True)
class Plan:
    """What a run would do: the data steps' facts, and an estimate for every training."""

    name: str
    data: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    training: Mapping[str, dict[str, Any]] = field(default_factory=dict)


def plan(file: Path | str, overrides: Sequence[str] = ()) -> Plan:
    """Checks the spec in `file`, reads its data, and estimates its training.

    Raises `SpecError` with what does not fit between the spec and the data, at its line.
    """
    checked = check(file, overrides)
    try:
        return _planned(checked)
    except Refused:
        raise
    except Exception:  # a defect of ours or the machine's, which may hold what a reference stands for
        raise RuntimeError(checked.place.scrubbed(traceback.format_exc())) from None


def _planned(checked: Checked) -> Plan:
    context = Context(checked.place, Store(home_of(checked.place.root)), checked.spec.seed, checked.spec.name)
    done: dict[str, Stored] = {}
    data: dict[str, dict[str, Any]] = {}
    training: dict[str, dict[str, Any]] = {}
    problems: list[SpecProblem] = []
    for step in checked.chain.steps:
        if not all(source in done for source in step.inputs.values()):
            continue
        inputs = {slot: done[source] for slot, source in step.inputs.items()}
        try:
            if issubclass(step.section.gives, Rows | Parts):
                done[step.name] = perform(step, inputs, context).stored
                data[step.name] = _facts(done[step.name])
            elif isinstance(step.section, Train):
                training[step.name] = estimate(step.section, DataSet.open(inputs["data"].path))
        except Refused as refusal:
            problems.append(_problem(checked, step, refusal))
    if problems:
        raise SpecError(problems)
    return Plan(checked.spec.name, data, training)


def _problem(checked: Checked, step: Step, refusal: Refused) -> SpecProblem:
    return checked.problem(("steps", step.name, *refusal.at), str(refusal))


def _facts(stored: Stored) -> dict[str, Any]:
    file = stored.path / "summary.json"
    return dict(json.loads(file.read_text())) if file.is_file() else {}
