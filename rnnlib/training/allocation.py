"""How memory is taken from the system and given back: large tensors that come and go at every step keep their pages."""

from __future__ import annotations

import ctypes
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, NamedTuple

import psutil

Allocation = Literal["kept", "system"]
"""`kept`: freed memory stays with the process for the next step; `system`: glibc's own rule, which gives it back."""

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD, _MMAP_MAX = -1, -2, -3, -4
"""Numbers of glibc's `mallopt` (malloc.h)."""


class _Rule(NamedTuple):
    mmap_threshold: int
    """Blocks of at least so many bytes are mapped for themselves, and unmapped when they are freed."""
    trim_threshold: int
    """Free bytes at the top of the heap from which on they go back to the system."""
    top_pad: int
    """Bytes that the heap grows by beyond what is asked for."""
    mmap_max: int
    """Blocks that may be mapped for themselves at a time; 0: the largest come from the heap too, however full it is."""


_KEPT = _Rule(32 << 20, 2_000_000_000, 256 << 20, 0)
# What glibc's moving thresholds arrive at by themselves once blocks of 32 MB were freed; they cannot be set to move.
_SYSTEM = _Rule(32 << 20, 64 << 20, 128 << 10, 65_536)


@contextmanager
def allocating(allocation: Allocation) -> Iterator[bool]:
    """Runs its body with freed memory `kept` by the process, where that is asked for and glibc is there.

    A step of an LSTM frees some tens of MB, which glibc gives back to the system and takes anew at the next step, page
    by page: 7,300 page faults and 27 % of the time of such a step. At the end the usual rule is put back and what is
    free is given back. Gives whether the rule was set.
    """
    if allocation == "system" or platform.libc_ver()[0] != "glibc":
        yield False
        return
    libc = ctypes.CDLL(None)
    _set(libc, _KEPT)
    try:
        yield True
    finally:
        _set(libc, _SYSTEM)
        libc.malloc_trim(0)


def resident_mb() -> float:
    """The memory of this process that lies in RAM now, in MB."""
    return float(psutil.Process().memory_info().rss) / 1e6


def _set(libc: ctypes.CDLL, rule: _Rule) -> None:
    numbers = (_MMAP_THRESHOLD, _TRIM_THRESHOLD, _TOP_PAD, _MMAP_MAX)
    taken = [
        libc.mallopt(ctypes.c_int(number), ctypes.c_int(value)) for number, value in zip(numbers, rule, strict=True)
    ]
    assert all(taken), "glibc takes thresholds within its bounds"
