"""When to stop before the last epoch."""

from __future__ import annotations

import math
from typing import NamedTuple

from pydantic import Field

from rnnlib.part import Part


class Watch(NamedTuple):
    """What early stopping remembers between epochs."""

    reference: float = math.inf
    """The validation loss that the next one has to undercut by more than `min_change`."""
    wait: int = 0
    """Epochs since the reference was last undercut."""


class EarlyStopping(Part):
    """Stops once the validation loss L has not fallen for `patience` epochs in a row.

    At the end of an epoch: if L < r − δ, then r ← L and w ← 0, else w ← w + 1; training stops when w = `patience`.
    Here r is the reference (∞ at first), δ is `min_change` and w the wait. The weights kept are those of the epoch with
    the lowest loss, whether or not it undercut r by δ.
    Source: Prechelt 1998, "Early stopping, but when?".
    """

    patience: int = Field(10, ge=1, le=1_000_000, description="epochs in a row without a better validation loss")
    min_change: float = Field(0.0, ge=0, le=1e9, description="δ, the fall of the loss that counts as better")

    def seen(self, watch: Watch, loss: float) -> Watch:
        """The watch after an epoch that ended with the validation loss `loss`."""
        if loss < watch.reference - self.min_change:
            return Watch(loss, 0)
        return Watch(watch.reference, watch.wait + 1)

    def ends(self, watch: Watch) -> bool:
        """Whether patience is used up."""
        return watch.wait >= self.patience
