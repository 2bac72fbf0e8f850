"""What stops a training before its optimizer takes a harmful step: NaN or infinity, wherever it comes up."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch
from jaxtyping import Shaped
from torch import Tensor, nn

from rnnlib.data.batching.batches import Batch
from rnnlib.errors import DataError, Location, ModelError
from rnnlib.training.feed import Feed
from rnnlib.training.learning import Gradient, Learning, Numbered, Reading

_SMALLER = "lower the learning rate, or set `clip` (1.0)"
_AT: Location = ("optimizer", "learning_rate")


def check_inputs(batch: Batch, columns: Mapping[str, Sequence[str]], where: str) -> None:
    """Raises `DataError` naming the column where a batch holds NaN or infinity.

    `columns` gives the column names of each of the batch's tensors, in the order of their last axis.
    """
    for name, names in columns.items():
        tensor: Tensor | None = getattr(batch, name)
        if tensor is not None and not _finite(tensor):
            bad = ~torch.isfinite(tensor)
            width = bad.shape[-1] if bad.ndim > 1 else 1
            rows, bad = tensor.reshape(-1, width), bad.reshape(-1, width)
            column = int(bad.any(0).int().argmax())
            value = float(rows[bad[:, column], column][0])
            remedy = "look at the normalizer and the augmentations of this column"
            raise DataError(f"{where}: the model's {name} holds {value}: {remedy}", column=names[column])


def check_step(learning: Learning, gradient: Gradient, batches: Numbered, feed: Feed, epoch: int) -> Reading:
    """What the host reads of a gradient before a step; raises where the loss or the gradient is NaN or infinite.

    A batch that holds NaN or infinity is a `DataError` that names the column, all else a `ModelError`. A gradient that
    only float16 cannot hold is no error, but not sound: the next ones are scaled less.
    """
    losses = [float(loss) for loss in gradient.losses]
    norm = float(gradient.norm)
    reading = Reading(sum(losses), sum(int(count) for count in gradient.counts), norm, sound=math.isfinite(norm))
    if math.isfinite(reading.loss) and reading.sound:
        return reading
    for number, batch in batches:
        check_inputs(batch, feed.columns, f"epoch {epoch}, batch {number + 1}")
    for loss, (number, _) in zip(losses, batches, strict=True):
        if not math.isfinite(loss):
            where = f"epoch {epoch}, batch {number + 1}"
            raise ModelError(f"{where}: the loss is {loss}; no step was taken: {_SMALLER}", at=_AT)
    where = f"epoch {epoch}, batch {batches[-1][0] + 1}"
    if learning.scaler.dynamic:
        learning.scaler.overflowed(where)
        return reading
    flat = learning.flat
    gradients = ((name, flat.of(name, flat.gradient)) for name in flat.weights)
    name = next((name for name, one in gradients if not bool(torch.isfinite(one).all())), "all weights together")
    raise ModelError(f"{where}: the gradient of {name} has the norm {norm}; no step was taken: {_SMALLER}", at=_AT)


def check_epoch(model: nn.Module, losses: Mapping[str, float], epoch: int) -> None:
    """Raises `ModelError` where an epoch ended with a loss or a weight that is not finite: it never is the best."""
    for name, loss in losses.items():
        if not math.isfinite(loss):
            raise ModelError(f"epoch {epoch}: the {name.replace('_', ' ')} is {loss}: {_SMALLER}", at=_AT)
    for name, weight in model.state_dict().items():
        if not _finite(weight):
            raise ModelError(f"epoch {epoch}: the weight {name} became NaN or infinite: {_SMALLER}", at=_AT)


def _finite(tensor: Shaped[Tensor, ...]) -> bool:
    # The sum is finite only if every value is; it may overflow without that, so then each value is looked at.
    # Seven times faster than `isfinite(…).all()` at the size of a batch.
    return not tensor.is_floating_point() or math.isfinite(float(tensor.sum())) or bool(torch.isfinite(tensor).all())
