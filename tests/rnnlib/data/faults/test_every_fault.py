"""Bad data, 32 classes and five variants of each: a typed error with its place, or the repair that the spec names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from rnnlib.data.dataset import DataSet
from rnnlib.data.loading import load
from rnnlib.data.loading.reading import Reading
from rnnlib.data.seen import Contract
from rnnlib.errors import DataError, Refused
from rnnlib.place import Place
from tasks.split import Split
from tasks.window import Window
from tests.rnnlib.data.faults.files import FILES
from tests.rnnlib.data.faults.held import HELD
from tests.rnnlib.data.faults.made import Fault, stored
from tests.rnnlib.data.faults.values import VALUES
from tests.tasks.steps import performed

FAULTS: Mapping[str, list[Fault]] = {**FILES, **VALUES, **HELD}


def section(fault: Fault, name: str) -> Reading:
    """The spec's `load`."""
    more = dict(fault.more)
    several = len(fault.files) > 1
    source = {"kind": name.rpartition(".")[2], "path": f"f*.{name.rpartition('.')[2]}" if several else name}
    return Reading.model_validate({"source": {**source, **more.pop("source", {})}, "roles": fault.roles, **more})


def loaded(fault: Fault, folder: Path) -> DataSet:
    """The data, loaded as the spec says, held to its contract, and cut."""
    place, accepted = Place(folder, folder), contract(fault, folder)
    for name, content in fault.files.items():
        (folder / name).write_bytes(content)
    data = load(section(fault, next(iter(fault.files))), place, accepted)
    if "split" in fault.then:
        data = performed(Split(**fault.then["split"]), "rows", data, folder)
    if "window" in fault.then:
        data = performed(Window(**fault.then["window"]), "parts", data, folder)
    return data


def contract(fault: Fault, folder: Path) -> Contract | None:
    """What the first good load saw."""
    if fault.accepted is None:
        return None
    kind = next(iter(fault.files)).rpartition(".")[2]
    (folder / f"before.{kind}").write_bytes(stored(fault.accepted, kind))
    before: Any = section(fault._replace(more={}), f"before.{kind}")
    return load(before, Place(folder, folder)).about.contract


def test_there_are_24_classes_and_five_variants_of_each() -> None:
    assert len(FAULTS) >= 24
    assert {name: len(found) for name, found in FAULTS.items()} == dict.fromkeys(FAULTS, 5)


@pytest.mark.parametrize(
    "fault", [pytest.param(one, id=f"{name} {at}") for name, found in FAULTS.items() for at, one in enumerate(found)]
)
def test_it_is_refused_with_its_place_or_repaired_and_counted(fault: Fault, tmp_path: Path) -> None:
    if not fault.message and not fault.then:
        assert loaded(fault, tmp_path).about.repairs == fault.repairs
        return
    with pytest.raises(DataError if not fault.then else Refused, match=fault.message) as refused:
        loaded(fault, tmp_path)
    if not fault.then:
        assert isinstance(refused.value, DataError)
        assert (refused.value.column, refused.value.row) == (fault.column, fault.row)
