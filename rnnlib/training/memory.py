"""Where a step does not fit into memory: it is refused, or done in pieces."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any, TypeVar

import psutil
import torch
from torch import Tensor

from rnnlib.data.batching.batch import Batch
from rnnlib.errors import ModelError
from rnnlib.training.learning import Numbered
from rnnlib.training.section import OutOfMemory

Found = TypeVar("Found")

_SAID = ("can't allocate memory", "not enough memory", "CUDA out of memory", "std::bad_alloc")
"""What torch's allocators say; that of the processor has no exception of its own."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory could not be had."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in _SAID)


def fitting(
    compute: Callable[[Numbered], Found], batches: Numbered, pieces: int, rule: OutOfMemory, epoch: int
) -> tuple[Found, Numbered, int]:
    """What `compute` gives for a step's batches, what they were cut into, and into how many pieces each was cut.

    Begins with `pieces`, as many as were needed before. Nothing has moved when memory runs out, so it is all computed
    again from twice as many pieces: a gradient is the same up to rounding, except that batch normalisation sees the
    pieces and that each of them draws the same dropout. Raises `ModelError` where the rule is `refuse`, or
    where not even single examples fit.
    """
    while True:
        cut = in_pieces(batches, pieces)
        rows = max(len(batch.index) for _, batch in cut)
        try:
            return compute(cut), cut, pieces
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            if rule == "refuse" or rows == 1:
                raise _refusal(batches, rows, rule, epoch) from error
        pieces *= 2  # outside of `except`, which would keep the failed step's tensors alive


def in_pieces(batches: Numbered, pieces: int) -> Numbered:
    """Every batch cut into at most so many pieces of about equal numbers of examples, which keep its number."""
    if pieces == 1:
        return batches
    return [(number, piece) for number, batch in batches for piece in _cut(batch, pieces)]


def _cut(batch: Batch, pieces: int) -> list[Batch]:
    count = len(batch.index)
    most = -(-count // pieces)
    return [_rows(batch, slice(at, at + most)) for at in range(0, count, most)]


def _rows(batch: Batch, rows: slice) -> Batch:
    values = {field.name: getattr(batch, field.name) for field in fields(batch)}
    chosen: dict[str, Any] = {name: value[rows] for name, value in values.items() if isinstance(value, Tensor)}
    return replace(batch, **chosen)


def _refusal(batches: Numbered, rows: int, rule: OutOfMemory, epoch: int) -> ModelError:
    number, batch = batches[0]
    free = psutil.virtual_memory().available / 1e6
    need = f"{rows} examples of up to {batch.inputs.shape[1]} steps need more memory than there is ({free:.0f} MB free)"
    where = f"epoch {epoch}, batch {number + 1}"
    if rows == 1:
        remedy = "use a smaller model, or shorter sequences"
        return ModelError(f"{where}: {need}, one at a time: {remedy}", at=("model",))
    halve = "" if rule == "halve" else ", or `out_of_memory: halve`"
    return ModelError(f"{where}: {need}: use a `batch` of at most {rows // 2}{halve}", at=("batch",))
