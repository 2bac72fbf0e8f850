"""Drawing whole sequences, or whole groups of them, for the parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import polars as pl
from jaxtyping import Int64
from numpy import ndarray

from rnnlib.data.amounts import sizes
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.data.splits.apportion import at_random, by_class
from rnnlib.errors import DataError, Refused
from rnnlib.quantities import Percent
from rnnlib.seeds import derived

Stratify = Literal[False, True, "label"]
"""`true` and `label` say the same: by the classes of the label."""

Sequences = Int64[ndarray, " _"]


def generator(seed: int) -> np.random.Generator:
    """The generator of a split."""
    return np.random.default_rng(derived(seed, "split"))


def part_sizes(
    whole: int, amounts: Mapping[PartOf, Percent | float | int | None], unit: str = "sequences"
) -> dict[PartOf, int]:
    """How many of `whole` each part takes; train is what the others leave where it names no amount.

    Raises `DataError` where a part would be empty, or where the parts take more than there is.
    """
    found = dict(zip(amounts, sizes(whole, list(amounts.values())), strict=True))
    for part, size in found.items():
        if amounts[part] is not None and size < 1:
            rule = f"`{amounts[part]}` of {whole} {unit} is not one of them"
            raise DataError(f"{rule}: the {part.name} part needs more", at=(part.name,))
    rest = whole - sum(found.values())
    rest_is_train = amounts.get(PartOf.train) is None
    if rest < rest_is_train:
        rule = f"the parts take {sum(found.values())} {unit}{', train at least one more' * rest_is_train}"
        raise DataError(f"{rule}, and there are {whole}: take less", at=(next(iter(amounts)).name,))
    return {**found, PartOf.train: rest} if rest_is_train else found


def draw(
    data: DataSet, pool: Sequences, size: Mapping[PartOf, int], stratify: bool, seed: int
) -> dict[PartOf, Sequences]:
    """Which sequences of the pool go to which part."""
    if stratify:
        found = by_class(_classes(data, pool), list(size.values()), generator(seed))
    else:
        found = at_random(len(pool), list(size.values()), generator(seed))
    return {part: pool[numbers] for part, numbers in zip(size, found, strict=True)}


def _classes(data: DataSet, pool: Sequences) -> pl.Series:
    if "label" not in data.sequences.columns:
        rule = "stratifying keeps the classes of the label in proportion, and the data has no label"
        raise Refused(f"{rule}: leave `stratify` out, or name `load.roles.label`", at=("stratify",))
    labels, name = data.sequences["label"].gather(pool), data.about.names.get("label", "label")
    if labels.dtype.is_float():
        rule = "stratifying keeps classes in proportion, and these labels are numbers"
        raise DataError(f"{rule}: leave `stratify` out", column=name, at=("stratify",))
    if labels.null_count():
        key = data.sequences["key"].gather(pool).filter(labels.is_null())[0]
        rule = f"stratifying needs the class of every sequence, and `{key}` has none"
        raise DataError(f"{rule}: give it a label or take it out", column=name, at=("stratify",))
    return labels
