"""Load: files become sequences."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np

from rnnlib.data.dataset import DataSet
from rnnlib.data.loading import load
from rnnlib.data.loading.reading import Reading
from rnnlib.data.times.time import shown_times
from rnnlib.errors import Refused, refusals_at
from rnnlib.place import File, Place
from tasks.accepted import Accepted, MadeFrom
from tasks.base import Rows, Task, Value, Work
from tasks.store import Stored, digest_of

_MOST_NAMED = 30


class Load(Reading, Task):
    """Reads files, checks them, and makes sequences of their rows. What is wrong is refused, or repaired as written."""

    gives: ClassVar[type[Value]] = Rows
    retries: ClassVar[int] = 2

    task: Literal["load"] = "load"

    def rests_on(self, place: Place) -> dict[str, str]:
        """The sha256 of every file that the source names, or what a database says of its rows."""
        try:
            return self.source.rests_on(place)
        except Refused as refusal:
            refusal.at = refusal.at or ("source", "path")
            raise

    def held_to(self, work: Work, rests_on: Mapping[str, str]) -> str | None:
        """The digest of the accepted contract; none where it is that of these very files, read in this very way."""
        accepted, now = Accepted.read(self.contract_file(work)), self.made_from(rests_on)
        return None if accepted is None or accepted.made_from == now else accepted.digest

    def contract_file(self, work: Work) -> File | None:
        """Where the accepted contract is, or would be; none where a step is performed by itself and names no file."""
        if self.contract.file is not None:
            with refusals_at("contract", "file"):
                return work.place.file(self.contract.file)
        if not work.pipeline:
            return None
        path = work.store.home / "contracts" / work.pipeline / f"{work.step}.json"
        return File(f".rnn/contracts/{work.pipeline}/{work.step}.json", path)

    def made_from(self, rests_on: Mapping[str, str]) -> MadeFrom:
        """What a contract is seen in: these files, read as this section says."""
        section = self.model_dump(mode="json", by_alias=True, exclude={"from_", "contract"})
        return MadeFrom(files=digest_of(rests_on), section=digest_of(section))

    def perform(self, _inputs: Mapping[str, Stored], at: Path, work: Work) -> None:
        """Writes the data set and its summary; the contract of the first good load, and of a new reading, is kept.

        Raises `DataError` where a file is not any more what the step's key rests on, `ContractError` where the data is
        not as it was.
        """
        rests_on = self.rests_on(work.place) if work.rests_on is None else work.rests_on
        file, now = self.contract_file(work), self.made_from(rests_on)
        accepted = Accepted.read(file)
        same = accepted is not None and accepted.made_from.files == now.files
        data = load(self, work.place, None if accepted is None or same else accepted.seen, rests_on)
        data.save(at)
        assert data.about.contract is not None
        made = Accepted(made_from=now, seen=data.about.contract)
        (at / "contract.json").write_text(made.seen.text)
        if file is not None and (accepted is None or (same and accepted != made)):
            work.say(f"the contract is in {file.shown}" if accepted is None else f"{file.shown} follows the spec")
            made.keep(file, first=accepted is None)
        (at / "summary.json").write_text(json.dumps(summary(data, stated=self.every is not None), indent=1))


def summary(data: DataSet, *, stated: bool) -> dict[str, Any]:
    """The facts of a data set that a report shows; `stated` is whether the spec says the step between its rows."""
    about = data.about
    missing = np.isnan(data.raw).sum(axis=0)
    counts = {column.name: int(count) for column, count in zip(about.columns, missing, strict=True) if count}
    facts = {
        "rows": data.rows,
        "sequences": len(data.lengths),
        "shortest": int(data.lengths.min()),
        "longest": int(data.lengths.max()),
        "every": _step(data, stated=stated),
        "columns": _columns([f"{column.name} ({column.role})" for column in about.columns]),
        "tags": _columns(about.tags),
        **_span(data),
        "missing values": _listed(counts),
        "repairs": _listed(about.repairs),
        "files": _columns(list(about.files)),
    }
    return {name: fact for name, fact in facts.items() if fact != ""}


def _columns(names: Sequence[str]) -> str:
    """The names; of very many the first, the last and their number."""
    few = len(names) <= _MOST_NAMED
    return ", ".join(names) if few else f"{len(names)}: {names[0]}, {names[1]}, …, {names[-1]}"


def _span(data: DataSet) -> dict[str, str]:
    axis = data.about.time
    if data.times is None or axis is None:
        return {}
    first, last = shown_times(np.array([data.times.min(), data.times.max()]), axis)
    return {"from": str(first), "to": str(last), "zone": axis.zone or ""}


def _step(data: DataSet, *, stated: bool) -> str:
    if data.about.time is None or data.about.time.every is None:
        return "irregular" if data.about.made.get("irregular") else ""
    return f"{data.about.time.every.removesuffix('i')} ({'stated' if stated else 'inferred'})"


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name}: {count}" for name, count in counts.items())
