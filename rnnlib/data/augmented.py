"""A batch of the train part, augmented."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from jaxtyping import Float32
from torch import Tensor

from rnnlib.data.augmentations import Augmentation, Windows
from rnnlib.data.batch import Batch
from rnnlib.seeds import derived


def augmented(ops: Sequence[Augmentation], batch: Batch, seed: int, epoch: int, index: int) -> Batch:
    """The batch with the augmentations done in order; what is drawn depends on (seed, epoch, index) alone.

    A forecaster's target and future columns are carried along over the horizon.
    """
    if not ops:
        return batch
    draw = torch.Generator().manual_seed(derived(seed, "augment", epoch, index))
    windows = _windows(batch)
    for op in ops:
        windows = op(windows, draw)
    return _replaced(batch, windows.values)


def _windows(batch: Batch) -> Windows:
    """Context and horizon as one stretch of time; input columns that a horizon does not hold are 0 there.

    Columns stand in the order target, past, future (`About.columns`).
    """
    if batch.target is None:
        return Windows(batch.inputs, batch.inputs.shape[1], batch.lengths)
    targets = batch.target.shape[2]
    ahead = batch.inputs.new_zeros(len(batch.inputs), batch.target.shape[1], batch.inputs.shape[2])
    ahead[..., :targets] = batch.target
    if batch.future is not None:
        ahead[..., ahead.shape[2] - batch.future.shape[2] :] = batch.future
    return Windows(torch.cat([batch.inputs, ahead], 1), batch.inputs.shape[1])


def _replaced(batch: Batch, values: Float32[Tensor, "batch time feature"]) -> Batch:
    inputs, ahead = values[:, : batch.inputs.shape[1]], values[:, batch.inputs.shape[1] :]
    if batch.absent is not None:
        inputs = inputs.masked_fill(batch.absent, 0)
    target = None if batch.target is None else ahead[..., : batch.target.shape[2]]
    future = None if batch.future is None else ahead[..., ahead.shape[2] - batch.future.shape[2] :]
    return replace(batch, inputs=inputs, target=target, future=future)
