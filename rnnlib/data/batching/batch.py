"""What a model is called on."""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Bool, Float32, Int64
from torch import Tensor


@dataclass(frozen=True, eq=False, kw_only=True)
class Batch:
    """Examples side by side, in model units; beyond a sequence's length everything is 0.

    `absent` tells which inputs are 0 because there is no value, not even a filled one; none where there are all.
    `tags` are truths of single steps, classes or numbers, 0 where `tags_observed` is False: no step of padding has one.
    `index` tells which examples these are: where lengths differ, a batch is not the next slice of the order.
    """

    inputs: Float32[Tensor, "batch time feature"]
    lengths: Int64[Tensor, " batch"]
    absent: Bool[Tensor, "batch time feature"] | None = None
    static: Float32[Tensor, "batch statics"] | None = None
    future: Float32[Tensor, "batch horizon future"] | None = None
    target: Float32[Tensor, "batch horizon target"] | None = None
    target_observed: Bool[Tensor, "batch horizon target"] | None = None
    label: Int64[Tensor, " batch"] | Float32[Tensor, " batch"] | None = None
    beside: Int64[Tensor, " batch"] | None = None
    """A second class of each example, where two were mixed."""
    share: Float32[Tensor, " batch"] | None = None
    """How much of the truth is `label`; the rest is `beside`."""
    tags: Int64[Tensor, "batch time"] | Float32[Tensor, "batch time tag"] | None = None
    tags_observed: Bool[Tensor, "batch time"] | Bool[Tensor, "batch time tag"] | None = None
    index: Int64[Tensor, " batch"]
    padded: bool = True
    """False where every sequence is as long as the time axis: then no layer needs a mask."""

    @property
    def padding(self) -> Int64[Tensor, " batch"] | None:
        """The lengths, where there is padding to be told from the rest."""
        return self.lengths if self.padded else None
