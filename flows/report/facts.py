"""What a report is written from: plain facts about a run, as far as it got."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

RunStatus = Literal["finished", "failed", "killed"]
StepState = Literal["ran", "kept", "failed", "waiting"]
"""`kept`: the result of an earlier run was used; `waiting`: the run ended before it."""


@dataclass(frozen=True)
class StepFacts:
    """A step of the run; `folder` is its result, none where it has none."""

    name: str
    task: str
    state: StepState
    seconds: float | None = None
    key: str | None = None
    folder: Path | None = None

    def file(self, *parts: str) -> Path | None:
        """A file of the step's result, where there is one."""
        found = self.folder.joinpath(*parts) if self.folder is not None else None
        return found if found is not None and found.is_file() else None


@dataclass(frozen=True)
class RunFacts:
    """A run of a pipeline. Texts hold references (`${secret:…}`) unresolved."""

    name: str
    status: RunStatus
    started: datetime
    seconds: float
    command: str
    """What runs this again, as typed in a shell."""
    spec_file: str
    spec_text: str
    """As the person wrote it."""
    spec_resolved: str
    """As it was carried out: every default filled in, every override applied."""
    steps: tuple[StepFacts, ...]
    error: str | None = None
    """What went wrong, in the words of the command line."""
    seed: int | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    """Versions, the git commit, threads: name -> text."""
    tracked: Mapping[str, str] = field(default_factory=dict)
    """Where the run is kept: run id, address, experiment, the command that shows it: name -> text."""

    def steps_of(self, *tasks: str) -> tuple[StepFacts, ...]:
        """The steps of some tasks that have a result, in the spec's order."""
        return tuple(step for step in self.steps if step.task in tasks and step.folder is not None)

    def holder(self, key: str) -> StepFacts | None:
        """The step whose result has this key."""
        return next((step for step in self.steps if step.key == key), None)
