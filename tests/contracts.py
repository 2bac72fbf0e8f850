"""Contracts that the options of `load.contract` are tried on: each differs from the data in one respect."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from rnnlib.data.loading import load
from rnnlib.data.loading.reading import Reading
from rnnlib.place import File, Place
from tasks.accepted import Accepted, MadeFrom

FEW: Mapping[str, Any] = {"series": "meter", "time": "day", "target": ["load"]}
MARKED: Mapping[str, Any] = {"series": "meter", "target": ["load"], "past": ["holiday"], "categorical": ["holiday"]}
MOODS: Mapping[str, Any] = {"sample": "id", "features": ["a"], "label": "mood"}


def accepted(folder: Path, frame: pl.DataFrame, roles: Mapping[str, Any], **more: Any) -> Accepted:
    """The contract of a table, as if it was that of other files."""
    frame.write_csv(folder / "contract.csv")
    section = Reading.model_validate({"source": {"kind": "csv", "path": "contract.csv"}, "roles": roles, **more})
    seen = load(section, Place(folder, folder)).about.contract
    assert seen is not None
    return Accepted(made_from=MadeFrom(files="others", section="another"), seen=seen)


def write_contracts(folder: Path, series: pl.DataFrame, samples: pl.DataFrame) -> None:
    """`<difference>.json` for each kind of difference."""
    tables = {
        "extra": (series.select("meter", "day", "load"), FEW),
        "absent": (series.with_columns(spare=1), FEW),
        "reordered": (series[list(reversed(series.columns))], FEW),
        "category": (series.filter(pl.col("holiday") == 0), MARKED),
        "classes": (samples.with_columns(mood=pl.col("mood").replace("wild", "cross")), MOODS),
        "units": (series.with_columns(load=pl.col("load") * 1000), FEW),
        "constant": (series, FEW),
        "times": (series.filter(pl.int_range(pl.len()).over("meter") % 2 == 0), FEW),
        "rows": (pl.concat([series.with_columns(meter=pl.col("meter") + str(one)) for one in range(5)]), FEW),
        "file": (series, FEW),
    }
    made = {name: accepted(folder, frame, roles) for name, (frame, roles) in tables.items()}
    columns = (
        one.model_copy(update={"type": "text"} if one.name == "load" else {}) for one in made["file"].seen.columns
    )
    retyped = made["file"].seen.model_copy(update={"columns": tuple(columns)})
    made["retyped"] = made["file"].model_copy(update={"seen": retyped})
    for name, one in made.items():
        one.keep(File(name, folder / f"{name}.json"), first=True)
