"""Differences from the contract of the first good load."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from tests.rnnlib.data.faults.made import SAMPLES, Fault, held, meters, moods

NOTED = meters().with_columns(note=pl.lit("n"))
COLOURS = {**SAMPLES, "features": ["x", "colour"], "categorical": ["colour"]}


def half(faults: list[Fault], others: list[Fault]) -> list[Fault]:
    """Three that are refused and two that the spec accepts."""
    return [*faults[:3], *others[3:]]


def accepting(kind: str) -> dict[str, dict[str, str]]:
    """The spec that accepts one kind of difference."""
    return {"contract": {kind: "accept"}}


HELD: Mapping[str, list[Fault]] = {
    "renamed column": [
        fault
        for number, name in enumerate(("kWh", "KWH", "kwh_", "k_wh", "energy"))
        for fault in held(meters().rename({"kwh": name}), meters(), "looks renamed", column="kwh")[number : number + 1]
    ],
    "missing column": held(meters().drop("temp"), meters(), "it is not there", column="temp"),
    "extra column": half(
        held(NOTED, meters(), "knows no such column", column="note"),
        held(NOTED, meters(), more=accepting("extra"), repairs={"extra columns accepted": 1}),
    ),
    "absent column": half(
        held(meters(), NOTED, "it is not there", column="note"),
        held(meters(), NOTED, more=accepting("absent"), repairs={"absent columns accepted": 1}),
    ),
    "reordered columns": half(
        held(meters()["temp", "kwh", "t"], meters(), "received temp, kwh, t", column="temp",
             more={"contract": {"reordered": "refuse"}}),
        held(meters()["temp", "kwh", "t"], meters(), repairs={"columns out of order": 2}),
    ),
    "retyped column": held(
        meters().with_columns(temp=pl.when(pl.int_range(pl.len()) == 7).then(pl.lit("warm")).otherwise(pl.lit("5"))),
        meters(), "type number: received type text, `warm`", column="temp", row=8,
    ),
    "new category": half(
        held(moods().with_columns(colour=pl.col("colour").replace("red", "green")), moods(),
             "received `green` in 80 rows", column="colour", row=5, roles=COLOURS),
        held(moods().with_columns(colour=pl.col("colour").replace("red", "green")), moods(), roles=COLOURS,
             more=accepting("category"), repairs={"values of new categories accepted": 80}),
    ),
    "lost class": half(
        held(moods().filter(pl.col("mood") == "calm"), moods(), "`wild` is lost: a single class is left", column="mood",
             roles=SAMPLES),
        held(moods().filter(pl.col("mood") == "calm"), moods(), roles=SAMPLES, more=accepting("classes"),
             repairs={"changed classes accepted": 1}),
    ),
    "constant column": half(
        held(meters().with_columns(temp=4.0), meters(), "all of its 120 values are one", column="temp"),
        held(meters().with_columns(temp=4.0), meters(), more=accepting("constant"),
             repairs={"columns grown constant accepted": 1}),
    ),
    "nearly constant column": held(
        meters(2000).with_columns(temp=pl.when(pl.int_range(pl.len()) == 7).then(5.0).otherwise(4.0)), meters(),
        "99.95 % of its 2000 values are one", column="temp",
    ),
    "unit jump": [
        fault
        for number, (factor, shift, why) in enumerate(
            ((1000, 0, "1000 times as large"), (0.001, 0, "1000 times as small"), (100, 0, "100 times as large"),
             (1, 273.15, "K where there was °C"), (1e6, 0, "1000000 times as large"))
        )
        for fault in held(meters().with_columns(temp=pl.col("temp") * factor + shift), meters(), why,
                          column="temp")[number : number + 1]
    ],
    "too few rows": held(meters(50), meters(), "has 120 rows, of which 50% must be there: received 50"),
    "changed frequency or zone": [
        *held(meters()[::2], meters(200)[:120], "the step 1h: received 2h", column="t")[:3],
        *held(meters().with_columns(pl.col("t").dt.replace_time_zone("UTC")), meters(), "type", column="t", row=1)[2:4],
    ],
}  # fmt: skip
