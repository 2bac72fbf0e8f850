"""What stands on both sides of the present, and what ends there."""

from __future__ import annotations

from collections.abc import Callable

from jaxtyping import Float32
from torch import Tensor

from rnnlib.data.about import Holds
from rnnlib.data.augmentations.windows import Windows

NUMBERS: frozenset[Holds] = frozenset({"numbers"})
Course = Float32[Tensor, "batch time feature"]


def over_spans(x: Windows, change: Callable[[Course], Course]) -> Windows:
    """Changes whole courses of numbers: targets over context and horizon, past columns over the context alone.

    Those are 0 in the horizon because nothing is known of them there: that is no part of their course.
    """
    values, past, numbers = x.values.clone(), x.having("past"), x.holding(NUMBERS)
    whole = numbers & ~past & ~x.having("future")
    for columns, end in ((whole, values.shape[1]), (numbers & past, x.context)):
        if bool(columns.any()):
            values[:, :end, columns] = change(x.values[:, :end, columns])
    return x.valued(values)
