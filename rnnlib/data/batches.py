"""Batches made on the fly from the flat arrays: gathered windows, or whole sequences padded within the batch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float32, Int64, Shaped
from numpy import ndarray
from torch import Tensor

from rnnlib.data.augmented import augmented
from rnnlib.data.batch import Batch
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.data.gather import as_tensor, equal_rows, padded_rows
from rnnlib.data.hindsight import without_hindsight
from rnnlib.data.labels import class_ids, label_numbers
from rnnlib.data.step_tags import StepTags
from rnnlib.data.windows import Examples, examples_before, window_starts

__all__ = ["Batch", "Examples", "augmented", "batches", "examples_before", "examples_of"]

CHUNK = 64
"""Sequences of unequal length are sorted by length within this many batches: little padding, and still random."""


def examples_of(data: DataSet, part: PartOf) -> Examples:
    """The examples of a part: its windows where the data has a target, else its whole sequences."""
    if data.having("target"):
        return window_starts(data, part)
    whole = np.flatnonzero(data.rows_of(part)[data.offsets[:-1]])
    return Examples(data.offsets[whole], data.lengths[whole], whole)


def batches(
    data: DataSet,
    examples: Examples,
    order: Int64[Tensor, " shown"],
    size: int,
    *,
    classes: tuple[str, ...] | None = None,
    truth: bool = True,
    start: int = 0,
) -> Iterator[Batch]:
    """The examples that `order` lists, `size` at a time, from batch number `start` on.

    `classes` turns labels and tags into positions in it; without it they are numbers. `truth=False` reads neither
    targets nor labels nor tags (prediction). What batch k holds depends on `order` and `size`, not on `start`. Raises
    `DataError` for a label that is missing, and for a label or a tag that is not among the classes.
    """
    source = _Source.of(data, examples, classes, truth)
    for index in _planned(source.length, order, size)[start:]:
        yield source.batch(index)


@dataclass(frozen=True, eq=False)
class _Source:
    """The flat arrays as tensors, and the table of examples."""

    values: Float32[Tensor, "rows columns"]
    start: Int64[Tensor, " examples"]
    length: Int64[Tensor, " examples"]
    sequence: Int64[Tensor, " examples"]
    horizon: int
    future: list[int]
    targets: list[int]
    drawn: list[int]
    """The columns in which how a hole was filled tells of values that are not known when a forecast is made."""
    at_most: int | None
    observed: Bool[Tensor, "rows columns"] | None
    absent: Bool[Tensor, "rows columns"] | None
    static: Float32[Tensor, "sequences statics"] | None
    label: Shaped[Tensor, " examples"] | None
    tags: StepTags | None

    @classmethod
    def of(cls, data: DataSet, examples: Examples, classes: tuple[str, ...] | None, truth: bool) -> _Source:
        tagged = truth and data.tags is not None
        labelled = truth and not examples.horizon and not tagged
        static = data.static_values
        return cls(
            values=as_tensor(data.values),
            start=torch.from_numpy(examples.start),
            length=torch.from_numpy(examples.length),
            sequence=torch.from_numpy(examples.sequence),
            horizon=examples.horizon,
            future=data.having("future"),
            targets=data.having("target") if truth else [],
            drawn=_drawn(data) if examples.horizon else [],
            at_most=None if data.about.missing is None else data.about.missing.get("at_most"),
            observed=as_tensor(_observed(data)) if examples.horizon else None,
            absent=None if not examples.horizon or data.absent is None else as_tensor(data.absent),
            static=None if static is None else as_tensor(static),
            label=_label(data, examples.sequence, classes) if labelled else None,
            tags=StepTags.of(data, classes) if tagged else None,
        )

    def batch(self, index: Int64[Tensor, " batch"]) -> Batch:
        start, length = self.start[index], self.length[index]
        inputs, absent = self._seen(start, length)
        ahead = None if not self.horizon else equal_rows(self.values, start + length, self.horizon)
        true = None if not self.targets else self._true(start + length)
        tags, known = (None, None) if self.tags is None else self.tags.batch(start, length)
        return Batch(
            inputs=inputs,
            lengths=length,
            absent=absent,
            static=None if self.static is None else self.static[self.sequence[index]],
            future=ahead[..., self.future] if ahead is not None and self.future else None,
            target=ahead[..., self.targets] if ahead is not None and self.targets else None,
            target_observed=true,
            label=None if self.label is None else self.label[index],
            tags=tags,
            tags_observed=known,
            index=index,
            padded=bool((length < inputs.shape[1]).any()),
        )

    def _true(self, ahead: Int64[Tensor, " batch"]) -> Bool[Tensor, "batch horizon target"] | None:
        """Which targets of the horizon were measured."""
        return None if self.observed is None else equal_rows(self.observed, ahead, self.horizon)[..., self.targets]

    def _seen(
        self, start: Int64[Tensor, " batch"], length: Int64[Tensor, " batch"]
    ) -> tuple[Float32[Tensor, "batch time columns"], Bool[Tensor, "batch time columns"] | None]:
        """The inputs, and where they have no value; nothing in them was filled with a look into the horizon."""
        inputs = padded_rows(self.values, start, length)
        steps = inputs.shape[1]
        absent = None if self.absent is None else equal_rows(self.absent, start, steps)
        if not self.drawn or self.observed is None:
            return inputs, absent
        open_end = ~self.observed[start + length - 1][:, self.drawn].all(dim=1)
        if bool(open_end.any()):
            absent = torch.zeros_like(inputs, dtype=torch.bool) if absent is None else absent
            seen = equal_rows(self.observed, start[open_end], steps)
            there, nothing = inputs[open_end], absent[open_end]
            there[..., self.drawn], nothing[..., self.drawn] = without_hindsight(
                there[..., self.drawn], seen[..., self.drawn], nothing[..., self.drawn], self.at_most
            )
            inputs[open_end], absent[open_end] = there, nothing
        return inputs, absent


def _drawn(data: DataSet) -> list[int]:
    policy = data.about.missing
    if policy is None or policy["fill"] not in ("interpolate", "forward") or data.observed is None:
        return []
    return [*data.having("target"), *data.having("past")]


def _planned(
    length: Int64[Tensor, " examples"], order: Int64[Tensor, " shown"], size: int
) -> list[Int64[Tensor, " batch"]]:
    """Which examples each batch holds.

    Lengths that differ are sorted within chunks of the order; a chunk's batches then come in the order of their
    earliest example, so that short sequences do not always come first.
    """
    shown = length[order]
    if len(order) == 0 or bool((shown == shown[0]).all()):
        return _slices(order, size)
    plan = []
    for places in _slices(torch.arange(len(order)), size * CHUNK):
        by_length = _slices(places[torch.sort(shown[places], stable=True).indices], size)
        plan += [order[batch] for batch in sorted(by_length, key=lambda batch: int(batch.min()))]
    return plan


def _slices(numbers: Int64[Tensor, " numbers"], size: int) -> list[Int64[Tensor, " slice"]]:
    return [numbers[at : at + size] for at in range(0, len(numbers), size)]


def _label(
    data: DataSet, sequence: Int64[ndarray, " examples"], classes: tuple[str, ...] | None
) -> Shaped[Tensor, " examples"]:
    return label_numbers(data, sequence) if classes is None else class_ids(data, sequence, classes)


def _observed(data: DataSet) -> Bool[ndarray, "rows columns"]:
    return ~np.isnan(data.raw) if data.observed is None else data.observed
