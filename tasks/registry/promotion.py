"""From a registered version to an alias: the evidence, the gate, the move."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from rnnlib.errors import Refused, misplaced
from rnnlib.metrics.baselines import BaselineName
from rnnlib.metrics.table import METRICS, MetricName
from rnnlib.part import Part
from rnnlib.quantities import Percent
from tasks.base import Work
from tasks.registry.alias_moves import Overtaken, move_alias
from tasks.registry.champion import champion_bar
from tasks.registry.gate import Bar, Decision, Evidence, decide
from tasks.registry.glance import seen_at_alias
from tasks.registry.scored_model import ScoredModel
from tasks.registry.versions import aliases_of, asking
from tasks.tracking.home import client, place_now
from tasks.tracking.opening import answered

if TYPE_CHECKING:
    from mlflow import MlflowClient

TRIES = 5
"""How often a version is held against the champion, where that is replaced meanwhile."""

BarName = Literal["champion"] | BaselineName


def _no_version(value: str) -> str:
    if value.lower() == "latest" or (value[0] in "vV" and value[1:].isdigit()):
        raise misplaced(f"`{value}` means a version to MLflow: take another word, such as `champion`")
    return value


Alias = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,99}$"), AfterValidator(_no_version)]


@dataclass(frozen=True)
class Outcome:
    """How a promotion went: `promoted` is none where none was asked for; `champion` is what it was held against."""

    promoted: bool | None
    reason: str
    champion: Mapping[str, Any] | None = None


class When(Part):
    """The condition of a promotion, held on the test part."""

    metric: MetricName = Field(description="the metric that decides; one of those that `evaluate` computes")
    beats: Annotated[tuple[BarName, ...], Field(min_length=1, max_length=10)] = Field(
        description="what must be beaten: `champion` (the version that has the alias, scored again on this run's test "
        "rows) and baselines; while there is no champion, the baselines are the bar"
    )
    by: Percent = Field(Percent("0%"), description="the least gain, as a share of the score that is beaten")
    at_least: int = Field(10, ge=1, le=10**9, description="the fewest test cases that a promotion rests on")

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        for index, name in enumerate(self.beats):
            if name in self.beats[:index]:
                raise misplaced(f"each stands once: received `{name}` again; remove it", "beats", index)
        return self

    def evidence(self, scored: ScoredModel, champion: Bar | None) -> Evidence:
        """What the gate looks at: this run's scores on the test part, beside the champion's and the baselines'."""
        test, metric = scored.test, self.metric
        return Evidence(
            metric=metric,
            higher_is_better=METRICS[metric].higher_is_better,
            stated=scored.scores["higher_is_better"].get(metric),
            score=test.get("model", {}).get(metric),
            cases=test.get("cases", 0),
            at_least=self.at_least,
            by=self.by.value,
            bars=tuple(self._bars(test, champion)),
        )

    def _bars(self, test: Mapping[str, Any], champion: Bar | None) -> Iterator[Bar]:
        named = [name for name in self.beats if name != "champion"]
        if champion is not None and "champion" in self.beats:
            yield champion
        elif not named:
            named = list(test.get("baselines", ()))
        for name in named:
            own = test.get("baselines", {}).get(name)
            why = test.get("left_out", {}).get(name, "it was not scored")
            yield Bar(name, None, why) if own is None else Bar(name, own.get(self.metric))


class Promote(Part):
    """Which alias moves to the new version, and when."""

    alias: Alias = Field("champion", description="the alias that moves")
    when: When = Field(description="the gate")

    def carry_out(self, name: str, version: str, scored: ScoredModel, work: Work) -> Outcome:
        """Asks the gate once, however often the step is tried, and moves the alias where it holds.

        Where another version takes the alias meanwhile, the gate is asked again about that one. Raises `Unanswered`
        where the champion could not be fetched, `Refused` where the alias never stands still.
        """
        note = work.folder / f"decision-{version}.json"
        for _ in range(TRIES):
            try:
                return self._tried(name, version, scored, work, note)
            except Overtaken as overtaken:
                note.unlink()
                why = str(overtaken)
        raise Refused(f"{why}, and this is how it went {TRIES} times in a row: run again once others are done")

    def _tried(self, name: str, version: str, scored: ScoredModel, work: Work, note: Path) -> Outcome:
        mlflow = client(work.store.home)
        with asking(f"the model `{name}`"):
            standing = aliases_of(mlflow, name).get(self.alias)
        if note.is_file():
            decided = Outcome(**json.loads(note.read_text()))
        else:
            decided = self._decided(mlflow, name, version, standing, scored)
            _write(note, asdict(decided))
        if not decided.promoted:
            return decided
        assert decided.champion is not None, "who stood at the alias is known"
        evidence = {"reason": decided.reason, "run": work.tracking.run_id if work.tracking else None, **scored.origin}
        expected = decided.champion["version"]
        move_alias(mlflow, work.store.home, name, self.alias, expected=expected, to=version, evidence=evidence)
        return decided

    def stands(self, made: Mapping[str, Any], home: Path) -> bool:
        """Whether what was decided still holds: a refusal does while the alias stands where it stood then."""
        if made["promoted"] is not False or "champion" not in self.when.beats:
            return True
        name: str = made["name"]
        was: str | None = made["champion"]["version"]
        if seen_at_alias(home, name, self.alias, was):
            return True
        return answered(lambda: aliases_of(client(home), name), place_now(home)).get(self.alias) == was

    def _decided(
        self, mlflow: MlflowClient, name: str, version: str, standing: str | None, scored: ScoredModel
    ) -> Outcome:
        if standing == version:
            return Outcome(True, f"version {version} is the `{self.alias}` already", {"version": version})
        bar = None
        if standing is not None and "champion" in self.when.beats:
            bar = champion_bar(mlflow, name, standing, scored, self.when.metric)
        decision: Decision = decide(self.when.evidence(scored, bar))
        return Outcome(decision.promote, decision.reason, {"version": standing, "score": bar.score if bar else None})


def _write(file: Path, content: Mapping[str, Any]) -> None:
    new = file.with_suffix(".new")
    new.write_text(json.dumps(content))
    new.replace(file)
