"""The page of a speed run, made of its records alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import median

from benchmarks.contestants import GIVEN_TYPES, GOALS, LOADER, M4_MILLISECONDS, OURS, PYTORCH, SEQUENCE_OF_ONE
from benchmarks.m4 import BATCH
from benchmarks.machine import facts
from benchmarks.ratios import ratio, verdict
from benchmarks.tables import Record, number, table
from benchmarks.workloads import WORKLOADS

REFERENCE = {"windows": LOADER, "windows-panel": LOADER, "streaming": SEQUENCE_OF_ONE, "load-csv": GIVEN_TYPES}
NOTES = """Contestants run in processes of their own and take turns, one at a time, each pinned to as many processors
as it has threads. Rates are medians over rounds; a ratio is taken round by round, its quartiles in brackets. *Losses*
is how far the losses of four steps from equal weights lie from PyTorch's, relatively. Memory is resident: after the
start → at its peak. *By processor time* the seconds are those that the process was at work: on one thread and a busy
machine the truer ratio; on two, threads that wait for each other count as work."""


def speed_page(records: Sequence[Record]) -> str:
    """The whole page in Markdown."""
    first = records[0]
    blocks = [f"# Speed, {first['when'][:10]}", facts(first["machine"]), NOTES]
    if others := {record["machine"]["load before"] for record in records} - {first["machine"]["load before"]}:
        blocks.append(f"Parts were measured in other runs, with a load of {', '.join(sorted(others))} before.")
    blocks += [_goals(records), *_limits(records)]
    for name, workload in WORKLOADS.items():
        blocks += _contests(records, name, workload.title, workload.flop / workload.batch / 1e9)
    blocks += _contests(records, "windows", "Windows: 96 + 24 × 8 float32, shuffled batches of 256")
    blocks += _contests(records, "windows-panel", "The same windows of 1,000 series of 1,000 rows")
    blocks += _contests(records, "load-csv", "A CSV of a million rows and five columns (rows a second)")
    blocks += _streaming(records)
    blocks += _m4(records)
    blocks += _profiles(records)
    return "\n\n".join(blocks) + "\n"


def _goals(records: Sequence[Record]) -> str:
    rows = []
    for goal in GOALS:
        seen = _named(records, goal.contest, goal.threads)
        mine, other = (seen.get(name, {}).get("rates") or [] for name in (goal.contestant, goal.against))
        reached = ratio(mine, other) if mine and len(mine) == len(other) else None
        shown = (str(reached), verdict(reached.middle, goal.ratio)) if reached else ("–", "not measured")
        contest = goal.contest if goal.threads == 1 else f"{goal.contest}, {goal.threads} threads"
        rows.append([contest, goal.contestant, f"{goal.ratio:g} × {goal.against}", *shown])
    if steps := _named(records, "m4", 2).get(OURS, {}).get("rates"):
        taken = 1000 * BATCH / median(steps)
        wanted = f"at most {M4_MILLISECONDS:g} ms a step, 2 threads"
        rows.append(["m4", OURS, wanted, f"{taken:.0f} ms", verdict(M4_MILLISECONDS / taken, 1)])
    return "## Goals\n\n" + table(["contest", "who", "goal", "reached", ""], rows)


def _limits(records: Sequence[Record]) -> Iterator[str]:
    found = {record["threads"]: record["answer"] for record in records if record["contest"] == "limits"}
    names = [name for name in next(iter(found.values()), {}) if name not in ("megabytes", "relative error of `medium`")]
    if names:
        rows = [[str(threads), *(number(answer[name]) for name in names)] for threads, answer in sorted(found.items())]
        error = next(iter(found.values()))["relative error of `medium`"]
        kind = "it rounds to bfloat16" if error > 1e-5 else "it is float32"
        text = (
            f"GFLOP/s of a product of 1024³. The precision `medium` has a relative error of {error:.0e} here: {kind}."
        )
        yield f"## What this machine can do\n\n{text}\n\n{table(['threads', *names], rows)}"


def _contests(records: Sequence[Record], contest: str, title: str, gflop: float | None = None) -> Iterator[str]:
    for threads in sorted({record["threads"] for record in records if record["contest"] == contest}):
        seen = _named(records, contest, threads)
        reference = seen.get(REFERENCE.get(contest, PYTORCH), {})
        rows = [_row(name, record, reference, gflop) for name, record in seen.items()]
        head = ["", "samples/s", "ratio", "by processor time", "GFLOP/s", "losses", "MB"]
        yield f"## {title}; {threads} thread{'s' * (threads > 1)}\n\n{table(head, rows)}"


def _row(name: str, record: Record, reference: Record, gflop: float | None) -> list[str]:
    rates = record["rates"]
    if not rates:
        return [name, f"not measured: {record['reason']}", *["–"] * 5]
    paired = str(ratio(rates, reference["rates"])) if reference.get("rates") else "–"
    reached = number(gflop * median(rates)) if gflop else "–"
    shown = [number(median(rates), 4), paired, _by_processor(record, reference), reached]
    return [name, *shown, _apart(record, reference), _memory(record)]


def _by_processor(record: Record, reference: Record) -> str:
    """The ratio of samples per second that the processors worked."""
    mine, other = (one.get("processor_rates") for one in (record, reference))
    return f"{median(mine) / median(other):.2f}" if mine and other else "–"


def _apart(record: Record, reference: Record) -> str:
    if not record["losses"] or not reference.get("losses"):
        return "–"
    pairs = zip(record["losses"], reference["losses"], strict=True)
    return f"{max(abs(mine - other) / other for mine, other in pairs):.0e}"


def _memory(record: Record) -> str:
    start, peak = record["megabytes"]
    return f"{start:.0f} → {peak:.0f}"


def _streaming(records: Sequence[Record]) -> Iterator[str]:
    for threads in sorted({record["threads"] for record in records if record["contest"] == "streaming"}):
        seen = _named(records, "streaming", threads)
        reference = seen[SEQUENCE_OF_ONE]["rates"]
        rows = []
        for name, record in seen.items():
            if record["rates"]:
                shown = [number(record["answer"][which]) for which in ("p50", "p99")]
                rows.append([name, *shown, str(ratio(record["rates"], reference)) if reference else "–"])
            else:
                rows.append([name, f"not measured: {record['reason']}", "–", "–"])
        title = f"## Streaming: LSTM 128, one sample, one step; {threads} thread{'s' * (threads > 1)}"
        yield f"{title}\n\n{table(['', 'p50 µs', 'p99 µs', 'times as fast'], rows)}"


def _m4(records: Sequence[Record]) -> Iterator[str]:
    for threads in sorted({record["threads"] for record in records if record["contest"] == "m4"}):
        seen = _named(records, "m4", threads)
        score = _named(records, "m4-score", threads)
        rows = []
        for name, record in seen.items():
            rates, scored = record["rates"], score.get(name, {}).get("answer") or {}
            taken = f"{1000 * BATCH / median(rates):.0f}" if rates else f"not measured: {record['reason']}"
            paired = str(ratio(rates, seen[PYTORCH]["rates"])) if rates and seen[PYTORCH]["rates"] else "–"
            shown = [number(scored[which]) if scored else "–" for which in ("smape", "mase", "seconds")]
            rows.append([name, taken, paired, *shown, _memory(record) if rates else "–"])
        head = ["", "ms a step", "times as fast", "sMAPE", "MASE after 500 steps", "their seconds", "MB"]
        title = f"## M4 hourly, LSTM 128×2, 256 windows of 168 + 48 a step; {threads} thread{'s' * (threads > 1)}"
        text = "Repeating the last day: sMAPE 13.91, MASE 1.193. What the spec scores is in the table of qualities."
        yield f"{title}\n\n{text}\n\n{table(head, rows)}"


def _profiles(records: Sequence[Record]) -> Iterator[str]:
    for record in records:
        if record.get("profile"):
            rows = [[name, f"{100 * share:.0f} %", str(calls)] for name, share, calls in record["profile"]]
            title = f"## Where the time goes: {record['contestant']}, {record['contest']}"
            yield f"{title}\n\nOperations by their own time, of two epochs.\n\n{table(['', 'share', 'calls'], rows)}"


def _named(records: Sequence[Record], contest: str, threads: int) -> Mapping[str, Record]:
    return {
        record["contestant"]: record
        for record in records
        if (record["contest"], record["threads"]) == (contest, threads)
    }
