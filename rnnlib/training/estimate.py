"""What a training would cost, found by its first few steps."""

from __future__ import annotations

from typing import Any

from rnnlib.data.acceptance import Acceptance
from rnnlib.data.batching.batches import examples_of
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.models import describe
from rnnlib.training.allocation import allocating
from rnnlib.training.fed import fed
from rnnlib.training.learner import Learner
from rnnlib.training.numerics import numerics
from rnnlib.training.section import Training
from rnnlib.training.settled import settled
from rnnlib.training.sizes import classes_of, shape_of
from rnnlib.training.trial import first_steps, sized

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
    threads, device = section.thread_count(), section.placed()
    with allocating(section.allocation), numerics(threads, device):
        section, size = sized(section, data, shape, classes, None)
        feed = fed(section, data, size, 0, classes)
        learner = Learner.fresh(section, shape, 0, device)
        seconds, activations = first_steps(section, learner, feed)
    validation = -(-len(feed.validation) // size) if feed.validation else 0
    per_epoch = seconds * (feed.steps + validation * FORWARD)
    layers = describe(section.model, shape)
    return {
        "layers": [tuple(layer) for layer in layers],
        "parameters": sum(layer.parameters for layer in layers),
        **{f"{part.name}_examples": len(examples_of(data, part)) for part in PartOf if part >= PartOf.train},
        "steps_per_epoch": feed.steps,
        "batch": size,
        "threads": threads,
        "memory_mb": (_held(learner) + activations + data.values.nbytes) / 1e6,
        "seconds_per_epoch": per_epoch,
        "seconds_at_most": per_epoch * (section.epochs + _epochs_that_decide(section, data)),
    }


def _epochs_that_decide(section: Training, data: DataSet) -> int:
    """The epochs of the trainings that decide whether augmentations are kept."""
    if data.about.accept is None or not data.about.augment:
        return 0
    acceptance = Acceptance.model_validate(data.about.accept)
    return 2 * acceptance.trials * (section.epochs if acceptance.epochs is None else acceptance.epochs)


def _held(learner: Learner) -> int:
    """The bytes of weights, gradients, what players remember, and the best weights."""
    weights = sum(tensor.nbytes for tensor in learner.weights().values())
    return 3 * weights + sum(tensor.nbytes for tensor in learner.tensors().values())
