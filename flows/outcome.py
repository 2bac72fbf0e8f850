"""How a run ended."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from flows.check import Checked
from flows.execute import Done
from flows.problems import SpecProblem
from rnnlib.errors import Refused

Status = Literal["finished", "failed", "killed"]


@dataclass
class Outcome:
    """A run's steps, what it left behind, and why it failed where it did."""

    name: str
    command: str
    status: Status = "finished"
    steps: list[Done] = field(default_factory=list)
    at_step: str | None = None
    """The step that is running; after a failure, the one that failed."""
    seconds: float = 0.0
    home: Path | None = None
    report: Path | None = None
    tracked: Mapping[str, str] = field(default_factory=dict)
    """`run_id`, `experiment` and `uri` of the run in MLflow."""
    problem: SpecProblem | None = None
    error: str | None = None
    """What went wrong, as a person reads it; with the traceback where it was a defect."""

    @property
    def unchanged(self) -> bool:
        """Whether no step was executed: every result stood in the store."""
        return self.status == "finished" and not any(done.executed for done in self.steps)

    @property
    def versions(self) -> list[dict[str, Any]]:
        """What `register` steps did."""
        return [version for _, version in self.results("version.json")]

    @property
    def scores(self) -> list[tuple[str, dict[str, Any]]]:
        """What `evaluate` steps found, with the steps' names."""
        return self.results("scores.json")

    @property
    def exit_code(self) -> int:
        """0 ok (an unchanged run too), 1 failed, 3 the gate refused, 130 interrupted."""
        if self.status != "finished":
            return 130 if self.status == "killed" else 1
        if self.unchanged:
            return 0
        return 3 if any(version.get("promoted") is False for version in self.versions) else 0

    def results(self, file: str) -> list[tuple[str, dict[str, Any]]]:
        """The JSON files of this name that the steps left, with the steps' names."""
        found = [(done.name, done.stored.path / file) for done in self.steps]
        return [(name, json.loads(path.read_text())) for name, path in found if path.is_file()]

    def failed(self, checked: Checked, refusal: Refused) -> None:
        """Takes a refusal in, at its place in the spec."""
        self.status = "failed"
        if self.at_step is None:  # not a step's: no Prefect server, no tracking server
            self.error = str(refusal)
            return
        self.problem = checked.problem(("steps", self.at_step, *refusal.at), str(refusal))
        self.error = str(self.problem)

    def interrupted(self, interruption: BaseException) -> None:
        """Takes a signal in."""
        self.status = "killed"
        self.error = f"interrupted ({str(interruption) or 'Ctrl-C'}); what was computed is kept; resume: {self.command}"

    def broke(self, checked: Checked, trace: str) -> None:
        """Takes an unexpected exception in, without the values of the spec's references that its text may hold."""
        self.status = "failed"
        self.error = checked.place.scrubbed(trace)

    def unreported(self, checked: Checked, trace: str) -> None:
        """Takes in that there is no report; what went wrong before it stays."""
        before = f"{self.error}\n\nand then no report could be written:\n" if self.error else ""
        self.broke(checked, trace)
        self.error = f"{before}{self.error}"
