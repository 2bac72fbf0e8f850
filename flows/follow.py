"""A process that ends when its owner does. The owner holds the other end of its standard input."""

from __future__ import annotations

import os
import select
import signal
import threading
import time

_ENDS_WITHIN = 4.0


def follow(owner: int) -> None:
    """From now on, the end of the process `owner` ends this one: politely, and after four seconds by force."""
    threading.Thread(target=_watch, args=(owner,), daemon=True).start()


def _watch(owner: int) -> None:
    # A child that the owner forked may hold the pipe open beyond its death: being adopted is the second sign.
    while os.getppid() == owner and not select.select([0], [], [], 1.0)[0]:
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_ENDS_WITHIN)
    os._exit(1)
