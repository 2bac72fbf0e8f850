"""What an epoch is fed: shuffled batches of the train part, and the validation part in its own order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import torch
from jaxtyping import Int64
from pydantic import TypeAdapter
from torch import Tensor

from rnnlib.data.augmentations import AnyAugmentation, WindowColumns
from rnnlib.data.batching.batches import Batch, Examples, Source, augmented, examples_of
from rnnlib.data.batching.next_tokens import tells_nothing_else
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.errors import DataError
from rnnlib.seeds import derived
from rnnlib.training.carried import Order, lanes
from rnnlib.training.device import CPU, placed

_OPS: TypeAdapter[tuple[AnyAugmentation, ...]] = TypeAdapter(tuple[AnyAugmentation, ...])


@dataclass(frozen=True)
class Feed:
    """The batches of a training: which ones come at a place (epoch, batch) depends on the seed and the place alone."""

    data: DataSet
    size: int
    seed: int
    train: Examples
    validation: Examples | None
    ops: tuple[AnyAugmentation, ...]
    classes: tuple[str, ...] | None
    order: Order = "shuffled"
    device: torch.device = CPU
    """Where the model is that it feeds; batches are checked before they go there."""

    @classmethod
    def of(
        cls,
        data: DataSet,
        size: int,
        seed: int,
        classes: tuple[str, ...] | None,
        *,
        order: Order = "shuffled",
        device: torch.device = CPU,
    ) -> Feed:
        """The feed of a data set; `classes` are those of its labels, none where they are numbers or there are none.

        Raises `DataError` where its train part gives no example.
        """
        train = examples_of(data, PartOf.train)
        if len(train) == 0:
            raise DataError("the train part gives no example: give it more rows, or shorten the window")
        validation = examples_of(data, PartOf.validation)
        ops = _OPS.validate_python(data.about.augment)
        return cls(data, size, seed, train, validation if len(validation) else None, ops, classes, order, device)

    @property
    def steps(self) -> int:
        """Batches per epoch; the last one may be smaller."""
        return -(-len(self.train) // self.size)

    def training(self, epoch: int, start: int = 0) -> Iterator[tuple[int, Batch]]:
        """The batches of an epoch from number `start` on, each with its number."""
        for number, batch in enumerate(self._train.batches(self._order(epoch), self.size, start), start):
            yield number, augmented(self.ops, batch, self.seed, epoch, number, columns=self._columns)

    def _order(self, epoch: int) -> Int64[Tensor, " examples"]:
        count = len(self.train)
        if self.order == "shuffled":
            return shuffled(count, derived(self.seed, "shuffle", epoch))
        return torch.arange(count) if self.order == "as it is" else lanes(count, self.size)

    def placed(self, batches: list[tuple[int, Batch]]) -> list[tuple[int, Batch]]:
        """The same batches where the model is."""
        return [(number, placed(batch, self.device)) for number, batch in batches]

    def steps_of(self, epoch: int, start: int, accumulate: int) -> Iterator[list[tuple[int, Batch]]]:
        """The same, so many batches at a time; the last of an epoch may be fewer."""
        made = self.training(epoch, start)
        while step := list(islice(made, accumulate)):
            yield step

    def unseen(self, epoch: int) -> bool:
        """Whether an epoch shows values that none before it has: from the second on, only if it augments them."""
        return epoch == 1 or bool(self.ops)

    @property
    def judged(self) -> tuple[Source, Examples]:
        """The validation part, unshuffled and unaugmented; asked for where there is one."""
        assert self.validation is not None, "what is judged is there"
        return self._validation, self.validation

    @property
    def in_stretches(self) -> bool:
        """Whether its examples are consecutive stretches of texts."""
        return self.data.about.window is not None and tells_nothing_else(self.data)

    @cached_property
    def _columns(self) -> WindowColumns:
        return WindowColumns.of(self.data.about)

    @cached_property
    def _train(self) -> Source:
        return Source.of(self.data, self.train, self.classes)

    @cached_property
    def _validation(self) -> Source:
        assert self.validation is not None, "asked for where there is one"
        return Source.of(self.data, self.validation, self.classes)

    @cached_property
    def columns(self) -> Mapping[str, Sequence[str]]:
        """The column names of a batch's tensors, for messages."""
        about, names = self.data.about, [column.name for column in self.data.about.columns]
        return {
            "inputs": names,
            "future": [names[position] for position in self.data.having("future")],
            "target": [names[position] for position in self.data.having("target")],
            "static": about.static,
            "label": [about.names.get("label", "label")],
        }


def shuffled(count: int, seed: int) -> Int64[Tensor, " count"]:
    """The numbers below `count` in an order that the seed alone decides."""
    return torch.randperm(count, generator=torch.Generator().manual_seed(seed))
