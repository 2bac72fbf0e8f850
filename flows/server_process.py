"""The process of an embedded Prefect server: `python -m flows.server_process SOCKET OWNER`.

Its standard input is a pipe that its owner holds. When that ends, the owner is gone, by whatever signal: so goes this.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
import threading
import time


def _follow(owner: int) -> None:
    # A child that the owner forked may hold the pipe open beyond its death: being adopted is the second sign.
    while os.getppid() == owner and not select.select([0], [], [], 1.0)[0]:
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(4)
    os._exit(1)


def main() -> None:
    """Serves Prefect's API on the inherited socket until the owner is gone."""
    threading.Thread(target=_follow, args=(int(sys.argv[2]),), daemon=True).start()
    import uvicorn
    from filelock import FileLock
    from prefect.server.api.server import create_app

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            # Creating and migrating one database twice at once fails: servers start in turns.
            with FileLock(os.path.join(os.environ["PREFECT_HOME"], "start.lock")):
                await super().startup(sockets)

    config = uvicorn.Config(create_app(), log_level="error", lifespan="on", timeout_graceful_shutdown=2)
    server = Server(config)
    server.run(sockets=[socket.socket(fileno=int(sys.argv[1]))])
    if not server.started:
        sys.exit(3)


if __name__ == "__main__":
    main()
