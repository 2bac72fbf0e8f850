"""A small project on disk: a panel of two series, a table of labelled samples, and specs over them."""

from __future__ import annotations

import math
from datetime import date, timedelta
from pathlib import Path

from tests.flows.broken_specs import GOOD

CLASSIFY = """\
version: 1
name: waves
steps:
  load:
    source: {kind: csv, path: waves.csv}
    roles: {sample: wave, time: step, features: [height], label: shape}
  split: {by: random, validation: 20%, test: 20%, stratify: true}
  normalize: {features: {kind: standard}}
  train:
    model: {kind: classifier, layers: [{kind: gru, units: 8}]}
    optimizer: {kind: adam, learning_rate: 0.02}
    epochs: 3
    batch: 16
  evaluate: {}
"""


def series(days: int = 120) -> list[str]:
    """Rows of two series with a weekly season and a slow rise; deterministic."""
    out = []
    for meter, level in (("a", 10.0), ("b", 100.0)):
        for number in range(days):
            day = date(2020, 1, 1) + timedelta(days=number)
            load = level * (1 + 0.3 * math.sin(2 * math.pi * number / 7) + 0.002 * number + 0.05 * math.sin(number**2))
            out.append(f"{meter},{day},{load:.4f},{int(day.weekday() > 4)}")
    return out


def write_series(path: Path, rows: list[str] | None = None) -> None:
    """`series.csv` of the good spec."""
    path.write_text("meter,day,load,holiday\n" + "\n".join(rows or series()) + "\n")


def write_project(folder: Path) -> Path:
    """A project with the good spec (`demo.yaml`) and a classifier (`waves.yaml`); returns its folder."""
    (folder / ".git").mkdir(parents=True)
    write_series(folder / "series.csv")
    (folder / "demo.yaml").write_text(GOOD)
    (folder / "waves.yaml").write_text(CLASSIFY)
    lines = ["wave,step,height,shape"]
    for wave in range(60):
        for step in range(8 + wave % 5):
            height = math.sin(step + wave) if wave % 2 else (step % 3) / 3
            lines.append(f"w{wave},{step},{height:.4f},{'sine' if wave % 2 else 'saw'}")
    (folder / "waves.csv").write_text("\n".join(lines) + "\n")
    return folder
