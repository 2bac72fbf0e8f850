"""The text of a first spec: what was guessed, and why, line by line."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from flows.starter.columns import Guess
from flows.starter.facts import Facts
from flows.starter.spelling import list_text, mapping_of, quoted, source_text
from rnnlib.data.sources import TableSource
from rnnlib.place import Place

_WIDTH = 56


class Line(NamedTuple):
    """One line of the spec, and what it says beside it."""

    text: str
    why: str = ""


def written(spec: Path, source: TableSource, guess: Guess, facts: Facts) -> str:
    """The spec as text."""
    body = _forecast(spec, guess, facts) if guess.roles.target else _labelled(spec, guess)
    lines = [*_head(spec, source), *_load(source, guess, facts), *body]
    return "".join(f"{_beside(line)}\n" for line in lines)


def _beside(line: Line) -> str:
    return f"{line.text:<{_WIDTH}}  # {line.why}" if line.why else line.text


def _head(spec: Path, source: TableSource) -> Iterator[Line]:
    schemas = (spec.parent / "schema.json", Place.of(spec).root / "pipelines" / "schema.json")
    if schema := next((file for file in schemas if file.is_file()), None):
        shown = Path(os.path.relpath(schema.resolve(), spec.resolve().parent)).as_posix()
        yield Line(f"# yaml-language-server: $schema={shown}")
    yield Line(
        f"# A first spec for {quoted(Path(source.path).name)}, guessed from its columns. Read it, correct it, then"
    )
    yield Line(f"#   rnn check {quoted(spec.name)}    finds mistakes without reading the data")
    yield Line(f"#   rnn plan {quoted(spec.name)}     reads the data and says what a run would do")
    yield Line(f"#   rnn run {quoted(spec.name)}      trains, scores and registers the model")
    yield Line("version: 1")
    yield Line(f"name: {_name(spec)}")
    yield Line("seed: 1", "every random draw derives from it")
    yield Line("steps:")


def _load(source: TableSource, guess: Guess, facts: Facts) -> Iterator[Line]:
    roles = guess.roles
    yield Line("  load:")
    yield Line(f"    source: {source_text(source)}")
    yield Line("    roles:")
    for role in ("series", "sample", "time"):
        if column := getattr(roles, role):
            yield Line(f"      {role}: {quoted(column)}", _WHY[role])
    for role in ("target", "past", "future", "features"):
        if columns := getattr(roles, role):
            yield Line(f"      {role}: {list_text(columns)}", _WHY[role])
    if roles.label:
        kinds = f"{guess.classes} classes" if guess.classes else "a number to predict"
        yield Line(f"      label: {quoted(roles.label)}", f"{kinds}; {facts.sequences:,} samples")
    for column, reason in guess.unused.items():
        yield Line(f"      # not used: {quoted(column)} ({reason})")
    if guess.time_format:
        yield Line(f"    time_format: {quoted(guess.time_format)}", "how the times are written")
    if facts.every and roles.target:
        yield Line(f"    every: {facts.every}", f"{_rows(facts)}; the step that most rows have")
    if facts.unsorted:
        yield Line("    unsorted: sort", "the rows are not in the order of their times")
    if facts.duplicates:
        yield Line("    duplicates: mean", f"{_repeated(facts)} with another one")
    if facts.put_back:
        few = f"{facts.put_back.rows:,} of these {'is' if facts.put_back.rows == 1 else 'are'} of the hour"
        yield Line("    # clock: {repeated: in_order}", f"{few} that comes twice when clocks go back: then these two")
        yield Line(f"    # zone: {facts.put_back.zone}", "lines, with the zone of the times, and no mean of them")
    if facts.missing:
        policy = "{fill: interpolate, otherwise: mask}"
        yield Line(f"    missing: {policy}", f"{facts.missing:,} values are not there; filled within each part only")


def _forecast(spec: Path, guess: Guess, facts: Facts) -> Iterator[Line]:
    context, horizon = _window(facts)
    several = facts.sequences > 1
    per = ", per: series" if several else ""
    yield Line("  split: {by: time, validation: 15%, test: 15%}", "the last rows of each series are held out")
    yield Line("  normalize:", "fitted on train rows only; forecasts come back in data units")
    yield Line(
        f"    target: {{kind: standard{per}}}", "each series by itself" if several else "zero mean, unit variance"
    )
    for role in ("past", "future"):
        if getattr(guess.roles, role):
            yield Line(f"    {role}: {{kind: standard}}")
    reach = _reach(facts, context, horizon)
    yield Line(f"  window: {{context: {context}, horizon: {horizon}}}", reach)
    yield Line("  train:")
    yield Line("    model:")
    yield Line("      kind: forecaster")
    yield Line("      relative_to: last", "learns the change from the last value: levels drift")
    yield Line("      layers: [{kind: lstm, units: 32}]")
    yield from _training("epochs: 40", "a validation loss that no longer falls")
    metrics = ["mase", "mae"] if facts.season else ["mae", "rmse"]
    beside = f"; a season is {facts.season} rows" if facts.season else ""
    yield Line(f"  evaluate: {mapping_of('metrics', metrics)}", f"beside naive, seasonal naive and drift{beside}")
    yield from _register(spec, metrics[0], "seasonal_naive" if facts.season else "naive")


def _labelled(spec: Path, guess: Guess) -> Iterator[Line]:
    classes = guess.classes is not None
    stratify = ", stratify: true" if classes else ""
    why = "whole samples; each class in the same proportion everywhere" if classes else "whole samples"
    yield Line(f"  split: {{by: random, validation: 15%, test: 15%{stratify}}}", why)
    yield Line("  normalize:", "fitted on train samples only")
    yield Line("    features: {kind: standard, constant: center}", "a column that never varies is not divided")
    if not classes:
        yield Line("    label: {kind: standard}", "predictions come back in data units")
    yield Line("  train:")
    yield Line("    model:")
    yield Line(f"      kind: {'classifier' if classes else 'regressor'}")
    yield Line("      layers: [{kind: gru, units: 64}]", "the last state is what the head reads")
    yield from _training("epochs: 40", "a validation loss that no longer falls")
    metrics = ["macro_f1", "accuracy"] if classes else ["mae", "rmse"]
    baseline = "majority" if classes else "mean"
    beside = "the most frequent class" if classes else "the mean of the train samples"
    yield Line(f"  evaluate: {mapping_of('metrics', metrics)}", f"beside {beside}")
    yield from _register(spec, metrics[0], baseline)


def _training(epochs: str, stop: str) -> Iterator[Line]:
    yield Line("    optimizer: {kind: adam, learning_rate: 3e-3}")
    yield Line(f"    {epochs}")
    yield Line("    batch: 64")
    yield Line("    clip: 1.0", "the greatest norm of a gradient")
    yield Line("    early_stopping: {patience: 6}", f"stops at {stop}")


def _register(spec: Path, metric: str, baseline: str) -> Iterator[Line]:
    yield Line("  register:", "the alias moves only to a model that beats what is named")
    yield Line(f"    model: {_name(spec)}")
    yield Line(f"    promote: {{alias: champion, when: {{metric: {metric}, beats: [champion, {baseline}], by: 1%}}}}")


def _window(facts: Facts) -> tuple[int, int]:
    """Context and horizon in rows: two seasons and one, as far as the parts of the shortest series hold them.

    A held-out part has 15 % of the rows and holds more than one horizon, the train part 70 % and many windows.
    """
    season = facts.season or 12
    horizon = max(1, min(season, int(facts.shortest * 0.15 * 0.75)))
    context = max(1, min(2 * season, int(facts.shortest * 0.70) // 2 - horizon))
    return context, horizon


def _reach(facts: Facts, context: int, horizon: int) -> str:
    return f"reads {context} rows, forecasts the next {horizon}" + (f" ({facts.every} each)" if facts.every else "")


def _repeated(facts: Facts) -> str:
    rows = "1 row shares its" if facts.duplicates == 1 else f"{facts.duplicates:,} rows share their"
    return f"{rows} {'time' if facts.sequences == 1 else 'series and time'}"


def _rows(facts: Facts) -> str:
    if facts.sequences == 1:
        return f"{facts.longest:,} rows"
    lengths = f"{facts.shortest:,} to {facts.longest:,}" if facts.shortest < facts.longest else f"{facts.longest:,}"
    return f"{facts.sequences:,} series of {lengths} rows"


def _name(spec: Path) -> str:
    """The file's name as the name of a pipeline and of a model."""
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", spec.stem).strip("-")
    return (plain if plain[:1].isalpha() else f"pipeline-{plain}".rstrip("-"))[:64]


_WHY = {
    "series": "each value is a series of its own",
    "sample": "the rows of one sample are one sequence",
    "time": "the order of the rows",
    "target": "what is forecast",
    "past": "known up to now; what is known ahead (a plan, a calendar) belongs under `future`",
    "future": "known ahead: goes on where the target ends",
    "features": "what the model reads, row by row",
}
