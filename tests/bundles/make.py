"""Makes one small bundle per kind of model in the current format, with an input and what it must predict.

A folder of a format is written once, by the version that wrote that format, and kept: later versions must read it.
Run `python -m tests.bundles.make` after a new format or a new kind of model; it never writes over what is there.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import torch

from rnnlib.bundle import FORMAT, open_bundle, save_bundle
from rnnlib.data.dataset import DataSet
from rnnlib.data.loading import frame_to_dataset
from rnnlib.data.missing import Missing
from rnnlib.data.normalizers import Log1p, MinMax, Standard
from rnnlib.data.roles import Roles
from rnnlib.data.splits import ByRandom, ByTime, split
from rnnlib.data.transforms import fit_transforms, transformed
from rnnlib.models import AnyModel, Classifier, Forecaster, Regressor, Shape, Tagger
from rnnlib.predictor import Predictor
from rnnlib.quantities import Duration
from rnnlib.training import classes_of

HERE = Path(__file__).parent / f"format-{FORMAT}"
CONTEXT, HORIZON = 6, 3


def meters(rows: int = 40) -> pl.DataFrame:
    """Two series of hourly values with a covariate of each kind."""
    frames = []
    for number, meter in enumerate(("north", "south")):
        step = np.arange(rows)
        frames.append(
            pl.DataFrame(
                {
                    "meter": [meter] * rows,
                    "ts": [datetime(2024, 1, 1) + timedelta(hours=int(hour)) for hour in step],
                    "kwh": np.round(20 + 10 * number + 5 * np.sin(step / 3) + step / 10, 3),
                    "price": np.round(1 + 0.5 * np.cos(step / 5), 3),
                    "temp": np.round(10 + 8 * np.sin(step / 7 + number), 2),
                    "area": [100.0 + 50 * number] * rows,
                }
            )
        )
    return pl.concat(frames)


def samples(count: int = 30) -> pl.DataFrame:
    """Sequences of unequal length with two features, a class, and a number."""
    draw = np.random.default_rng(3)
    frames = []
    for number in range(count):
        length, rising = int(draw.integers(3, 9)), number % 2 == 0
        slope = np.linspace(0, 1 if rising else -1, length)
        frames.append(
            pl.DataFrame(
                {
                    "id": [number] * length,
                    "v1": np.round(slope + draw.normal(0, 0.1, length), 3),
                    "v2": np.round(draw.normal(0, 1, length), 3),
                    "fault": ["rising" if rising else "falling"] * length,
                    "load": [round(float(slope.sum()), 3)] * length,
                }
            )
        )
    return pl.concat(frames)


def forecaster() -> tuple[AnyModel, DataSet]:
    """A forecast of one target from a covariate of each kind, fills, per-series scales."""
    roles = Roles(series="meter", time="ts", target=("kwh",), past=("price",), future=("temp",), static=("area",))
    missing = Missing(fill="interpolate", at_most=2, otherwise="mask")
    data = frame_to_dataset(
        meters(), roles, file="meters.csv", every=Duration.read("1h"), missing=missing, units={"kwh": "kWh"}
    )
    data = split(data, ByTime(validation=6, test=6), seed=7)
    scales = {"target": Standard(per="series"), "past": Standard(), "future": MinMax(), "static": Standard()}
    data = transformed(data, fit_transforms(data, scales))
    data = data.with_about(window={"context": CONTEXT, "horizon": HORIZON, "stride": 1})
    return Forecaster.model_validate({"layers": [{"kind": "lstm", "units": 4}], "relative_to": "last"}), data


def classifier() -> tuple[AnyModel, DataSet]:
    """Two classes in words."""
    roles = Roles(sample="id", features=("v1", "v2"), label="fault")
    data = split(
        frame_to_dataset(samples().drop("load"), roles, file="samples.csv"),
        ByRandom(test=0.2, validation=0.2, stratify=True),
        seed=7,
    )
    data = transformed(data, fit_transforms(data, {"features": Standard()}))
    return Classifier.model_validate({"layers": [{"kind": "gru", "units": 4}]}), data


def regressor() -> tuple[AnyModel, DataSet]:
    """A number per sequence, on a scale of its own."""
    roles = Roles(sample="id", features=("v1", "v2"), label="load")
    frame = samples().drop("fault").with_columns(load=pl.col("load").abs())
    data = split(frame_to_dataset(frame, roles, file="samples.csv"), ByRandom(test=0.2), seed=7)
    data = transformed(data, fit_transforms(data, {"features": Standard(), "label": Log1p()}))
    return Regressor.model_validate({"layers": [{"kind": "rnn", "units": 4}, {"kind": "dense", "units": 3}]}), data


def tagger() -> tuple[AnyModel, DataSet]:
    """A class in words for every step, some of them not known, and what follows what."""
    roles = Roles(sample="id", features=("v1", "v2"), tags="state")
    data = split(frame_to_dataset(states(), roles, file="samples.csv"), ByRandom(test=0.2), seed=7)
    data = transformed(data, fit_transforms(data, {"features": Standard()}))
    return Tagger.model_validate({"layers": [{"kind": "gru", "units": 4}], "head": {"kind": "crf"}}), data


def states() -> pl.DataFrame:
    """Sequences of unequal length with a class in words for every step."""
    high = pl.when(pl.col("v1") > 0).then(pl.lit("high")).otherwise(pl.lit("low"))
    state = pl.when(pl.col("v2") < 1.5).then(high)
    return samples().select("id", "v1", "v2", state=state)


def shape_of(data: DataSet, classes: tuple[str, ...] | None) -> Shape:
    """What the model is built for."""
    window, targets = data.about.window or {}, data.having("target")
    return Shape(
        inputs=len(data.about.columns),
        future=len(data.having("future")),
        static=len(data.about.static),
        horizon=window.get("horizon"),
        targets=len(targets) or None,
        context=window.get("context"),
        classes=None if classes is None else len(classes),
        tags=len(data.about.tags) or None,
        target_columns=tuple(targets),
    )


def write(folder: Path, made: Callable[[], tuple[AnyModel, DataSet]]) -> DataSet:
    """An untrained bundle of a model; its weights are drawn from a fixed seed."""
    model, data = made()
    classes = classes_of(model, data)
    shape = shape_of(data, classes)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        module = model.build(shape)
    save_bundle(
        folder,
        model=model,
        shape=shape,
        module=module,
        about=data.about,
        classes=classes,
        facts={"seed": 7, "best_epoch": 0, "versions": {"rnnlib": "0.1.0"}},
    )
    return data


def meters_to_predict() -> pl.DataFrame:
    """Both series with a horizon ahead, and a gap that the fill policy closes."""
    ahead = meters(CONTEXT + 4 + HORIZON)
    number = pl.int_range(pl.len()).over("meter")
    known = number < CONTEXT + 4
    return ahead.with_columns(kwh=pl.when(known & (number != 5)).then("kwh"), price=pl.when(known).then("price"))


INPUTS: dict[str, tuple[Callable[[], tuple[AnyModel, DataSet]], Callable[[], pl.DataFrame]]] = {
    "forecaster": (forecaster, meters_to_predict),
    "classifier": (classifier, lambda: samples(6).drop("fault", "load")),
    "regressor": (regressor, lambda: samples(6).drop("fault", "load")),
    "tagger": (tagger, lambda: samples(6).drop("fault", "load")),
}


def main() -> None:
    """Writes what is not there yet."""
    for kind, (made, given) in INPUTS.items():
        folder = HERE / kind
        if folder.exists():
            print(f"{folder.relative_to(HERE.parent)} stands, and is kept")
            continue
        write(folder / "bundle", made)
        given().write_parquet(folder / "input.parquet")
        Predictor(open_bundle(folder / "bundle")).predict(given()).write_parquet(folder / "expected.parquet")


if __name__ == "__main__":
    main()
