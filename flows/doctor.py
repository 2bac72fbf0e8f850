"""Examines an installation: what a run needs is tried, not looked up."""

from __future__ import annotations

import platform
import shutil
import tempfile
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from rnnlib.errors import Refused

_FREE_BYTES = 1 << 30


class Check(NamedTuple):
    """One thing that was tried: what came of it, and what to do where it failed."""

    name: str
    ok: bool
    detail: str
    remedy: str


def examine(home: Path) -> list[Check]:
    """Tries everything that a run on the home folder needs; about half a minute, most of it waiting for a schedule."""
    return [
        _tried("Python", _python, "install Python 3.11 or newer, and make the environment again"),
        _tried("versions", _versions, "install under the constraints: pip install -c constraints.txt -e ."),
        _tried("torch", _torch, "install the pinned version: pip install -c constraints.txt torch"),
        _tried("home folder", lambda: _home(home), "give RNN_HOME a folder that you may write to"),
        _tried("free disk", lambda: _disk(home), "free some space (`rnn clean`), or give RNN_HOME another disk"),
        _tried("MLflow", lambda: _mlflow(home), f"move {home / 'mlflow.db'} away, or look at MLFLOW_TRACKING_URI"),
        _tried("Prefect server", lambda: _server(home), f"move {home / 'prefect'} away, or look at PREFECT_API_URL"),
        _tried("schedule", _schedule, "compare the versions with constraints.txt: SQLAlchemy 2.1 schedules nothing"),
    ]


def outside_bounds() -> Iterator[str]:
    """What is installed in a version that the project's requirements exclude, or is not installed."""
    for line in requires("rnnlib") or ():
        wanted = Requirement(line)
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
            continue
        try:
            found = version(wanted.name)
        except PackageNotFoundError:
            yield f"{wanted.name} is not installed"
            continue
        if not wanted.specifier.contains(found, prereleases=True):
            yield f"{wanted.name} {found} is not {wanted.specifier}"


def _tried(name: str, attempt: Callable[[], str], remedy: str) -> Check:
    try:
        return Check(name, True, attempt(), "")
    except Exception as error:  # whatever is wrong with an installation, the other checks are wanted all the same
        return Check(name, False, str(error) or type(error).__name__, remedy)


def _python() -> str:
    wanted, found = metadata("rnnlib")["Requires-Python"], platform.python_version()
    if not SpecifierSet(wanted).contains(found, prereleases=True):
        raise Refused(f"Python {wanted} is needed, this is {found}")
    return found


def _versions() -> str:
    if found := list(outside_bounds()):
        raise Refused("; ".join(found))
    return ", ".join(f"{name} {version(name)}" for name in ("prefect", "mlflow", "fastapi", "sqlalchemy"))


def _torch() -> str:
    import torch

    layer = torch.nn.LSTM(3, 8, batch_first=True)
    inputs = torch.linspace(-1, 1, 60).reshape(2, 10, 3)
    layer(inputs)[0].square().sum().backward()
    gradients = [parameter.grad for parameter in layer.parameters()]
    if not all(gradient is not None and bool(torch.isfinite(gradient).all()) for gradient in gradients):
        raise Refused("the gradients of an LSTM are not finite numbers")
    return f"{torch.__version__}, {torch.get_num_threads()} threads"


def _home(home: Path) -> str:
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=home) as file:
        file.write(b"rnn")
    return str(home)


def _disk(home: Path) -> str:
    free = shutil.disk_usage(home).free
    if free < _FREE_BYTES:
        raise Refused(f"{free / 1e9:.2f} GB are free, 1 GB is needed")
    return f"{free / 1e9:.0f} GB"


def _mlflow(home: Path) -> str:
    from tasks.tracking import client, tracking_uri

    client(home).search_experiments(max_results=1)
    return tracking_uri(home)


def _server(home: Path) -> str:
    from flows.server import EmbeddedServer

    with EmbeddedServer(home) as server:
        server.ready()
        return f"started, with its database in {server.folder}" if server.owned else server.url


def _schedule() -> str:
    from flows.doctor_schedule import seconds_to_first_run

    return f"fired after {seconds_to_first_run():.0f} s"
