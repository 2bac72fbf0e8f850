"""The spec: one YAML file as a validated value. A step's section is the class that carries it out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field

from rnnlib.errors import misplaced
from rnnlib.part import Family, Part
from tasks.augment import Augment
from tasks.base import Task
from tasks.encode import Encode
from tasks.evaluate import Evaluate
from tasks.load import Load
from tasks.normalize import Normalize
from tasks.register import Register
from tasks.split import Split
from tasks.train import Train
from tasks.window import Window

AnyTask = Annotated[
    Load | Split | Encode | Normalize | Window | Augment | Train | Evaluate | Register,
    Family("task", tag="task"),
]

NAME = r"[A-Za-z][A-Za-z0-9_-]{0,63}"
"""What pipelines and steps may be called."""


def task_classes() -> dict[str, type[Task]]:
    """Every task that a spec can name, those of installed packages included."""
    union, family = get_args(AnyTask)[0], get_args(AnyTask)[1]
    return {tag: member for tag, member in family.members(union).items() if issubclass(member, Task)}


def _named(steps: Any) -> Any:
    """A step's name is its task where `task` is absent."""
    if not isinstance(steps, dict):
        return steps
    tasks = task_classes()
    out = {}
    for name, section in steps.items():
        if section is None:
            raise misplaced("an empty section is written `{}`, received nothing: write `{}` or the step's fields", name)
        if not isinstance(section, dict):
            out[name] = section
            continue
        if name in tasks and section.get("task", name) != name:
            rule = f"the name `{name}` is a task's and cannot carry another one"
            raise misplaced(
                f"{rule}: received `task: {section['task']}`; give the step a name of its own", name, "task"
            )
        out[name] = section if "task" in section or name not in tasks else {"task": name, **section}
    return out


class Track(Part):
    """Where the run is kept in MLflow."""

    experiment: str | None = Field(
        None, pattern=r"^[^\x00-\x1f]{1,128}$", description="the experiment's name; the spec's name where absent"
    )
    tags: Mapping[Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")], str] = Field(
        {}, max_length=64, description="tags of the run, text by name"
    )


class Spec(Part):
    """A pipeline: an ordered mapping of steps, each with everything it needs. Complete: no inheritance, no includes."""

    version: Literal[1] = Field(description="the version of the spec language")
    name: str = Field(pattern=f"^{NAME}$", description="the pipeline's name: letters, digits, `-` and `_`")
    seed: int = Field(0, ge=0, lt=2**63, description="what every random draw derives from")
    steps: Annotated[
        dict[Annotated[str, Field(pattern=f"^{NAME}$")], AnyTask],
        BeforeValidator(_named),
        Field(min_length=1, max_length=200, description="the steps in order; a step's name is its task unless it says"),
    ]
    track: Track = Field(Track(), description="where the run is kept in MLflow")
