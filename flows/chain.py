"""From a spec to a chain: what fills every step's inputs, checked on types before anything runs.

1. Each step gives one value.
2. Names in `from:` fill the step's slots by type, in declared order; a name left over is an error.
3. A required slot takes the nearest earlier giver of its type; an optional slot is filled by `from:` alone.
4. A slot that goes along with another (`evaluate.data` with its model) takes what that one was made from.
5. Scores carry their model and their data: nothing is promoted on another model's scores.
6. A value that nobody takes is an error unless it is an end in itself (scores, a version).
7. After `split` a step may change the train part only: the held-out digest travels along and is checked.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from flows.spec import Spec
from rnnlib.part import Part
from tasks.base import Complaint, Lineage, Slot, Task, Value


@dataclass(frozen=True)
class Step:
    """A step with what fills its inputs: slot -> the name of the step that gives it."""

    name: str
    section: Task
    inputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Chain:
    """The steps in order; every input is given by an earlier step."""

    steps: tuple[Step, ...]
    seed: int

    def step(self, name: str) -> Step:
        """The step of a name."""
        return next(step for step in self.steps if step.name == name)


def compiled(spec: Spec) -> tuple[Chain, list[Complaint]]:
    """The chain of a spec, and everything that does not fit in it."""
    steps, complaints = fitted(spec.steps)
    return Chain(steps, spec.seed), complaints


def fitted(sections: Mapping[str, Task]) -> tuple[tuple[Step, ...], list[Complaint]]:
    """The steps with what fills their inputs, and everything that does not fit.

    A section may lack fields that do not hold (`flows.known`): a review ends where it wants to know one of them.
    """
    chain = _Compiler()
    for name, section in sections.items():
        chain.add(name, section)
    complaints = [*chain.complaints, *chain.untaken()]
    for step in chain.steps:
        if step.name not in chain.unfilled:
            complaints += _reviewed(step, chain.lineage(step))
    return tuple(chain.steps), complaints


def _reviewed(step: Step, lineage: Lineage) -> Iterator[Complaint]:
    """What the step's review finds, up to where it asks for a field that the spec got wrong: that is said elsewhere."""
    try:
        yield from step.section.review(step.name, lineage)
    except AttributeError as error:
        part = error.obj
        if not isinstance(part, Part) or error.name not in type(part).model_fields or error.name in part.__dict__:
            raise


class _Compiler:
    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.complaints: list[Complaint] = []
        self.unfilled: set[str] = set()
        """Steps of which it is not known what they rest on, and all that rest on them."""
        self._gives: dict[str, type[Value]] = {}

    def add(self, name: str, section: Task) -> None:
        """Fills the step's inputs from the steps before it."""
        asked = len(self.complaints)
        inputs = self._asked_for(name, section)
        for slot, wanted in section.takes.items():
            if slot in inputs or wanted.optional:
                continue
            giver = self._along(wanted, inputs) or self._nearest(wanted)
            if giver is None:
                value = wanted.value.__name__
                message = (
                    f"`{section.task}` needs {value}, and no earlier step gives any: add {_givers(value)} before it"
                )
                self.complaints.append(Complaint(name, (), message))
            else:
                inputs[slot] = giver
        if len(self.complaints) > asked or not self.unfilled.isdisjoint(inputs.values()):
            self.unfilled.add(name)
        self.steps.append(Step(name, section, inputs))
        self._gives[name] = section.gives

    def _asked_for(self, name: str, section: Task) -> dict[str, str]:
        filled: dict[str, str] = {}
        if "from_" not in section.__dict__:
            self.unfilled.add(name)
            return {}
        for position, source in enumerate(section.from_):
            if source not in self._gives:
                hint = difflib.get_close_matches(source, self._gives, 1)
                better = f"did you mean `{hint[0]}`?" if hint else f"earlier steps: {', '.join(self._gives) or 'none'}"
                self.complaints.append(Complaint(name, ("from", position), f"`{source}` is no earlier step; {better}"))
                continue
            given = self._gives[source]
            slots = (
                slot for slot, want in section.takes.items() if slot not in filled and issubclass(given, want.value)
            )
            slot = next(slots, None)
            if slot is None:
                takes = ", ".join(want.value.__name__ for want in section.takes.values()) or "nothing"
                message = f"`{source}` gives {given.__name__}, `{section.task}` takes {takes} (each once): remove it"
                self.complaints.append(Complaint(name, ("from", position), message))
            else:
                filled[slot] = source
        return filled

    def _along(self, wanted: Slot, inputs: Mapping[str, str]) -> str | None:
        """What the step that fills `wanted.along` was itself given of this type."""
        if wanted.along is None or wanted.along not in inputs:
            return None
        origin = next(step for step in self.steps if step.name == inputs[wanted.along])
        givers = (source for source in origin.inputs.values() if issubclass(self._gives[source], wanted.value))
        return next(givers, None)

    def _nearest(self, wanted: Slot) -> str | None:
        found = [name for name, value in self._gives.items() if issubclass(value, wanted.value)]
        return found[-1] if found else None

    def untaken(self) -> Iterator[Complaint]:
        """Values that nobody takes, though they are no end in themselves.

        Not where an input is wrong or missing: what is to fill it may be what takes them.
        """
        if self.complaints or any("from_" not in vars(step.section) for step in self.steps):
            return
        taken = {source for step in self.steps for source in step.inputs.values()}
        for name, value in self._gives.items():
            if name not in taken and not value.final:
                message = (
                    f"nobody takes the {value.__name__} that `{name}` gives: remove the step, or name it in `from:`"
                )
                yield Complaint(name, (), message)

    def lineage(self, step: Step) -> Lineage:
        """Every step that `step` rests on, in the spec's order."""
        needed = set(step.inputs.values())
        for earlier in reversed(self.steps):
            if earlier.name in needed:
                needed |= set(earlier.inputs.values())
        return Lineage({other.name: other.section for other in self.steps if other.name in needed})


def _givers(value: str) -> str:
    from flows.spec import task_classes

    makes = {name: task for name, task in task_classes().items() if task.gives.__name__ == value}
    # a task that takes what it gives changes it; what is missing is one that makes it
    names = [name for name, task in makes.items() if task.gives not in [slot.value for slot in task.takes.values()]]
    return " or ".join(f"`{name}`" for name in names)
