"""Batches made on the fly from the flat arrays: gathered windows, or whole sequences padded within the batch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float32, Int64, Shaped
from numpy import ndarray
from torch import Tensor

from rnnlib.data.batching.augmented import augmented
from rnnlib.data.batching.batch import Batch
from rnnlib.data.batching.bucketing import by_length, slices
from rnnlib.data.batching.gather import Stretches, as_tensor, equal_rows, padded_rows
from rnnlib.data.batching.hindsight import Hindsight
from rnnlib.data.batching.labels import class_ids, label_numbers
from rnnlib.data.batching.next_tokens import NextTokens, tells_nothing_else, token_stretches
from rnnlib.data.batching.step_tags import StepTags
from rnnlib.data.batching.windows import Examples, examples_before, window_starts
from rnnlib.data.data_units import absent_to_models, observed_by_models
from rnnlib.data.dataset import DataSet, PartOf

__all__ = [
    "Batch", "Examples", "Source", "augmented", "batches", "examples_before", "examples_of",
]  # fmt: skip

Columns = list[int] | slice


def examples_of(data: DataSet, part: PartOf) -> Examples:
    """The examples of a part: its windows where the data has a target, else its whole sequences.

    Texts that tell nothing but their next tokens come whole, or in stretches where a window says so.
    """
    if data.having("target"):
        return window_starts(data, part)
    if tells_nothing_else(data):
        return token_stretches(data, part, (data.about.window or {}).get("context"))
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
    yield from Source.of(data, examples, classes, truth=truth).batches(order, size, start)


@dataclass(frozen=True, eq=False)
class Source:
    """The flat arrays as tensors, and the table of examples: made once, it gives the batches of every epoch."""

    values: Float32[Tensor, "rows columns"]
    start: Int64[Tensor, " examples"]
    length: Int64[Tensor, " examples"]
    sequence: Int64[Tensor, " examples"]
    horizon: int
    future: Columns | None
    targets: Columns | None
    hindsight: Hindsight | None
    """What keeps the horizon out of how holes were filled; none where nothing of it is in there."""
    observed: Bool[Tensor, "rows columns"] | None
    absent: Bool[Tensor, "rows columns"] | None
    static: Float32[Tensor, "sequences statics"] | None
    label: Shaped[Tensor, " examples"] | None
    tags: StepTags | NextTokens | None
    in_order: bool
    """Whether batches are slices of the order: stretches of texts follow each other, and are about equally long."""
    context: int | None
    """The steps that every example has; none where their lengths differ."""
    together: Stretches | None
    """What inputs and their horizons are copied out of, in one go, where all examples are equally long."""
    ahead: Stretches | None
    """What horizons are copied out of where lengths differ."""

    @classmethod
    def of(cls, data: DataSet, examples: Examples, classes: tuple[str, ...] | None, *, truth: bool = True) -> Source:
        """What `batches` reads; raises as it does."""
        tagged = truth and data.tags is not None
        told = truth and tells_nothing_else(data)
        labelled = truth and not examples.horizon and not tagged and not told
        static, values, targeted = data.static_values, as_tensor(data.values), data.having("target") if truth else []
        future, targets = _columns(data.having("future")), _columns(targeted)
        equal = len(examples) > 0 and bool((examples.length == examples.length[0]).all())
        context = int(examples.length[0]) if equal else None
        ahead = 0 if future is None and targets is None else examples.horizon
        return cls(
            values=values,
            start=torch.from_numpy(examples.start),
            length=torch.from_numpy(examples.length),
            sequence=torch.from_numpy(examples.sequence),
            horizon=examples.horizon,
            future=future,
            targets=targets,
            hindsight=Hindsight.of(data) if examples.horizon else None,
            observed=_observed(data, examples, targeted),
            absent=_absent(data) if examples.horizon else None,
            static=None if static is None else as_tensor(static),
            label=_label(data, examples.sequence, classes) if labelled else None,
            tags=_tags(data, classes) if tagged or told else None,
            in_order=data.about.window is not None,
            context=context,
            together=None if context is None else Stretches(values, context + ahead),
            ahead=Stretches(values, ahead) if context is None and len(examples) and ahead else None,
        )

    def batches(self, order: Int64[Tensor, " shown"], size: int, start: int = 0) -> Iterator[Batch]:
        """The examples that `order` lists, `size` at a time, from batch number `start` on."""
        as_they_come = self.in_order or self.context is not None
        for index in slices(order, size, start) if as_they_come else by_length(self.length, order, size, start):
            yield self.batch(index)

    def batch(self, index: Int64[Tensor, " batch"]) -> Batch:
        """The examples of these numbers."""
        start = self.start.index_select(0, index)
        # where all are equally long, any of them tell it
        length = self.length.index_select(0, index) if self.context is None else self.length[: len(index)]
        rows, ahead = self._rows(start, length)
        inputs, absent = self._seen(rows, start)
        tags, known = (None, None) if self.tags is None else self.tags.batch(start, length)
        return Batch(
            inputs=inputs,
            lengths=length,
            absent=absent,
            static=None if self.static is None else self.static[self.sequence[index]],
            future=_of(ahead, self.future),
            target=_of(ahead, self.targets),
            target_observed=None if self.observed is None or self.targets is None else self._true(start + length),
            label=None if self.label is None else self.label[index],
            tags=tags,
            tags_observed=known,
            index=index,
            padded=self.context is None and bool((length < inputs.shape[1]).any()),
        )

    def _true(self, ahead: Int64[Tensor, " batch"]) -> Bool[Tensor, "batch horizon target"]:
        """Which targets of the horizon were measured."""
        assert self.observed is not None, "asked where not all were"
        return equal_rows(self.observed, ahead, self.horizon)[..., self.targets]

    def _rows(
        self, start: Int64[Tensor, " batch"], length: Int64[Tensor, " batch"]
    ) -> tuple[Float32[Tensor, "batch time columns"], Float32[Tensor, "batch horizon columns"] | None]:
        """The rows of the inputs, and those of the horizon where they are read."""
        if self.together is None or self.context is None:
            return padded_rows(self.values, start, length), None if self.ahead is None else self.ahead(start + length)
        rows = self.together(start)
        if self.together.steps == self.context:
            return rows, None
        context, ahead = rows.split_with_sizes((self.context, self.together.steps - self.context), dim=1)
        return context, ahead

    def _seen(
        self,
        inputs: Float32[Tensor, "batch time columns"],
        start: Int64[Tensor, " batch"],
    ) -> tuple[Float32[Tensor, "batch time columns"], Bool[Tensor, "batch time columns"] | None]:
        """The inputs, and where they have no value; nothing in them was filled with a look into the horizon."""
        steps = inputs.shape[1]
        absent = None if self.absent is None else equal_rows(self.absent, start, steps)
        return (inputs, absent) if self.hindsight is None else self.hindsight(inputs, absent, start)


def _tags(data: DataSet, classes: tuple[str, ...] | None) -> StepTags | NextTokens:
    if data.tags is not None:
        return StepTags.of(data, classes)
    return NextTokens.of(data, None if classes is None else len(classes))


def _label(
    data: DataSet, sequence: Int64[ndarray, " examples"], classes: tuple[str, ...] | None
) -> Shaped[Tensor, " examples"]:
    return label_numbers(data, sequence) if classes is None else class_ids(data, sequence, classes)


def _observed(data: DataSet, examples: Examples, targets: list[int]) -> Bool[Tensor, "rows columns"] | None:
    """Which values were measured; none where nothing asks, and where nothing is missing."""
    if not examples.horizon or (data.observed is None and absent_to_models(data) is None):
        return None
    observed = observed_by_models(data)
    return None if bool(observed[:, targets].all()) else as_tensor(observed)


def _of(
    ahead: Float32[Tensor, "batch horizon columns"] | None, picked: Columns | None
) -> Float32[Tensor, "batch horizon picked"] | None:
    if ahead is None or picked is None:
        return None
    return ahead if picked == slice(0, ahead.shape[-1]) else ahead[..., picked]


def _absent(data: DataSet) -> Bool[Tensor, "rows columns"] | None:
    absent = absent_to_models(data)
    return None if absent is None else as_tensor(absent)


def _columns(positions: list[int]) -> Columns | None:
    """What picks these columns: a slice, which copies nothing, where they stand side by side; none of none."""
    if not positions:
        return None
    side_by_side = positions == list(range(positions[0], positions[-1] + 1))
    return slice(positions[0], positions[-1] + 1) if side_by_side else positions
