"""Texts are read on from stretch to stretch where they are judged: a stretch begins with what came before it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from jaxtyping import Int64
from torch import Tensor, nn

from rnnlib.data.batching.batch import Batch
from rnnlib.data.batching.batches import Source
from rnnlib.data.batching.windows import Examples
from rnnlib.training.carried import Carriage, lanes
from rnnlib.training.passage import passing

LANES = 64
"""Places of the texts that are read side by side. No setting, as the next one: equal models have equal scores."""
BEFORE = 256
"""Tokens or more, as far as there are, that a lane has read before its first one is told."""

Prepare = Callable[[int, Batch], Batch]
"""Checks a batch, told by its number from 1, and puts it where the model is."""


def told(module: nn.Module, source: Source, size: int, prepare: Prepare) -> Iterator[tuple[Batch, Tensor]]:
    """What the module gives for every example of a source, `size` of them at a time; each from its own start."""
    for number, made in enumerate(source.batches(torch.arange(len(source.start)), size), start=1):
        batch = prepare(number, made)
        with torch.inference_mode():
            output = module(batch)
        yield batch, output


def read_on(module: nn.Module, source: Source, examples: Examples, prepare: Prepare) -> Iterator[tuple[Batch, Tensor]]:
    """The same of consecutive stretches, each from the states that the one before it ended with.

    They are read in lanes, side by side. A lane that begins within a text first reads what stands before it, which is
    not given: so every token is told from `BEFORE` tokens or more, or from all that its text has before it. The mean is
    that of a text read from its beginning by one lane, as far as a state remembers no more, in a small part of the
    time; lanes that begin with nothing would add some hundredths of a nat to it.
    """
    carriage = Carriage(carry=True, in_training=False)
    longest = int(examples.length.max(initial=1))
    with passing(module, carriage.over):
        for number, (index, given) in enumerate(_course(len(examples), -(-BEFORE // longest)), start=1):
            batch = prepare(number, source.batch(index))
            carriage.board(index, examples)
            with torch.inference_mode():
                output = module(batch)
            carriage.arrive(index)
            if given:
                yield batch, output


def _course(count: int, before: int) -> Iterator[tuple[Int64[Tensor, " batch"], bool]]:
    """The examples of each batch, and whether it is more than what stands before the lanes, so many stretches."""
    order, runs = lanes(count, LANES), min(LANES, count)
    for back in range(before if runs > 1 else 0, 0, -1):
        yield (order[:runs] - back).clamp(min=0), False  # where nothing is before a lane, what is read is forgotten
    for first in range(0, count, runs):
        yield order[first : first + runs], True
