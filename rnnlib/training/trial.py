"""The first steps of a training, on a learner that is thrown away: what they cost, and which batch is best."""

from __future__ import annotations

import statistics
import time
from contextlib import suppress
from pathlib import Path

import torch
from torch import Tensor
from torch.autograd.graph import saved_tensors_hooks

from rnnlib.data.batching.batches import examples_of
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.errors import ModelError
from rnnlib.models import Shape
from rnnlib.training.auto_batch import Cost, chosen_batch, kept_batch
from rnnlib.training.feed import Feed
from rnnlib.training.interruption import Hold
from rnnlib.training.learner import Learner
from rnnlib.training.loop import train
from rnnlib.training.memory import is_out_of_memory
from rnnlib.training.section import Training

STEPS = 3
"""Steps that are timed, after one that warms up."""


class _EnoughError(Exception):
    """Ends the loop once enough steps are seen."""


def first_steps(section: Training, learner: Learner, feed: Feed) -> Cost:
    """The median seconds of a step, and the bytes that a step keeps for its backward pass."""
    seconds: list[float] = []
    kept: dict[int, int] = {}
    last = time.perf_counter()

    def note(tensor: Tensor) -> Tensor:
        if not seconds:  # in the first step, which is not timed
            kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    def save(end_of_epoch: bool) -> None:
        nonlocal last
        if not end_of_epoch:
            learner.readings.settle()  # a GPU is done only when it was waited for
            seconds.append(time.perf_counter() - last)
        if len(seconds) > STEPS:
            raise _EnoughError
        last = time.perf_counter()

    with (
        suppress(_EnoughError),
        torch.random.fork_rng(devices=[]),
        saved_tensors_hooks(note, lambda tensor: tensor),
        learner.routed(),
    ):
        train(section, learner, feed, hold=Hold(), save=save, report=lambda _epoch, _record: None)
    return Cost(statistics.median(seconds[1:] or seconds), sum(kept.values()))


def sized(
    section: Training, data: DataSet, shape: Shape, classes: tuple[str, ...] | None, folder: Path | None
) -> tuple[Training, int]:
    """The section with its batch as a number, and that number; with a `folder` it is chosen once and kept there."""
    if section.batch != "auto":
        return section, section.batch

    def cost(size: int) -> Cost | None:
        tried = section.model_copy(update={"batch": size, "out_of_memory": "refuse", "watch": None})
        feed = Feed.of(data, size, 0, classes, order=section.order, device=section.placed())
        try:
            return first_steps(tried, Learner.fresh(tried, shape, 0, section.placed()), feed)
        except ModelError as error:
            if error.__cause__ is None or not is_out_of_memory(error.__cause__):
                raise
            return None

    size = kept_batch(folder, lambda: chosen_batch(len(examples_of(data, PartOf.train)), cost))
    return section.model_copy(update={"batch": size}), size
