"""A run's outcome as the plain facts that its report is written from."""

from __future__ import annotations

import platform
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version

from flows.check import Checked
from flows.outcome import Outcome
from flows.render import rendered
from flows.report import RunFacts, StepFacts
from tasks.tracking.provenance import commit_of

_NAMED = ("rnnlib", "torch", "numpy", "polars", "prefect", "mlflow")


def facts_of(checked: Checked, outcome: Outcome, started: float) -> RunFacts:
    """What the report says; `started` is in seconds since 1970."""
    return RunFacts(
        name=checked.spec.name,
        status=outcome.status,
        started=datetime.fromtimestamp(started, UTC).astimezone(),
        seconds=time.time() - started,
        command=outcome.command,
        spec_file=checked.shown,
        spec_text=checked.text,
        spec_resolved=rendered(checked.spec),
        steps=tuple(_steps(checked, outcome)),
        error=outcome.error,
        seed=checked.spec.seed,
        environment=_environment(checked),
        tracked=_tracked(outcome),
    )


def _steps(checked: Checked, outcome: Outcome) -> list[StepFacts]:
    done = {one.name: one for one in outcome.steps}
    found = []
    for step in checked.chain.steps:
        if (one := done.get(step.name)) is not None:
            found.append(
                StepFacts(step.name, one.task, "ran" if one.executed else "kept", one.seconds, one.key, one.stored.path)
            )
        else:
            failed = step.name == outcome.at_step
            found.append(StepFacts(step.name, step.section.task, "failed" if failed else "waiting"))
    return found


def _environment(checked: Checked) -> Mapping[str, str]:
    facts = {"python": platform.python_version(), **{name: version(name) for name in _NAMED}}
    if commit := commit_of(checked.place.root):
        facts["git commit"] = f"{commit.sha}{' (with changes)' if commit.changed else ''}"
    return {**facts, "machine": f"{platform.system()} {platform.machine()}"}


def _tracked(outcome: Outcome) -> Mapping[str, str]:
    if not outcome.tracked:
        return {}
    uri = outcome.tracked["uri"]
    look = uri if uri.startswith("http") else f"mlflow ui --backend-store-uri {uri}"
    return {"MLflow run": outcome.tracked["run_id"], "experiment": outcome.tracked["experiment"], "to look": look}
