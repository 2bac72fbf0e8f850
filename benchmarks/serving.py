"""The worker's end of the pipe: one JSON request a line in, one JSON answer a line out.

Every peer runs this in its own environment: the standard library is all that it may import.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import sys
from collections.abc import Callable, Mapping
from typing import Any

Action = Callable[[int], dict[str, Any]]
"""What a worker can be asked for, `amount` times."""

MESSAGE = 240
"""How much of an error's text a table has room for."""

M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD = -1, -2, -3


def pin(threads: int) -> None:
    """Leaves the process as many processors as it may have threads: the last ones, the first takes the interrupts."""
    available = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, available[-threads:])


def tune_allocation() -> None:
    """glibc keeps the memory of large tensors instead of giving it back and faulting it in again at every step."""
    mallopt = ctypes.CDLL(None).mallopt
    mallopt(M_MMAP_THRESHOLD, 32 << 20)
    mallopt(M_TRIM_THRESHOLD, 2_000_000_000)
    mallopt(M_TOP_PAD, 256 << 20)


def peak_megabytes() -> float:
    """The most resident memory that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def serve(start: Callable[[Mapping[str, Any]], Mapping[str, Action]], options: Mapping[str, Any]) -> None:
    """Answers requests until the pipe is closed; what a library prints goes to standard error."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def answer(content: Mapping[str, Any]) -> None:
        answers.write(json.dumps(content) + "\n")
        answers.flush()

    try:
        actions = start(options)
        answer({"ready": sorted(actions), "megabytes": peak_megabytes()})
        for line in sys.stdin:
            request = json.loads(line)
            answer({**actions[request["do"]](request["amount"]), "megabytes": peak_megabytes()})
    except Exception as error:
        answer({"error": f"{type(error).__name__}: {' '.join(str(error).split())[:MESSAGE]}"})
        raise
