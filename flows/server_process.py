"""The process of an embedded Prefect server: `python -m flows.server_process SOCKET OWNER`.

Its standard input is a pipe that its owner holds. When that ends, the owner is gone, by whatever signal: so goes this.
"""

from __future__ import annotations

import os
import socket
import sys

from flows.follow import follow


def main() -> None:
    """Serves Prefect's API on the inherited socket until the owner is gone."""
    follow(int(sys.argv[2]))
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
