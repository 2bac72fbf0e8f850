"""A run that hangs in its third step, to be killed: `python hanging.py HOME`."""

from __future__ import annotations

import sys
from pathlib import Path

from flows.server import EmbeddedServer

if __name__ == "__main__":
    home = Path(sys.argv[1])
    with EmbeddedServer(home, url="") as server:
        from made import checked_of, engine_of, run

        run(engine_of(server), home, checked_of("killed", third="hangs"))
