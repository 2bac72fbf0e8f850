"""Rows of flat arrays as batches: one copy of memory for each, padded where lengths differ."""

from __future__ import annotations

import mmap

import numpy as np
import torch
from jaxtyping import Int64, Shaped
from numpy import ndarray
from torch import Tensor


def padded_rows(
    values: Shaped[Tensor, "rows columns"], start: Int64[Tensor, " batch"], length: Int64[Tensor, " batch"]
) -> Shaped[Tensor, "batch time columns"]:
    """The rows of each example; shorter ones are padded at their end with zeros."""
    longest = int(length.max())
    if bool((length == longest).all()):
        return equal_rows(values, start, longest)
    steps = torch.arange(longest)
    inside = steps < length[:, None]
    rows = torch.where(inside, start[:, None] + steps, 0)
    gathered = values.index_select(0, rows.view(-1)).view(len(start), longest, values.shape[1])
    return gathered.masked_fill_(~inside[..., None], 0)


def equal_rows(
    values: Shaped[Tensor, "rows columns"], start: Int64[Tensor, " batch"], steps: int
) -> Shaped[Tensor, "batch steps columns"]:
    """The same number of rows from each start: one copy of contiguous memory per example."""
    columns = values.shape[1]
    strided = values.view(-1).unfold(0, steps * columns, columns)
    return strided.index_select(0, start).view(-1, steps, columns)


class Buffers:
    """Memory that batches are written into, again once nothing holds the batch that was there.

    Fresh memory of this size comes from the system page by page, which takes longer than the copy. What holds a batch
    (a caller, a view of it, an array, a graph that goes back through it) holds its storage, and the storage counts.
    """

    MOST = 4
    """Kept; what is asked for beyond is fresh, and given back."""

    def __init__(self) -> None:
        self._kept: list[tuple[Tensor, torch.UntypedStorage]] = []

    def take(self, like: Tensor, size: int) -> Shaped[Tensor, " size"]:
        """So many values of the type of `like`, whatever they are."""
        for flat, storage in self._kept:
            # the tensor and the storage that are kept here hold it, and nothing else does
            if flat.numel() >= size and torch._C._storage_Use_Count(storage._cdata) == 2:
                return flat[:size]
        flat = torch.empty(size, dtype=like.dtype)
        if len(self._kept) < self.MOST and not flat.is_inference():
            self._kept.append((flat, flat.untyped_storage()))
        return flat[:size]


class Stretches:
    """The same number of rows from anywhere: the view that they are copied out of is made once."""

    def __init__(self, values: Shaped[Tensor, "rows columns"], steps: int) -> None:
        self.steps, self.columns = steps, values.shape[1]
        self._strided = values.view(-1).unfold(0, steps * self.columns, self.columns)
        self._buffers = Buffers()

    def __call__(self, start: Int64[Tensor, " batch"]) -> Shaped[Tensor, "batch steps columns"]:
        """The rows from each start on."""
        rows = self._buffers.take(self._strided, len(start) * self.steps * self.columns).view(len(start), -1)
        torch.index_select(self._strided, 0, start, out=rows)
        return rows.view(-1, self.steps, self.columns)


def as_tensor(array: Shaped[ndarray, "lines columns"]) -> Shaped[Tensor, "lines columns"]:
    """The array as a tensor, without a copy.

    torch wants memory that may be written to: a read-only map of a file is mapped once more, copy on write.
    """
    if not array.flags.c_contiguous:
        return torch.from_numpy(np.ascontiguousarray(array))
    if array.flags.writeable:
        return torch.from_numpy(array)
    memory: object = array.base
    if isinstance(array, np.memmap) and isinstance(memory, mmap.mmap):
        return torch.from_numpy(np.load(str(array.filename), mmap_mode="c", allow_pickle=False))
    return torch.from_numpy(array.copy())
