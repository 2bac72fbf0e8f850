"""`python -m benchmarks.quality [SPEC …]`: what the specs of benchmarks/specs score, over seeds, in a dated table."""

from __future__ import annotations

import argparse
import datetime
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from benchmarks.machine import facts, machine
from benchmarks.prepare import DATA, named_in, prepared
from benchmarks.process import ROOT
from benchmarks.qualities import QUALITIES, Quality, baselines, score
from benchmarks.tables import Record, merged, number, read_records, table, write_records

SPECS = ROOT / "benchmarks" / "specs"
RESULTS = ROOT / "benchmarks" / "results"
KEY = ("spec", "seed")
REFUSED = 3
"""The exit code of a run whose gate refused the model: it is scored all the same."""


def main() -> None:
    """Runs the specs that are asked for, one seed after another; what earlier runs found stays in the table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("specs", nargs="*", metavar="SPEC", help="names of benchmarks/specs; all by default")
    asked.add_argument("--seeds", type=int, nargs="+", help="other seeds than the table's")
    asked.add_argument("--set", action="append", default=[], metavar="PATH=VALUE", help="handed to `rnn run`")
    options = asked.parse_args()
    known = {quality.spec: quality for quality in QUALITIES}
    if unknown := set(options.specs) - set(known):
        asked.error(f"no spec {', '.join(sorted(unknown))}: take {', '.join(known)}")
    here, records = machine(), latest()
    for name in options.specs or known:
        for seed in options.seeds or known[name].seeds:
            found = run(known[name], seed, options.set)
            print(f"{name}, seed {seed}: {found.get('score', found.get('reason'))}", flush=True)
            records = merged(records, [{**found, "machine": dict(here)}], KEY)
            _write(records)
    print(quality_table(records))


def run(quality: Quality, seed: int, sets: Sequence[str] = ()) -> Record:
    """A spec's score for a seed, those of the baselines, and the wall-clock; or why there is none.

    Where it has folds, each is a run, and scores are means over them.
    """
    if not quality.folds:
        return _run(quality, seed, sets)
    found = [_run(quality, seed, (*sets, fold)) for fold in quality.folds]
    if failed := next((one for one in found if "reason" in one), None):
        return {**failed, "set": list(sets)}
    names = found[0]["baselines"]
    return {
        **found[0],
        "set": list(sets),
        "score": mean(one["score"] for one in found),
        "baselines": {name: mean(one["baselines"][name] for one in found) for name in names},
        "seconds": sum(one["seconds"] for one in found),
        "train_seconds": sum(one["train_seconds"] for one in found),
        "folds": {fold: one["score"] for fold, one in zip(quality.folds, found, strict=True)},
    }


def _run(quality: Quality, seed: int, sets: Sequence[str]) -> Record:
    found: Record = {"spec": quality.spec, "seed": seed, "when": _now(), "set": list(sets)}
    spec = SPECS / f"{quality.spec}.yaml"
    if not spec.exists():
        return {**found, "reason": "there is no such spec yet"}
    overrides = [part for text in (f"seed={seed}", *sets) for part in ("--set", text)]
    with tempfile.TemporaryDirectory() as home:  # an empty store: nothing that is measured was computed before
        command = [str(Path(sys.executable).with_name("rnn")), "run", str(spec), "--inline", "--json", *overrides]
        begin = time.perf_counter()
        done = subprocess.run(
            command, cwd=ROOT, env=_environment(spec, home), capture_output=True, text=True, check=False
        )
        seconds = time.perf_counter() - begin
        if done.returncode not in (0, REFUSED):
            return {**found, "reason": _last_line(done.stderr or done.stdout)}
        steps = {step["task"]: step for step in json.loads(done.stdout)["steps"]}
        scores = json.loads((Path(steps["evaluate"]["path"]) / "scores.json").read_text())
        summary = json.loads((Path(steps["train"]["path"]) / "summary.json").read_text())
    try:
        return {
            **found,
            "score": score(scores, quality),
            "baselines": baselines(scores, quality),
            "all": scores["parts"]["test"]["model"],
            "seconds": seconds,
            "train_seconds": steps["train"]["seconds"],
            "summary": summary,
        }
    except KeyError as error:
        return {**found, "reason": str(error.args[0])}


def latest() -> list[Record]:
    """The records of the newest table."""
    files = sorted(RESULTS.glob("*-quality.jsonl"))
    return read_records(files[-1]) if files else []


def quality_table(records: Sequence[Record]) -> str:
    """A row for every spec: mean ± standard deviation over seeds beside goal, baselines and published figures."""
    rows = [_row(quality, [one for one in records if one["spec"] == quality.spec]) for quality in QUALITIES]
    return table(["", "score", "seeds", "goal", "", "baselines", "published", "minutes a run", "when"], rows)


def _row(quality: Quality, found: Sequence[Record]) -> list[str]:
    scored = [one for one in found if "score" in one]
    sign = "≤" if quality.better == "lower" else "≥"
    goal = "–" if quality.goal is None else f"{sign} {quality.goal:g}{quality.unit}"
    name = f"`{quality.spec}`: {quality.task}"
    if not scored:
        reason = found[0]["reason"] if found else "not run yet"
        return [name, "–", "–", goal, reason, "–", quality.published, "–", "–"]
    values = [one["score"] for one in scored]
    spread = f" ± {number(stdev(values), 2)}" if len(values) > 1 else ""
    beside = ", ".join(f"{by.replace('_', ' ')} {number(value)}" for by, value in scored[0]["baselines"].items())
    return [
        name,
        f"{number(mean(values), 4)}{quality.unit}{spread}",
        str(len(values)) if len(values) > 1 else f"one ({scored[0]['seed']})",
        goal,
        "" if quality.goal is None else "reached" if quality.reached(mean(values)) else "missed",
        beside or "–",
        quality.published,
        f"{mean(one['seconds'] for one in scored) / 60:.1f}",
        max(one["when"] for one in scored)[:10],
    ]


def _write(records: Sequence[Record]) -> None:
    stem = RESULTS / f"{datetime.date.today().isoformat()}-quality"
    write_records(stem.with_suffix(".jsonl"), records)
    here = records[-1]["machine"]
    blocks = [f"# Quality, {stem.name[:10]}", facts(here), quality_table(records), *_failures(records)]
    stem.with_suffix(".md").write_text("\n\n".join(blocks) + "\n")


def _failures(records: Sequence[Record]) -> list[str]:
    lines = [f"- `{one['spec']}`, seed {one['seed']}: {one['reason']}" for one in records if "reason" in one]
    return ["## Runs without a score\n\n" + "\n".join(lines)] if lines else []


def _environment(spec: Path, home: str) -> Mapping[str, str]:
    files = prepared(named_in(spec))
    roots = os.pathsep.join([str(DATA.resolve()), str(files.resolve())])
    names: dict[str, Any] = {
        "RNN_HOME": home,
        "RNN_BENCH_DATA": str(DATA.resolve()),
        "RNN_BENCH_PREPARED": str(files.resolve()),
        "RNN_ROOTS": roots,
    }
    return {**os.environ, **names}


def _last_line(text: str) -> str:
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "it said nothing")


def _now() -> str:
    return datetime.datetime.now().astimezone().isoformat(timespec="minutes")


if __name__ == "__main__":
    main()
