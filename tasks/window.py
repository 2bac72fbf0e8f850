"""The step that says what a forecaster is shown and what it predicts, and in which stretches texts are read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from rnnlib.data.batching.next_tokens import tells_nothing_else, token_stretches
from rnnlib.data.batching.windows import all_windows, has_truth, lacking, segments
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.data.leaks import leaks
from rnnlib.errors import DataError, Refused
from tasks.base import Complaint, Lineage, Parts, Slot, Task, Value, Work
from tasks.load import Load
from tasks.store import Stored

_WHOLE = "`window` cuts series with a `target`, or texts without a label, and this is neither: leave the step out"
_AHEAD = "series with a `target` are cut into windows that predict a horizon: write `horizon`"
_NEXT = "the stretches of a text follow each other and tell its next tokens: leave `{}` out"


class Window(Task):
    """Cuts series into windows: `context` rows to look at, `horizon` rows to predict, one every `stride` rows.

    A window belongs to the part that holds its whole horizon; its context may reach back into the part before. Texts
    without a label are cut into consecutive stretches of `context` tokens; what is told at a step is the next token.
    """

    takes: ClassVar[Mapping[str, Slot]] = {"parts": Slot(Parts)}
    gives: ClassVar[type[Value]] = Parts

    task: Literal["window"] = "window"
    context: int = Field(..., ge=1, le=1_000_000, description="rows that the model sees")
    horizon: int | None = Field(
        None, ge=1, le=100_000, description="rows that the model predicts; needed for series, not for texts"
    )
    stride: int | None = Field(
        None, ge=1, le=1_000_000, description="rows from one window to the next, 1 where it is left out; not for texts"
    )

    @property
    def step(self) -> int:
        """Rows from one window, or one stretch, to the next."""
        if self.horizon is None:
            return self.context
        return 1 if self.stride is None else self.stride

    def review(self, name: str, lineage: Lineage) -> Iterator[Complaint]:
        """Whole sequences have no windows, and of two steps the second would undo the first."""
        if (load := lineage.latest(Load)) is not None:
            roles = load[1].roles
            yield from self._review_of(name, series=bool(roles.target), texts=roles.tells_nothing_else)
        if (earlier := lineage.latest(Window)) is not None:
            rule = f"windows are cut once, and `{earlier[0]}` has cut these series before"
            yield Complaint(name, (), f"{rule}: keep one of the two steps")

    def _review_of(self, name: str, *, series: bool, texts: bool) -> Iterator[Complaint]:
        """What does not fit what is cut."""
        if not series and not texts:
            yield Complaint(name, (), _WHOLE)
        elif series and self.horizon is None:
            yield Complaint(name, ("horizon",), _AHEAD)
        elif texts:
            for field in ("horizon", "stride"):
                if getattr(self, field) is not None:
                    yield Complaint(name, (field,), _NEXT.format(field))

    def perform(self, inputs: Mapping[str, Stored], at: Path, work: Work) -> None:
        """Notes the window; raises `Refused` or `DataError` where a part has none."""
        data = DataSet.open(inputs["parts"].path)
        texts = tells_nothing_else(data)
        for complaint in self._review_of("window", series=bool(data.having("target")), texts=texts):
            raise Refused(complaint.message, at=complaint.at)
        window = {"context": self.context, "horizon": self.horizon, "stride": self.step}
        data = data.with_about(window={name: rows for name, rows in window.items() if rows is not None})
        facts: dict[str, int] = {}
        for part in (PartOf.train, PartOf.validation, PartOf.test):
            if data.rows_of(part).any():
                facts |= self._stretched(data, part) if texts else self._counted(data, part)
        data.save(at, like=inputs["parts"].path)
        suspicious = leaks(data, self.horizon or 0) if data.having("target") else ()
        for leak in suspicious:
            work.say(leak.sentence)
        noted = {"suspicious": "; ".join(leak.sentence for leak in suspicious)} if suspicious else {}
        (at / "summary.json").write_text(json.dumps({**facts, **noted}, indent=1))

    def _stretched(self, data: DataSet, part: PartOf) -> dict[str, int]:
        """How many stretches the texts of a part are cut into."""
        found = token_stretches(data, part, self.context)
        if not len(found):
            rule = f"what is told is the token after another, and the texts of the {part.name} part have one each"
            raise DataError(f"{rule}: give {part.name} more of the text", at=("context",))
        return {f"{part.name} stretches": len(found)}

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
        facts[f"{part.name} windows that lack values known ahead"] = lacking(data, windows.where(known))
        idle = len(np.unique(segments(data, part).sequence)) - len(np.unique(windows.sequence[known]))
        return {name: count for name, count in {**facts, f"{part.name} series without a window": idle}.items() if count}

    def _none(self, data: DataSet, part: PartOf) -> DataError:
        """Why a part has no window: its longest run of rows, or its longest series, is too short."""
        runs = segments(data, part)
        rows = runs.last - runs.first
        longest = int(np.argmax(rows))
        key = data.sequences["key"].gather(runs.sequence)[longest]
        assert self.horizon is not None, "series are cut with a horizon"
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
