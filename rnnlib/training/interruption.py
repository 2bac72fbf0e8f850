"""Signals that arrive in the middle of a step wait until the step is whole.

A signal handler may raise between any two lines. If it raised while half of the weights are stepped, the state that is
saved then would be none that an uninterrupted run ever has.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

Handler = Callable[[int, FrameType | None], Any]

HELD = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM)
"""What ends a run politely: Ctrl-C, a scheduler, a closed terminal, a time limit."""


class Hold:
    """`with hold:` keeps signals waiting; they are handled at its end. It may be nested.

    Where something raises inside they go on waiting, until `holding_signals` ends.
    """

    def __init__(self) -> None:
        self._depth = 0
        self._waiting: list[tuple[Handler, int]] = []
        self.torn = False
        """Whether something raised inside: the state is then not to be saved."""

    def __enter__(self) -> None:
        self._depth += 1

    def __exit__(self, kind: type[BaseException] | None, *_ended: object) -> None:
        self.torn = self.torn or kind is not None
        self._depth -= 1
        if self._depth == 0 and kind is None:
            self.handle()

    def handle(self) -> None:
        """Hands the signals that wait to their handlers."""
        while self._waiting:
            handler, number = self._waiting.pop(0)
            handler(number, None)

    def around(self, handler: Handler) -> Handler:
        """`handler`, postponed while something is held."""

        def handle(number: int, frame: FrameType | None) -> None:
            if self._depth:
                self._waiting.append((handler, number))
            else:
                handler(number, frame)

        return handle


@contextmanager
def holding_signals() -> Iterator[Hold]:
    """A `Hold` over the handlers that are installed now; they are put back at the end.

    Signals that are ignored or left to the system stay so. Handlers run in the main thread only: elsewhere nothing is
    installed, since nothing can arrive.
    """
    hold = Hold()
    before: dict[signal.Signals, Handler] = {}
    try:
        if threading.current_thread() is threading.main_thread():
            for number in HELD:
                if callable(handler := signal.getsignal(number)):
                    before[number] = handler
                    signal.signal(number, hold.around(handler))
        yield hold
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        hold.handle()  # whoever asks for an end gets it, though what was under way failed
