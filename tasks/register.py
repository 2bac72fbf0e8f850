"""The step that puts a model into the registry, and promotes it where the gate holds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field

from rnnlib.errors import misplaced
from rnnlib.metrics.baselines import BASELINES
from rnnlib.metrics.table import METRICS, fitting, usual
from tasks.base import Complaint, Lineage, Scores, Slot, Task, Value, Version, Work
from tasks.evaluate import Evaluate
from tasks.registry.glance import seen_standing
from tasks.registry.promotion import Outcome, Promote
from tasks.registry.registration import registered_from
from tasks.registry.scored_model import ScoredModel
from tasks.registry.versions import version_of_step
from tasks.store import Stored
from tasks.tracking.home import client, place_now
from tasks.tracking.opening import answered
from tasks.train import Train


def _name(value: str) -> str:
    if ".." in value:
        raise misplaced(
            f"a model's name holds no `..`: received {value!r}; letters, digits, `-`, `_` and `.` are allowed"
        )
    return value


ModelName = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$", description="a model's name"), AfterValidator(_name)
]


class Register(Task):
    """Makes a version of the scored model in the registry, and moves an alias to it where the gate holds.

    A gate that refuses ends the step well: the version stands, the alias stays, and `version.json` says why.
    """

    takes: ClassVar[Mapping[str, Slot]] = {"scores": Slot(Scores)}
    gives: ClassVar[type[Value]] = Version

    task: Literal["register"] = "register"
    model: ModelName = Field(description="the model's name in the registry")
    promote: Promote | None = Field(None, description="the alias that the version may take; left out: none")
    tags: dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,100}$")], Annotated[str, Field(max_length=5000)]] = (
        Field({}, max_length=100, description="tags of the version")
    )

    def review(self, name: str, lineage: Lineage) -> Iterator[Complaint]:
        """What the gate asks for and nobody computes."""
        evaluate, train = lineage.latest(Evaluate), lineage.latest(Train)
        if self.promote is None or evaluate is None:
            return
        when, at = self.promote.when, ("promote", "when")
        if evaluate[1].parts is not None and "test" not in evaluate[1].parts:
            message = f"the gate rests on the test part, and `{evaluate[0]}` scores {', '.join(evaluate[1].parts)} only"
            yield Complaint(name, at, f"{message}: add `test` to its `parts`")
        if train is not None:
            kind = train[1].model.kind
            for index, bar in enumerate(when.beats):
                if bar not in ("champion", *BASELINES[kind]):
                    known = ", ".join(("champion", *BASELINES[kind]))
                    message = f"a {kind} is not held against `{bar}`: take {known}"
                    yield Complaint(name, (*at, "beats", index), message)
            if kind not in METRICS[when.metric].fits:
                message = f"`{when.metric}` cannot score a {kind}: take {', '.join(fitting(kind))}"
                yield Complaint(name, (*at, "metric"), message)
                return
        computed = evaluate[1].metrics or (usual(train[1].model.kind, 1) if train else None)
        if computed is not None and when.metric not in computed:
            message = f"`{evaluate[0]}` computes {', '.join(computed)}, not `{when.metric}`: add it to its `metrics`"
            yield Complaint(name, (*at, "metric"), message)

    def still_valid(self, result: Stored, work: Work) -> bool:
        """Whether the version still stands in the registry, and the champion that it was refused for at the alias."""
        home, step = work.store.home, result.path.name
        made = json.loads((result.path / "version.json").read_text())
        if not seen_standing(home, self.model, made["version"], step):
            found = answered(partial(version_of_step, client(home), self.model, step), place_now(home))
            if found is None or str(found.version) != made["version"]:
                return False
        return self.promote is None or self.promote.stands(made, home)

    def perform(self, inputs: Mapping[str, Stored], at: Path, work: Work) -> None:
        """Registers the version, asks the gate, moves the alias, and says in one sentence how that went."""
        scored = ScoredModel.open(inputs["scores"], work.store)
        version = registered_from(scored, self.model, self.tags, work)
        outcome = Outcome(None, "no promotion was asked for")
        if self.promote is not None:
            outcome = self.promote.carry_out(self.model, version, scored, work)
        _write(at / "version.json", self._facts(version, outcome, scored))
        _write(at / "summary.json", {"model": self.model, "version": version, "gate": outcome.reason})

    def _facts(self, version: str, outcome: Outcome, scored: ScoredModel) -> dict[str, Any]:
        return {
            "name": self.model,
            "version": version,
            "promoted": outcome.promoted,
            "alias": self.promote.alias if self.promote else None,
            "reason": outcome.reason,
            "champion": outcome.champion,
            "metric": self.promote.when.metric if self.promote else None,
            "scores": scored.test_scores(),
            "reads": scored.bundle.reads,
        }


def _write(file: Path, content: Mapping[str, Any]) -> None:
    file.write_text(json.dumps(content, indent=1, ensure_ascii=False), "utf-8")
