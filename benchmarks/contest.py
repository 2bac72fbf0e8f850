"""A contest: contestants that do the same work take turns, round after round, one at a time."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from benchmarks.process import Contestant, Failed, Running

SECONDS = 1.0
"""About how long one turn lasts: long enough for the clock, short enough that a noisy neighbour meets everyone."""


@dataclass
class Seen:
    """What one contestant showed; `reason` says why nothing."""

    rates: list[float] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    at_start: float = math.nan
    megabytes: float = math.nan
    profile: list[tuple[str, float, int]] = field(default_factory=list)
    reason: str | None = None

    def add(self, rate: float, answer: dict[str, Any]) -> None:
        """What one more round gave."""
        self.rates.append(rate)
        self.answers.append(answer)
        self.megabytes = answer["megabytes"]


def train_contest(
    contestants: Sequence[Contestant], threads: int, common: Mapping[str, Any], *, rounds: int, losses: int = 4
) -> dict[str, Seen]:
    """Samples per second of every contestant in every round, and its first losses from equal weights."""
    seen = {contestant.name: Seen() for contestant in contestants}
    with ExitStack() as stack:
        running = _started(contestants, threads, common, seen, stack)
        amounts = {}
        for name, process in list(running.items()):
            try:
                seen[name].losses = process.ask("losses", losses)["losses"] if losses else []
                process.ask("train", 1)
                once = process.ask("train", 1)
                amounts[name] = max(1, round(SECONDS / once["seconds"]))
            except Failed as failed:
                seen[name].reason = str(failed)
                del running[name]
        for turn in range(rounds):
            for name in _order(list(running), turn):
                answer = running[name].ask("train", amounts[name])
                seen[name].add(answer["examples"] / answer["seconds"], answer)
    return seen


def measure_contest(
    contestants: Sequence[Contestant], threads: int, amount: int, *, rounds: int, rate: str
) -> dict[str, Seen]:
    """What every contestant answers to `measure`; `rate` names the number that ratios are made of."""
    seen = {contestant.name: Seen() for contestant in contestants}
    with ExitStack() as stack:
        running = _started(contestants, threads, {}, seen, stack)
        for turn in range(rounds + 1):  # the first one warms up
            for name in _order(list(running), turn):
                answer = running[name].ask("measure", amount)
                if turn:
                    seen[name].add(answer[rate], answer)
    return seen


def profiled(contestant: Contestant, threads: int, common: Mapping[str, Any]) -> list[tuple[str, float, int]]:
    """The operations that a contestant spends its time in: name, share of the time, calls."""
    with ExitStack() as stack:
        process = Running(contestant, threads, common)
        stack.callback(process.close)
        return [(name, share, calls) for name, share, calls in process.ask("profile", 1)["profile"]]


def _started(
    contestants: Sequence[Contestant],
    threads: int,
    common: Mapping[str, Any],
    seen: Mapping[str, Seen],
    stack: ExitStack,
) -> dict[str, Running]:
    running = {}
    for contestant in contestants:
        try:
            process = Running(contestant, threads, common)
        except Failed as failed:
            seen[contestant.name].reason = str(failed)
            print(f"  {contestant.name}: {failed}", file=sys.stderr)
            continue
        stack.callback(process.close)
        seen[contestant.name].at_start = process.at_start["megabytes"]
        running[contestant.name] = process
    return running


def _order(names: list[str], turn: int) -> list[str]:
    """Everyone goes first once in a while."""
    start = turn % len(names) if names else 0
    return names[start:] + names[:start]
