"""`python -m benchmarks.speed`: rates of rnnlib and its peers in interleaved turns, written to a dated table."""

from __future__ import annotations

import argparse
import datetime
import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.contest import Seen, measure_contest, profiled, train_contest
from benchmarks.contestants import (
    GOALS,
    LIMITS,
    LOAD_CSV,
    M4,
    PYTORCH,
    STREAMING,
    TRAINING,
    WINDOWS,
    WINDOWS_OF_MANY,
    Goal,
)
from benchmarks.machine import machine
from benchmarks.prepare import DATA
from benchmarks.process import ROOT, Contestant, Failed, Running
from benchmarks.ratios import ratio
from benchmarks.report import speed_page
from benchmarks.tables import Record, number, read_records, renewed, write_records
from benchmarks.workloads import WORKLOADS

RESULTS = ROOT / "benchmarks" / "results"
KEY = ("contest", "threads")
ONCE = {"m4-score"}
"""Contests whose result is no rate: the number of threads changes nothing but the time."""
STREAMED, BATCHES, PRODUCTS, READS, M4_STEPS = 3000, 468, 15, 5, 500


def main() -> None:
    """Runs the contests that are asked for; the rest of today's table stays."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("contests", nargs="*", metavar="CONTEST", help=f"of {', '.join(CONTESTS)}; all by default")
    asked.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    asked.add_argument("--rounds", type=int, default=7)
    options = asked.parse_args()
    if unknown := set(options.contests) - set(CONTESTS):
        asked.error(f"no contest {', '.join(sorted(unknown))}: take {', '.join(CONTESTS)}")
    here = machine()
    stem = RESULTS / f"{datetime.date.today().isoformat()}-speed"
    for contest in options.contests or CONTESTS:
        for threads in [max(options.threads)] if contest in ONCE else options.threads:
            print(f"{contest}, {threads} thread{'s' * (threads > 1)}", flush=True)
            found = CONTESTS[contest](contest, threads, options.rounds)
            _show(found)
            _keep(stem, found, here)


def _training(contest: str, threads: int, rounds: int) -> list[Record]:
    common = {"workload": contest}
    seen = train_contest(TRAINING, threads, common, rounds=rounds)
    for goal in GOALS:
        if (goal.contest, goal.threads) == (contest, threads) and _missed(goal, seen):
            runner = next(contestant for contestant in TRAINING if contestant.name == goal.contestant)
            seen[goal.contestant].profile = profiled(runner, threads, common)
    return _records(contest, threads, seen)


def _m4(contest: str, threads: int, rounds: int) -> list[Record]:
    seen = train_contest(M4, threads, {"data": str(DATA)}, rounds=rounds, losses=0)
    return _records(contest, threads, seen)


def _m4_score(contest: str, threads: int, rounds: int) -> list[Record]:  # noqa: ARG001 - it is run once, whatever it is
    """What the hand-written model scores; that of the spec is in the table of qualities."""
    by_hand: Contestant = M4[0]
    try:
        process = Running(by_hand, threads, {"data": str(DATA)})
    except Failed as failed:
        return [{"contest": contest, "threads": threads, "contestant": PYTORCH, "reason": str(failed)}]
    found = process.ask("score", M4_STEPS)
    process.close()
    return [{"contest": contest, "threads": threads, "contestant": PYTORCH, "answer": found}]


def _measured(
    contest: str, threads: int, rounds: int, *, who: Sequence[Contestant], amount: int, rate: str = "rate"
) -> list[Record]:
    return _records(contest, threads, measure_contest(who, threads, amount, rounds=rounds, rate=rate))


CONTESTS: Mapping[str, Callable[[str, int, int], list[Record]]] = {
    "limits": partial(_measured, who=LIMITS, amount=PRODUCTS, rate="mm float32"),
    **dict.fromkeys(WORKLOADS, _training),
    "windows": partial(_measured, who=WINDOWS, amount=BATCHES),
    "windows-panel": partial(_measured, who=WINDOWS_OF_MANY, amount=BATCHES),
    "load-csv": partial(_measured, who=LOAD_CSV, amount=READS),
    "streaming": partial(_measured, who=STREAMING, amount=STREAMED),
    "m4": _m4,
    "m4-score": _m4_score,
}


def _missed(goal: Goal, seen: Mapping[str, Seen]) -> bool:
    rates, reference = seen[goal.contestant].rates, seen[goal.against].rates
    return bool(rates and reference) and ratio(rates, reference).middle < goal.ratio


def _records(contest: str, threads: int, seen: Mapping[str, Seen]) -> list[Record]:
    return [
        {
            "contest": contest,
            "threads": threads,
            "contestant": name,
            "rates": found.rates,
            "processor_rates": [answer["processor_rate"] for answer in found.answers if "processor_rate" in answer],
            "losses": found.losses,
            "megabytes": None if math.isnan(found.megabytes) else [found.at_start, found.megabytes],
            "answer": _middle(found.answers),
            "profile": found.profile,
            "reason": found.reason,
        }
        for name, found in seen.items()
    ]


def _middle(answers: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """The median of every number that was answered."""
    return {name: median(answer[name] for answer in answers) for name in (answers[0] if answers else ())}


def _show(found: Sequence[Record]) -> None:
    reference = found[0].get("rates")
    for record in found:
        rates = record.get("rates")
        shown = record.get("reason") or str(record.get("answer"))
        if rates:
            paired = f"  × {ratio(rates, reference)}" if reference else ""
            shown = f"{number(sorted(rates)[len(rates) // 2])}/s{paired}"
        print(f"  {record['contestant']}: {shown}", flush=True)


def _keep(stem: Path, found: Sequence[Record], here: Mapping[str, str]) -> None:
    """Every contest is written as soon as it is over: a run that is stopped has lost nothing else.

    What an earlier run of the same contest found goes: rounds are compared in pairs, and contestants may have changed.
    """
    now = datetime.datetime.now().astimezone().isoformat(timespec="minutes")
    stamped = [{**record, "machine": dict(here), "when": now} for record in found]
    records = renewed(read_records(stem.with_suffix(".jsonl")), stamped, KEY)
    write_records(stem.with_suffix(".jsonl"), records)
    stem.with_suffix(".md").write_text(speed_page(records))


if __name__ == "__main__":
    main()
