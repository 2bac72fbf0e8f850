"""Five small learnable data sets, one for each kind of model, and a training for each."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import polars as pl
from pydantic import TypeAdapter

from rnnlib.data.about import About, Column
from rnnlib.data.dataset import DataSet
from rnnlib.models import AnyModel, Shape
from rnnlib.training import EarlyStopping, Training, classes_of, shape_of
from tests.rnnlib.training.texts import stream

CLASSES = ("calm", "wild")


class Toy(NamedTuple):
    section: Training
    data: DataSet
    shape: Shape
    classes: tuple[str, ...] | None


def forecast(rows: int = 120, **about: object) -> DataSet:
    time = np.arange(rows)
    target = np.sin(time / 3) + 0.1 * np.cos(time)
    raw = np.stack([target, np.roll(target, 1), np.cos(time / 3)], axis=1)
    raw[7, 0] = np.nan
    part = np.where(time < 80, 0, np.where(time < 100, 1, 2)).astype(np.int8)
    names = (("y", "target"), ("before", "past"), ("known", "future"))
    columns = tuple(Column.model_validate({"name": name, "role": role}) for name, role in names)
    return DataSet(
        about=About(columns=columns, window={"context": 8, "horizon": 2, "stride": 1}).model_copy(update=about),
        raw=raw,
        offsets=np.array([0, rows]),
        sequences=pl.DataFrame({"key": ["only"]}),
        observed=~np.isnan(raw),
        part=part,
    )


def sequences(count: int = 60) -> DataSet:
    draw = np.random.default_rng(5)
    lengths = draw.integers(4, 9, count)
    wild = np.arange(count) % 2
    raw = np.concatenate([draw.normal(0, 0.2 + wild[i], (lengths[i], 2)) for i in range(count)])
    part = np.repeat(np.arange(count) % 5 // 3, lengths).astype(np.int8)  # three of five train, the rest validation
    return DataSet(
        about=About(
            columns=(Column(name="a", role="features"), Column(name="b", role="features")),
            names={"label": "mood"},
        ),
        raw=raw,
        offsets=np.concatenate(([0], np.cumsum(lengths))),
        sequences=pl.DataFrame({"key": [str(i) for i in range(count)], "label": [CLASSES[w] for w in wild]}),
        part=part,
    )


def numbers() -> DataSet:
    data = sequences()
    spread = [float(data.raw[a:b].std()) for a, b in zip(data.offsets[:-1], data.offsets[1:], strict=True)]
    labelled = data.sequences.with_columns(label=pl.Series(spread))
    return DataSet(about=data.about, raw=data.raw, offsets=data.offsets, sequences=labelled, part=data.part)


def steps() -> DataSet:
    """Whether the sum of what came so far is above 0; one step in ten is not known."""
    data = sequences()
    sums = [np.cumsum(data.raw[a:b, 0]) for a, b in zip(data.offsets[:-1], data.offsets[1:], strict=True)]
    tags = (np.concatenate(sums) > 0).astype(float)
    tags[np.random.default_rng(6).random(data.rows) < 0.1] = np.nan
    about = data.about.model_copy(update={"names": {}, "tags": ("above",)})
    return replace(data, about=about, tags=tags[:, None], sequences=data.sequences.drop("label"))


MODELS = {
    "forecaster": {"kind": "forecaster", "layers": [{"kind": "lstm", "units": 8, "layers": 2, "dropout": 0.2}]},
    "classifier": {"kind": "classifier", "layers": [{"kind": "gru", "units": 8}, {"kind": "dropout", "rate": 0.3}]},
    "regressor": {"kind": "regressor", "layers": [{"kind": "rnn", "units": 8}]},
    "tagger": {"kind": "tagger", "layers": [{"kind": "gru", "units": 8}], "head": {"kind": "crf"}},
    "language_model": {
        "kind": "language_model",
        "layers": [{"kind": "embedding", "width": 4}, {"kind": "gru", "units": 8, "layers": 2, "dropout": 0.1}],
    },
}
OPTIMIZERS = {
    "forecaster": {"kind": "adam", "learning_rate": 1e-2},
    "classifier": {"kind": "rmsprop", "learning_rate": 1e-2, "momentum": 0.5},
    "regressor": {"kind": "sgd", "learning_rate": 5e-2, "momentum": 0.9},
    "tagger": {"kind": "adam", "learning_rate": 2e-2},
    "language_model": {"kind": "adamw", "learning_rate": 2e-2},
}
READ_ON = {"batch": 8, "shuffle": False, "carry_state": True}
"""How texts are read: each stretch from where the one before it ended."""
_JITTER = ({"kind": "jitter", "sigma": 0.01},)


def toy(kind: str, **changes: object) -> Toy:
    section = Training.model_validate(
        {
            "model": MODELS[kind],
            "optimizer": OPTIMIZERS[kind],
            "epochs": 4,
            "batch": 16,
            "clip": 1.0,
            "threads": 1,
            "early_stopping": EarlyStopping(patience=3),
            **(READ_ON if kind == "language_model" else {}),
            **changes,
        }
    )
    if kind == "forecaster":
        shape = Shape(inputs=3, future=1, horizon=2, targets=1, context=8, target_columns=(0,))
        return Toy(section, forecast(augment=_JITTER), shape, None)
    if kind == "classifier":
        return Toy(section, sequences(), Shape(inputs=2, classes=2), CLASSES)
    if kind == "tagger":
        return Toy(section, steps(), Shape(inputs=2, classes=2, tags=1), ("0", "1"))
    if kind == "language_model":
        data = stream(context=8)
        classes = classes_of(section.model, data)
        return Toy(section, data, shape_of(data, classes), classes)
    return Toy(section, numbers(), Shape(inputs=2), None)


def mixed(kind: str, precision: str, **changes: object) -> Toy:
    """The same in 16 bits, as far as they reach: oneDNN has no LSTM in float16, so the forecaster has a GRU here.

    Texts are not read on, so that batches may be accumulated.
    """
    gru = {"kind": "forecaster", "layers": [{"kind": "gru", "units": 8, "layers": 2, "dropout": 0.2}]}
    model = {"model": gru} if kind == "forecaster" else {}
    model |= {"carry_state": False} if kind == "language_model" else {}
    return toy(kind, precision=precision, **{**model, **changes})


EVERY_KIND = tuple(TypeAdapter(AnyModel).validate_python(model).kind for model in MODELS.values())
KINDS = tuple(kind for kind in EVERY_KIND if kind != "language_model")
"""Those whose layers may be any: tests put others in."""
