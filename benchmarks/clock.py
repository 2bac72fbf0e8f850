"""Two clocks: that on the wall, and the processor's, which a busy machine does not slow down."""

from __future__ import annotations

import time
from typing import NamedTuple


class Moment(NamedTuple):
    """A reading of both, in seconds."""

    wall: float
    processor: float


def now() -> Moment:
    """This moment."""
    return Moment(time.perf_counter(), time.process_time())


def between(begin: Moment, end: Moment, examples: int) -> dict[str, float]:
    """What a turn of training reports: its examples, the seconds they took, and those that the processors worked."""
    seconds, worked = end.wall - begin.wall, end.processor - begin.processor
    return {"examples": examples, "seconds": seconds, "processor_rate": examples / max(worked, 1e-9)}
