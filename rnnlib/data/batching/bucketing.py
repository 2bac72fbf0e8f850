"""Which examples each batch holds: the next of an order, or next to examples of about the same length."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from jaxtyping import Int64
from numpy import ndarray
from torch import Tensor

CHUNK = 64
"""Sequences of unequal length are sorted by length within this many batches: little padding, and still random."""


def slices(numbers: Int64[Tensor, " numbers"], size: int, start: int = 0) -> Iterator[Int64[Tensor, " slice"]]:
    """`size` numbers at a time, from slice number `start` on; the last may be shorter."""
    for at in range(start * size, len(numbers), size):
        yield numbers[at : at + size]


def by_length(
    length: Int64[Tensor, " examples"], order: Int64[Tensor, " shown"], size: int, start: int = 0
) -> Iterator[Int64[Tensor, " batch"]]:
    """The examples that `order` lists, `size` at a time, from batch number `start` on.

    Lengths that differ are sorted within chunks of the order; a chunk's batches then come in the order of their
    earliest example, so that short sequences do not always come first.
    """
    shown = length[order]
    if len(order) == 0 or bool((shown == shown[0]).all()):
        yield from slices(order, size, start)
        return
    first, skipped = divmod(start, CHUNK)
    for places in slices(torch.arange(len(order)), size * CHUNK, first):
        alike = slices(places[torch.sort(shown[places], stable=True).indices], size)
        for batch in sorted(alike, key=lambda batch: int(batch.min()))[skipped:]:
            yield order[batch]
        skipped = 0


def padding_share(length: Int64[ndarray, " examples"], size: int) -> float:
    """The share of steps in the batches of an epoch that are padding; 0 where all examples are equally long."""
    lengths = torch.from_numpy(length)
    order = torch.randperm(len(lengths), generator=torch.Generator().manual_seed(0))
    steps = sum(int(lengths[batch].max()) * len(batch) for batch in by_length(lengths, order, size))
    return 1 - int(lengths.sum()) / steps if steps else 0.0
