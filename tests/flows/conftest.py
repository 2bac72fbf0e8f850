from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.server import EmbeddedServer


@pytest.fixture(scope="session")
def server_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home folder of the session's Prefect server."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def server(server_home: Path) -> Iterator[EmbeddedServer]:
    """A Prefect server of the test session: it takes seconds to start. Tests that use it go to one worker."""
    with EmbeddedServer(server_home, url="") as running:
        running.ready()
        yield running
