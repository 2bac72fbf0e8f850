"""What a spec's sources hold, beside the contracts that they are held to: read, told, and accepted on purpose."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.check import Checked, check
from flows.held import held
from flows.home import home_of
from flows.problems import SpecError
from flows.series_table import SeriesTable, duplicates_in, series_table
from rnnlib.data.arrays import Arrays
from rnnlib.data.dataset import DataSet
from rnnlib.data.leaks import Leak, leaks
from rnnlib.data.loading import load
from rnnlib.data.seen import Contract
from rnnlib.errors import Refused
from rnnlib.place import File, Place
from tasks.accepted import Accepted
from tasks.base import Work
from tasks.load import Load
from tasks.store import Store
from tasks.window import Window


@dataclass(frozen=True)
class Profile:
    """One load: its data, where its contract is, and what differs from it, line by line."""

    pipeline: str
    step: str
    data: DataSet
    file: File
    accepted: Contract | None
    changed: tuple[str, ...]
    leaks: tuple[Leak, ...]
    series: SeriesTable | None
    held: dict[str, dict[str, str]]
    """Of columns that hold no numbers: texts, words, recordings, frames."""

    @property
    def seen(self) -> Contract:
        """What the data holds now."""
        assert self.data.about.contract is not None, "every load describes what it saw"
        return self.data.about.contract

    def facts(self) -> dict[str, Any]:
        """The profile as JSON."""
        return {
            "step": self.step,
            "seen": self.seen.model_dump(mode="json", exclude_defaults=True),
            "contract": {"file": str(self.file.path), "accepted": self.accepted is not None},
            "changed": list(self.changed),
            "leaks": [leak._asdict() for leak in self.leaks],
            "series": None if self.series is None else _series(self.series),
            "held": self.held,
        }


def profile(file: Path | str, overrides: Sequence[str] = (), *, accept: bool = False) -> list[Profile]:
    """Reads every source of the spec in `file` as it is, held to nothing; with `accept`, that is the contract from now.

    Raises `SpecError` for a spec, or a source, that does not hold.
    """
    checked = check(file, overrides)
    return [
        _profiled(checked, step.name, step.section, accept=accept)
        for step in checked.chain.steps
        if isinstance(step.section, Load)
    ]


def _profiled(checked: Checked, step: str, section: Load, *, accept: bool) -> Profile:
    home = home_of(checked.place.root)
    work = Work(step, checked.spec.seed, checked.place, Store(home), home / "work" / "data", checked.spec.name)
    try:
        file = section.contract_file(work)
        assert file is not None, "a pipeline has a name"
        accepted = None if accept and not _readable(file) else Accepted.read(file)
        data = load(section, checked.place)
        before = None if accepted is None else accepted.seen
        assert data.about.contract is not None, "every load describes what it saw"
        if accept:
            Accepted(made_from=section.made_from(section.rests_on(checked.place)), seen=data.about.contract).keep(
                file, first=False
            )
    except Refused as refusal:
        raise SpecError([checked.problem(("steps", step, *refusal.at), str(refusal))]) from refusal
    horizon = max((one.horizon or 0 for one in checked.spec.steps.values() if isinstance(one, Window)), default=0)
    return Profile(
        pipeline=checked.spec.name,
        step=step,
        data=data,
        file=file,
        accepted=before,
        changed=_changed(before, data.about.contract),
        leaks=leaks(data, horizon),
        series=series_table(data, _duplicates(section, data, checked.place)),
        held=held(data),
    )


def _duplicates(section: Load, data: DataSet, place: Place) -> dict[str, int]:
    """Of each sequence how many rows fell away, counted in the source, which is read again where any did."""
    time = section.roles.time
    if time is None or not data.about.repairs.get("duplicate rows"):
        return {}
    content, *_ = section.source.content(place, {named.column for named in section.roles.places()})
    return {} if isinstance(content, Arrays) else duplicates_in(content, time, section.roles.key)


def _series(found: SeriesTable) -> dict[str, Any]:
    return {
        "worst": [line._asdict() for line in found.worst],
        "total": found.total._asdict(),
        "flawless": found.flawless,
    }


def _readable(file: File) -> bool:
    """Whether there is a contract to compare with: one that is damaged is what is being replaced."""
    try:
        return Accepted.read(file) is not None
    except Refused:
        return False


def _changed(before: Contract | None, now: Contract) -> tuple[str, ...]:
    """The lines of the contract that go, and those that come."""
    if before is None:
        return ()
    lines = difflib.unified_diff(before.text.splitlines(), now.text.splitlines(), "accepted", "now", n=2, lineterm="")
    return tuple(lines)
