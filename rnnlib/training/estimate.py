"""What a training would cost, found by its first few steps."""

from __future__ import annotations

import statistics
import time
from contextlib import suppress
from typing import Any

import torch
from torch import Tensor
from torch.autograd.graph import saved_tensors_hooks

from rnnlib.data.batches import examples_of
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.models import describe
from rnnlib.training.feed import Feed
from rnnlib.training.interruption import Hold
from rnnlib.training.learner import Learner
from rnnlib.training.loop import train
from rnnlib.training.numerics import numerics
from rnnlib.training.section import Training
from rnnlib.training.settled import settled
from rnnlib.training.sizes import classes_of, shape_of

STEPS = 3
"""Steps that are timed, after one that warms up."""
FORWARD = 1 / 3
"""What a batch costs without its backward pass, as a share of a step: that pass costs about twice the forward one."""


def estimate(section: Training, data: DataSet) -> dict[str, Any]:
    """What training on `data` would take: layers and parameters, examples, steps, memory and time.

    The first steps are trained on a learner that is thrown away. Raises what `fit` would raise about the data, the
    model and the first steps.
    """
    classes = classes_of(section.model, data)
    shape = shape_of(data, classes)
    section = settled(section, data, classes)
    feed = Feed.of(data, section.batch, 0, classes)
    learner = Learner.fresh(section, shape, 0)
    seconds, activations = _first_steps(section, learner, feed)
    validation = -(-len(feed.validation) // section.batch) if feed.validation else 0
    per_epoch = seconds * (feed.steps + validation * FORWARD)
    layers = describe(section.model, shape)
    return {
        "layers": [tuple(layer) for layer in layers],
        "parameters": sum(layer.parameters for layer in layers),
        **{f"{part.name}_examples": len(examples_of(data, part)) for part in PartOf if part >= PartOf.train},
        "steps_per_epoch": feed.steps,
        "threads": section.thread_count(),
        "memory_mb": (_held(learner) + activations + data.values.nbytes) / 1e6,
        "seconds_per_epoch": per_epoch,
        "seconds_at_most": per_epoch * section.epochs,
    }


class _EnoughError(Exception):
    """Ends the loop once enough steps are seen."""


def _first_steps(section: Training, learner: Learner, feed: Feed) -> tuple[float, int]:
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
            seconds.append(time.perf_counter() - last)
        if len(seconds) > STEPS:
            raise _EnoughError
        last = time.perf_counter()

    with (
        suppress(_EnoughError),
        numerics(section.thread_count()),
        torch.random.fork_rng(devices=[]),
        saved_tensors_hooks(note, lambda tensor: tensor),
    ):
        train(
            section,
            learner,
            feed,
            hold=Hold(),
            save=save,
            report=lambda _epoch, _record: None,
        )
    return statistics.median(seconds[1:] or seconds), sum(kept.values())


def _held(learner: Learner) -> int:
    """The bytes of weights, gradients, what players remember, and the best weights."""
    weights = sum(tensor.nbytes for tensor in learner.weights().values())
    return 3 * weights + sum(tensor.nbytes for tensor in learner.tensors().values())
