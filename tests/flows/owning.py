"""A process that owns a Prefect server, to be killed: `python owning.py HOME START`; prints the server's process id."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from flows.server import EmbeddedServer

if __name__ == "__main__":
    with EmbeddedServer(Path(sys.argv[1]), url="") as server:
        if sys.argv[2] == "ready":
            server.ready()
        if os.fork() == 0:  # a child holds the pipe open: the server must not mind
            os.close(1)
            time.sleep(30)
            os._exit(0)
        print(server.pid, flush=True)
        time.sleep(60)
