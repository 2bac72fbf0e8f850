"""The gate: whether a new version may take an alias. A pure function of numbers that were measured elsewhere."""

from __future__ import annotations

import math
from dataclasses import dataclass

_STORED_INFINITY = 1e300
"""Beyond this a number is taken for infinity: MLflow stores that as 1.797e308."""


@dataclass(frozen=True)
class Bar:
    """What the new version must beat: its name, and its score on the same test cases or why it has none."""

    name: str
    score: float | None
    trouble: str | None = None


@dataclass(frozen=True)
class Evidence:
    """Everything that the gate looks at."""

    metric: str
    higher_is_better: bool
    """As the metric itself says."""
    stated: bool | None
    """As the scores say; none where they do not have the metric."""
    score: float | None
    """The new version's, on the test part."""
    cases: int
    at_least: int
    by: float
    """The least gain over each bar, as a share of the bar's own score."""
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Decision:
    """Whether the alias moves, and one sentence that says why."""

    promote: bool
    reason: str


def decide(evidence: Evidence) -> Decision:
    """Promotes where every bar is beaten by the margin; whatever cannot be compared is a refusal."""
    refusal = _unfit(evidence) or next((why for bar in evidence.bars if (why := _unbeaten(evidence, bar))), None)
    if refusal:
        return Decision(False, refusal)
    beaten = " and ".join(f"{bar.name} ({_shown(bar.score)})" for bar in evidence.bars)
    margin = f" by at least {evidence.by * 100:.6g}%" if evidence.by else ""
    of = f"on {evidence.cases} test cases"
    return Decision(True, f"{evidence.metric} {_shown(evidence.score)} beats {beaten}{margin}, {of}")


def _unfit(evidence: Evidence) -> str | None:
    if not evidence.bars:
        return "there is nothing to beat: no champion, and no baseline was scored on the test part"
    if evidence.cases < evidence.at_least:
        return f"a promotion rests on at least {evidence.at_least} test cases, and there are {evidence.cases}"
    if evidence.stated is not None and evidence.stated != evidence.higher_is_better:
        return f"the scores have the direction of {evidence.metric} wrong: score the model again"
    if not _usable(evidence.score):
        return f"the model's {evidence.metric} on the test part is {_shown(evidence.score)}, which is no score"
    return None


def _unbeaten(evidence: Evidence, bar: Bar) -> str | None:
    if bar.trouble is not None:
        return f"{bar.name} is to be beaten and cannot be compared: {bar.trouble}"
    if not _usable(bar.score):
        return f"{bar.name} is to be beaten, and its {evidence.metric} is {_shown(bar.score)}, which is no score"
    assert evidence.score is not None
    assert bar.score is not None
    gain = evidence.score - bar.score if evidence.higher_is_better else bar.score - evidence.score
    needed = evidence.by * abs(bar.score)
    if gain > 0 and gain >= needed * (1 - 1e-9):  # 0.99 is 1 % better than 1, whatever binary fractions say
        return None
    margin = f" by {evidence.by * 100:.6g}%" if evidence.by else ""
    return f"{evidence.metric} {_shown(evidence.score)} does not beat {bar.name} ({_shown(bar.score)}){margin}"


def _usable(score: float | None) -> bool:
    return score is not None and math.isfinite(score) and abs(score) < _STORED_INFINITY


def _shown(score: float | None) -> str:
    return "absent" if score is None else f"{score:.6g}"
