"""What a model must know of the data before it is built, read off the data."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rnnlib.data.batching.labels import class_ids, class_names, label_numbers
from rnnlib.data.batching.next_tokens import tells_nothing_else, token_column
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.data.tags import check_binary, check_known, tag_classes
from rnnlib.errors import Refused
from rnnlib.layer import Tokens
from rnnlib.models import AnyModel, LanguageModel, Shape, Tagger


def classes_of(model: AnyModel, data: DataSet) -> tuple[str, ...] | None:
    """The classes that `model` tells apart: those of the train part, in ascending order; none where it has none.

    Those of a language model are the tokens, in the order of their numbers. Raises `DataError` where a label of any
    part is missing, or is not what the model needs: a class of the train part, or a number.
    """
    if isinstance(model, LanguageModel):
        return _tokens(data)
    if data.having("target"):
        return None
    if data.tags is not None:
        return _classes_of_tags(model, data)
    classes = class_names(data) if model.loss.takes == "logits" else None
    for part in (PartOf.train, PartOf.validation, PartOf.test):
        held = np.flatnonzero(data.rows_of(part)[data.offsets[:-1]])
        label_numbers(data, held) if classes is None else class_ids(data, held, classes)
    return classes


def _tokens(data: DataSet) -> tuple[str, ...]:
    if not tells_nothing_else(data):
        rule = "a language model learns from a `text` alone, and this data has something else to tell"
        raise Refused(f"{rule}: leave `label`, `tags` and `target` out of the roles, or train another model")
    return data.about.words[data.about.columns[token_column(data)].name]


def _classes_of_tags(model: AnyModel, data: DataSet) -> tuple[str, ...] | None:
    check_known(data, model.ahead if isinstance(model, Tagger) else 0)
    if model.loss.takes in ("logits", "potentials"):
        return tag_classes(data)
    check_binary(data)
    return None


def shape_of(data: DataSet, classes: tuple[str, ...] | None) -> Shape:
    """The sizes of the batches that `data` gives; raises `Refused` where a column must be encoded first."""
    raw = {column.name: column.holds for column in data.about.columns if column.holds in ("words", "characters")}
    raw |= {name: "words" for name in data.about.static if name in data.about.words}
    for name, holds in raw.items():
        if name not in data.about.static_tokens:
            rule = f"`{name}` holds {holds}, which are no numbers to compute with"
            raise Refused(f"{rule}: put a step `encode` between `split` and `train`")
    targets = data.having("target")
    window = data.about.window if targets else None  # stretches of texts may be shorter than theirs
    return Shape(
        inputs=len(data.about.columns),
        future=len(data.having("future")) if window else 0,
        static=len(data.about.static),
        horizon=window["horizon"] if window else None,
        targets=len(targets) or None,
        context=window["context"] if window else None,
        classes=len(classes) if classes else None,
        tags=len(data.about.tags) or None,
        target_columns=tuple(targets),
        tokens=_token_columns(data, [column.name for column in data.about.columns]),
        frame=data.about.frame if all(column.holds == "pixels" for column in data.about.columns) else None,
        future_tokens=_token_columns(data, [column.name for column in data.about.columns if column.role == "future"])
        if window
        else (),
        static_tokens=_token_columns(data, data.about.static),
    )


def _token_columns(data: DataSet, names: Sequence[str]) -> tuple[Tokens, ...]:
    """Those of the columns that hold tokens, and where they stand among them."""
    holding = {column.name for column in data.about.columns if column.holds == "tokens"} | {*data.about.static_tokens}
    words = data.about.words
    return tuple(Tokens(name, at, len(words[name])) for at, name in enumerate(names) if name in holding)
