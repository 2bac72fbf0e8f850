"""Steps performed on data sets in folders, without a pipeline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rnnlib.data.dataset import DataSet
from rnnlib.place import Place
from tasks.base import Task, Work
from tasks.store import Store, Stored


def stored(data: DataSet, folder: Path) -> Stored:
    """A data set as an earlier step left it."""
    data.save(folder)
    return Stored(path=folder, digest="")


def performed(section: Task, slot: str, given: DataSet | Stored, folder: Path, seed: int = 0) -> DataSet:
    """What a step writes into `folder/<its task>`, opened."""
    source = given if isinstance(given, Stored) else stored(given, folder / f"before {section.task}")
    at = folder / section.task
    at.mkdir()
    work = Work("step", seed, Place(folder, folder), Store(folder / "home"), folder / "work")
    section.perform({slot: source}, at, work)
    return DataSet.open(at)


def summary(folder: Path, task: str) -> dict[str, Any]:
    """The facts that a step notes for the report."""
    return json.loads((folder / task / "summary.json").read_text())
