"""Ctrl-C, a polite kill and a closed terminal as one exception, raised where the work is: in the main thread."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(BaseException):
    """The process was asked to end; not an `Exception`, so that nothing on the way takes it for a failure."""

    def __init__(self, number: int) -> None:
        self.signal = signal.Signals(number)
        super().__init__(f"interrupted by {self.signal.name}")


@contextmanager
def interruptible() -> Iterator[None]:
    """Raises `Interrupted` on SIGINT, SIGTERM or SIGHUP for the length of the block; handlers are restored after it.

    While the first one winds down, a second Ctrl-C ends the process at once; further polite signals change nothing.
    It may be nested: the outermost block restores. Outside the main thread, where Python delivers no signal, it does
    nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, _stop) for number in _ENDING}
    _ending.depth += 1
    try:
        yield
    finally:
        _ending.depth -= 1
        if _ending.depth == 0 or not _ending.begun:
            _ending.begun = False
            for number, handler in before.items():
                signal.signal(number, handler)


class _Ending:
    """Signals belong to the process, and so does what is known of them."""

    depth = 0
    begun = False


_ending = _Ending()


def _stop(number: int, _frame: FrameType | None) -> None:
    if not _ending.begun:
        _ending.begun = True
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # the second one needs no Python that may be stuck
        raise Interrupted(number)
    if number == signal.SIGINT:  # somebody between has put this handler back
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
