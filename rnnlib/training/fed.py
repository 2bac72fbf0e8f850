"""The feed of a training, and what its section needs of the data."""

from __future__ import annotations

from rnnlib.data.batching.windows import Examples
from rnnlib.data.dataset import DataSet
from rnnlib.errors import Refused
from rnnlib.training.feed import Feed
from rnnlib.training.section import Training
from rnnlib.training.streams import CARRIES


def fed(section: Training, data: DataSet, size: int, seed: int, classes: tuple[str, ...] | None) -> Feed:
    """The feed of a training; raises where the data is not what the section needs of it."""
    feed = Feed.of(data, size, seed, classes, order=section.order, device=section.placed())
    if section.early_stopping is not None and feed.validation is None:
        message = "early stopping watches the validation loss, and the validation part gives no example"
        raise Refused(f"{message}: give the split a validation part, or leave it out", at=("early_stopping",))
    _refuse_long_warmup(section, feed.steps)
    if section.truncate is not None:
        _refuse_long_truncation(section.truncate, feed.train)
    if section.carry_state:
        _refuse_gaps(data, feed.train, size)
    return feed


def _refuse_long_warmup(section: Training, batches: int) -> None:
    """Raises where the schedule would never begin: a warm-up told in epochs was looked at without the data."""
    warmup, steps = section.schedule.warmup, section.epochs * -(-batches // section.accumulate)
    if warmup is not None and warmup.steps is not None and warmup.steps >= steps:
        rule = f"the warm-up ends before the training does, which has {steps} steps"
        at = ("schedule", "warmup", "steps")
        raise Refused(f"{rule}: received {warmup.steps}; make it shorter, or train longer", at=at)


def _refuse_gaps(data: DataSet, train: Examples, size: int) -> None:
    """Raises where windows that should be read as one sequence do not follow each other, or nothing is carried."""
    window = data.about.window
    if window is None:
        rule = f"{CARRIES}, and whole sequences have nothing before them"
        raise Refused(f"{rule}: leave it out, or cut windows", at=("carry_state",))
    if window["stride"] != window["context"]:
        received = f"received `stride` {window['stride']} and `context` {window['context']}"
        raise Refused(f"{CARRIES}: {received}; make them the same", at=("carry_state",))
    if len(train) <= size:
        received = f"received {len(train)} windows in batches of {size}: nothing comes after the first"
        raise Refused(f"{CARRIES}, row by row of the batches: {received}; use a smaller `batch`", at=("carry_state",))


def _refuse_long_truncation(truncate: int, train: Examples) -> None:
    """Raises where no sequence is longer than what gradients may go back: nothing would be cut."""
    longest = int(train.length.max())
    if truncate >= longest:
        rule = f"`truncate` cuts sequences longer than it is: received {truncate}, and the longest has {longest} steps"
        raise Refused(f"{rule}; make it less, or leave it out", at=("truncate",))
