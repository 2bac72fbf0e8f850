"""Who learns in a training: most models have one player, an adversarial one has two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from jaxtyping import Float, Int64
from torch import Tensor, nn

from rnnlib.data.batching.batch import Batch


@dataclass(frozen=True, eq=False)
class Player:
    """Some of a module's weights, and the loss that they are moved to make small.

    Players move one after another on the same batches: each sees the weights that those before it have just moved.
    """

    name: str
    parameters: tuple[tuple[str, nn.Parameter], ...]
    """By their names in the module; shared ones once. Those that need no gradient stay as they are."""
    loss: Callable[[Batch], tuple[Float[Tensor, ""], Int64[Tensor, ""]]]
    """The loss summed over all observed values of a batch, and their number."""
    every: int = 1
    """It moves at every so-many-th step; a critic moves at each, its generator at every fifth."""
