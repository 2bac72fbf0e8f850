"""A batch of the train part, augmented."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from rnnlib.data.augmentations import Augmentation, WindowColumns, Windows
from rnnlib.data.batching.batch import Batch
from rnnlib.seeds import derived


def augmented(
    ops: Sequence[Augmentation],
    batch: Batch,
    seed: int,
    epoch: int,
    index: int,
    *,
    columns: WindowColumns | None = None,
) -> Batch:
    """The batch with the augmentations done in order; what is drawn depends on (seed, epoch, index) alone.

    A forecaster's target is carried along over the horizon, and so are labels, tags and gaps. `columns` tells what may
    be done with which column; without it they all hold numbers.
    """
    if not ops:
        return batch
    draw = torch.Generator().manual_seed(derived(seed, "augment", epoch, index))
    windows = _windows(batch, columns)
    for op in ops:
        windows = op(windows, draw)
    return _replaced(batch, windows)


def _windows(batch: Batch, columns: WindowColumns | None) -> Windows:
    """Context and horizon as one stretch of time; input columns that a horizon does not hold are 0 there.

    Columns stand in the order target, past, future (`About.columns`).
    """
    if batch.target is None:
        return Windows(
            batch.inputs,
            batch.inputs.shape[1],
            batch.lengths,
            columns,
            absent=batch.absent,
            static=batch.static,
            label=batch.label,
            tags=batch.tags,
            tags_observed=batch.tags_observed,
        )
    ahead = batch.inputs.new_zeros(len(batch.inputs), batch.target.shape[1], batch.inputs.shape[2])
    ahead[..., : batch.target.shape[2]] = batch.target
    if batch.future is not None:
        ahead[..., ahead.shape[2] - batch.future.shape[2] :] = batch.future
    absent = batch.absent
    if absent is not None:
        absent = torch.cat([absent, torch.zeros_like(ahead, dtype=torch.bool)], 1)
    values, observed = torch.cat([batch.inputs, ahead], 1), batch.target_observed
    return Windows(values, batch.inputs.shape[1], None, columns, absent=absent, observed=observed, static=batch.static)


def _replaced(batch: Batch, made: Windows) -> Batch:
    if batch.target is None:
        assert made.lengths is not None, "whole sequences have lengths"
        return replace(
            batch,
            inputs=made.values,
            lengths=made.lengths,
            absent=made.absent,
            static=made.static,
            label=made.label,
            beside=made.beside,
            share=made.share,
            tags=made.tags,
            tags_observed=made.tags_observed,
            padded=batch.padded or bool((made.lengths < made.values.shape[1]).any()),
        )
    inputs, ahead = made.values[:, : made.context], made.values[:, made.context :]
    return replace(
        batch,
        inputs=inputs,
        absent=None if made.absent is None else made.absent[:, : made.context],
        target=ahead[..., : batch.target.shape[2]],
        target_observed=made.observed,
        future=None if batch.future is None else _last(ahead, batch.future.shape[2]),
        static=made.static,
    )


def _last(ahead: Tensor, count: int) -> Tensor:
    return ahead[..., ahead.shape[2] - count :]
