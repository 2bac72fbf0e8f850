"""What a task is, what travels between tasks, and what a task may use beyond its inputs."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypeVar

from pydantic import Field, model_validator

from rnnlib.errors import Location
from rnnlib.part import Part
from rnnlib.place import Place
from tasks.store import Store, Stored

if TYPE_CHECKING:
    from tasks.tracking import Tracking

AnyTaskClass = TypeVar("AnyTaskClass", bound="Task")


class Value:
    """What a step gives. The chain is checked on these types before anything runs."""

    final: ClassVar[bool] = False
    """Whether it may be left untaken at the end of a chain."""


class Rows(Value):
    """Sequences that are not split yet (a `DataSet` folder)."""


class Parts(Value):
    """Sequences in train, validation and test (a `DataSet` folder); after `split` only train may change."""


class Predictor(Value):
    """A trained model with all it needs to predict (a bundle folder)."""


class Scores(Value):
    """Scores of one model on one data set, which they carry (`scores.json`, `scored.json`)."""

    final = True


class Version(Value):
    """A version in the model registry (`version.json`)."""

    final = True


class Slot(NamedTuple):
    """An input of a task: required ones take the nearest earlier giver, optional ones only what `from` names.

    With `along`, it first takes what the step in that other slot was itself given: the data a model was trained on.
    """

    value: type[Value]
    optional: bool = False
    along: str | None = None


class Complaint(NamedTuple):
    """What `Task.review` finds: the step, the place inside its section, and the message."""

    step: str
    at: Location
    message: str


class Lineage(NamedTuple):
    """A step's ancestors, oldest first: the sections of every earlier step that its inputs rest on, by step name."""

    sections: Mapping[str, Task]

    def latest(self, kind: type[AnyTaskClass]) -> tuple[str, AnyTaskClass] | None:
        """The nearest ancestor of a kind, with its name."""
        found = [(name, section) for name, section in self.sections.items() if isinstance(section, kind)]
        return found[-1] if found else None


@dataclass(frozen=True)
class Work:
    """What a step may use beyond its section and its inputs."""

    step: str
    seed: int
    place: Place
    store: Store
    folder: Path
    """A folder of the step's own that survives a kill (checkpoints); removed when the step is complete."""
    pipeline: str = ""
    """The name of the spec; empty where a step is performed by itself."""
    rests_on: Any = None
    """What the step's key rests on, as `Task.rests_on` gave it; none where a step is performed by itself."""
    tracking: Tracking | None = None
    """The run in MLflow; none where nothing is tracked (`rnn plan`, tests)."""
    progress: Callable[[int, int, str], None] = field(default=lambda _done, _total, _note: None)
    """Called with (done, total, note): a progress bar, a Prefect artifact."""
    say: Callable[[str], None] = field(default=lambda _line: None)
    """Called with a line that a person should read."""


class Task(Part):
    """A step of a spec. Subclasses are final, and each stands in a file of its own name.

    `perform` reads the inputs' folders and writes its result into `at`; it is safe to run again. Beside its files it
    may write `summary.json`, a flat mapping of a few facts that the report and the Prefect artifact show. What it finds
    `suspicious` is said again where its result is found in the store.
    """

    takes: ClassVar[Mapping[str, Slot]] = {}
    retries: ClassVar[int] = 0
    """How often the step is tried again: more than 0 only where it reads from outside."""
    gives: ClassVar[type[Value]]
    """The type of value that this step gives."""

    task: str
    from_: tuple[str, ...] = Field((), alias="from", description="the earlier steps that fill this step's inputs")

    @model_validator(mode="before")
    @classmethod
    def _one_name_is_a_list_of_one(cls, value: Any) -> Any:
        if isinstance(value, dict) and isinstance(value.get("from"), str):
            return {**value, "from": (value["from"],)}
        return value

    def review(self, name: str, lineage: Lineage) -> Iterator[Complaint]:
        """What does not fit between this step and those it rests on, found without reading any data."""
        yield from ()

    def draws(self) -> bool:
        """Whether the result rests on the spec's seed."""
        return False

    def rests_on(self, place: Place) -> Any:
        """What the result rests on beyond the section, the inputs and the code, as JSON: files' digests, versions.

        It enters the step's key. Raises `Refused` where something cannot be read.
        """
        return None

    def held_to(self, work: Work, rests_on: Any) -> Any:
        """What the result rests on that lies in the project's home, as JSON; it enters the step's key too.

        `rests_on` is what the method of that name gave.
        """
        return None

    def still_valid(self, result: Stored, work: Work) -> bool:
        """Whether a stored result still stands; False makes the step run again (a version that was deleted)."""
        return True

    @abstractmethod
    def perform(self, inputs: Mapping[str, Stored], at: Path, work: Work) -> None:
        """Does the step: reads the inputs' folders, writes into `at`."""
