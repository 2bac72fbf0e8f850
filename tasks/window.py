"""The step that says what a forecaster is shown and what it predicts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.data.windows import all_windows, has_truth, segments
from rnnlib.errors import DataError, Refused
from tasks.base import Complaint, Lineage, Parts, Slot, Task, Value, Work
from tasks.load import Load
from tasks.store import Stored

_WHOLE = "`window` cuts series with a `target`, and these are whole sequences with a label: leave the step out"


class Window(Task):
    """Cuts series into windows: `context` rows to look at, `horizon` rows to predict, one every `stride` rows.

    A window belongs to the part that holds its whole horizon; its context may reach back into the part before.
    """

    takes: ClassVar[Mapping[str, Slot]] = {"parts": Slot(Parts)}
    gives: ClassVar[type[Value]] = Parts

    task: Literal["window"] = "window"
    context: int = Field(..., ge=1, le=1_000_000, description="rows that the model sees")
    horizon: int = Field(..., ge=1, le=100_000, description="rows that the model predicts")
    stride: int = Field(1, ge=1, le=1_000_000, description="rows from one window to the next")

    def review(self, name: str, lineage: Lineage) -> Iterator[Complaint]:
        """Whole sequences have no windows, and of two steps the second would undo the first."""
        if (load := lineage.latest(Load)) is not None and not load[1].roles.target:
            yield Complaint(name, (), _WHOLE)
        if (earlier := lineage.latest(Window)) is not None:
            rule = f"windows are cut once, and `{earlier[0]}` has cut these series before"
            yield Complaint(name, (), f"{rule}: keep one of the two steps")

    def perform(self, inputs: Mapping[str, Stored], at: Path, _work: Work) -> None:
        """Notes the window; raises `Refused` or `DataError` where a part has none."""
        data = DataSet.open(inputs["parts"].path)
        if not data.having("target"):
            raise Refused(_WHOLE)
        data = data.with_about(window={"context": self.context, "horizon": self.horizon, "stride": self.stride})
        facts: dict[str, int] = {}
        for part in (PartOf.train, PartOf.validation, PartOf.test):
            if data.rows_of(part).any():
                facts |= self._counted(data, part)
        data.save(at, like=inputs["parts"].path)
        (at / "summary.json").write_text(json.dumps(facts, indent=1))

    def _counted(self, data: DataSet, part: PartOf) -> dict[str, int]:
        """How many windows a part has."""
        windows = all_windows(data, part)
        if not len(windows):
            raise self._none(data, part)
        known = has_truth(data, windows)
        if not known.any():
            rule = f"all {len(windows)} windows of the {part.name} part have an unknown target"
            raise DataError(f"{rule}: fill the target with `load.missing`, or split otherwise", at=("horizon",))
        facts = {f"{part.name} windows": int(known.sum()), f"{part.name} windows without truth": int((~known).sum())}
        idle = len(np.unique(segments(data, part).sequence)) - len(np.unique(windows.sequence[known]))
        return {name: count for name, count in {**facts, f"{part.name} series without a window": idle}.items() if count}

    def _none(self, data: DataSet, part: PartOf) -> DataError:
        """Why a part has no window: its longest run of rows, or its longest series, is too short."""
        runs = segments(data, part)
        rows = runs.last - runs.first
        longest = int(np.argmax(rows))
        key = data.sequences["key"].gather(runs.sequence)[longest]
        if rows[longest] < self.horizon:
            rule = (
                f"horizon {self.horizon} is longer than the {part.name} part ({rows[longest]} rows of series `{key}`)"
            )
            return DataError(f"{rule}: shorten the horizon or give {part.name} more rows", at=("horizon",))
        reach = runs.last - data.offsets[runs.sequence]
        longest = int(np.argmax(reach))
        key = data.sequences["key"].gather(runs.sequence)[longest]
        needs = f"context {self.context} and horizon {self.horizon} make windows of {self.context + self.horizon} rows"
        rule = f"{needs}, and series `{key}` has {reach[longest]} up to the end of its {part.name} part"
        return DataError(f"{rule}: shorten the context or give {part.name} more rows", at=("context",))
