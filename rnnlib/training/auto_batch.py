"""`batch: auto`: how many examples a step takes, found by trying."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import psutil

from rnnlib.errors import Refused

LARGEST = 4096
"""The most that is tried: larger batches rarely learn better."""
SHARE = 0.5
"""Of the memory that is free, what a step may take."""
SECONDS = 0.5
"""What a step may take."""
FASTER = 1.1
"""How many times as many examples per second a batch of twice the size must give to be worth it."""
FEWEST = 16
"""Steps that an epoch has at least: fewer learn too little from a pass over the data."""
FILE = "batch.json"


class Cost(NamedTuple):
    """What a step costs."""

    seconds: float
    bytes: float
    """That it keeps for its backward pass."""


def chosen_batch(examples: int, cost: Callable[[int], Cost | None]) -> int:
    """The largest power of two whose step fits into memory and time, and is still faster per example.

    `cost(size)` tries one; none where it ran out of memory. A step may take `SHARE` of the free memory and `SECONDS`,
    an epoch has at least `FEWEST` steps. One is always allowed.
    """
    budget = SHARE * psutil.virtual_memory().available
    best, rate = 1, 0.0
    size = 1
    while size <= min(LARGEST, examples // FEWEST):
        if (found := cost(size)) is None or found.bytes > budget or found.seconds > SECONDS:
            break
        if size / found.seconds < FASTER * rate:
            break
        best, rate = size, size / found.seconds
        size *= 2
    return best


def kept_batch(folder: Path | None, choose: Callable[[], int]) -> int:
    """The size that was chosen when the training began: it stands in its folder, for a resumed training to go on with.

    Raises `Refused` where that file is damaged.
    """
    if folder is None:
        return choose()
    file = folder / FILE
    if not file.exists():
        _write(file, choose())
    try:
        size = json.loads(file.read_bytes())["batch"]
        if type(size) is not int or not 1 <= size <= LARGEST:
            raise ValueError(f"received {size!r}")
        return size
    except (ValueError, KeyError, TypeError) as error:
        rule = f"{file} holds the batch size that the training began with"
        raise Refused(f"{rule}, and cannot be read ({error}): empty the folder to begin anew") from error


def _write(file: Path, size: int) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    with temporary.open("w") as out:
        json.dump({"batch": size}, out)
        out.flush()
        os.fsync(out.fileno())
    temporary.rename(file)
