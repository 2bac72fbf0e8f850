"""Where MLflow keeps what is tracked: SQLite under the home folder, unless MLFLOW_TRACKING_URI names a place."""

from __future__ import annotations

import logging
import os
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from filelock import FileLock

from rnnlib.errors import Refused

if TYPE_CHECKING:
    from mlflow import MlflowClient

_SETTINGS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    # A training loop cannot wait for minutes: what does not arrive at once goes to the outbox and is sent later.
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
}


_KIND = {"mlflow.experimentKind": "custom_model_development"}
"""MLflow's page opens with runs and their metrics, instead of guessing that an experiment is about prompts."""


def embedded_uri(home: Path) -> str:
    """The embedded default: `sqlite:///<home>/mlflow.db`."""
    database = home.resolve() / "mlflow.db"
    if "?" in str(database):
        raise Refused(
            f"`{home}` cannot hold the tracking database: a database address ends at `?`; choose another home"
        )
    return f"sqlite:///{database}"


def tracking_uri(home: Path) -> str:
    """What MLFLOW_TRACKING_URI says, else the embedded default."""
    return os.environ.get("MLFLOW_TRACKING_URI") or embedded_uri(home)


def place_now(home: Path) -> str:
    """What may be written down of the tracking address: `embedded`, or the address without name and password."""
    address = tracking_uri(home)
    return "embedded" if address == embedded_uri(home) else shown(address)


def shown(address: str) -> str:
    """An address without the name and the password that it may hold."""
    parts = urlsplit(address)
    return address.replace(f"//{parts.netloc}", f"//{parts.netloc.rpartition('@')[2]}", 1)


def client(home: Path, place: str | None = None) -> MlflowClient:
    """A client of the tracking server and the model registry; the embedded database is made on first use.

    Any number of processes may call this at once on a fresh home: one makes the database, the others wait for it.
    `place` is what `place_now` said when a run began, which may have been another server than today's.
    """
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    known = {None: tracking_uri(home), place_now(home): tracking_uri(home), "embedded": embedded_uri(home)}
    address = known.get(place, place) or embedded_uri(home)
    if address == embedded_uri(home):
        _made(home)
    return _client(address)


def experiment_id(client: MlflowClient, home: Path, name: str) -> str:
    """The id of an experiment, made where there is none yet; raises `Refused` for a deleted one."""
    from mlflow.exceptions import MlflowException

    found = client.get_experiment_by_name(name)
    if found is None:
        # MLflow's own default is a path under the current folder, stored for ever. A server knows its own place.
        local = not client.tracking_uri.startswith(("http:", "https:"))
        location = (home.resolve() / "artifacts").as_uri() if local else None
        try:
            return str(client.create_experiment(name, artifact_location=location, tags=_KIND))
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
            found = client.get_experiment_by_name(name)  # another process was first
    if found is None or found.lifecycle_stage != "active":
        raise Refused(f"the experiment `{name}` was deleted in MLflow: restore it, or name another under `track`")
    return str(found.experiment_id)


def _made(home: Path) -> None:
    ready = home / "mlflow.ready"
    current = version("mlflow")
    if _read(ready) == current and (home / "mlflow.db").is_file():
        return
    home.mkdir(parents=True, exist_ok=True)
    with FileLock(home / "mlflow.lock"):
        if _read(ready) == current and (home / "mlflow.db").is_file():
            return
        opened = _client(embedded_uri(home))
        opened.search_experiments(max_results=1)
        opened.search_registered_models(max_results=1)
        ready.write_text(current)


def _client(address: str) -> MlflowClient:
    from mlflow import MlflowClient

    for noisy in ("mlflow.store.db.utils", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    return MlflowClient(tracking_uri=address, registry_uri=os.environ.get("MLFLOW_REGISTRY_URI") or address)


def _read(file: Path) -> str | None:
    return file.read_text() if file.is_file() else None
