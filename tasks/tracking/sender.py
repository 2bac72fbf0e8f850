"""Carries the operations of an outbox to one run in MLflow; each may be sent again without harm."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from mlflow import MlflowClient

Entry = TypeVar("Entry")


class Sender:
    """One method for each verb that an operation may have."""

    def __init__(self, client: MlflowClient, run_id: str) -> None:
        self._client, self._run_id = client, run_id
        self._verbs: Mapping[str, Callable[[Any], None]] = {
            "metrics": self._metrics,
            "params": self._params,
            "tags": self._tags,
            "artifact": self._artifact,
            "dataset": self._dataset,
            "status": self._status,
        }

    def __call__(self, operation: Mapping[str, Any]) -> None:
        """Sends one operation; raises what MLflow raises."""
        for verb, content in operation.items():
            self._verbs[verb](content)

    def _metrics(self, entries: Sequence[tuple[str, float, int, int]]) -> None:
        from mlflow.entities import Metric

        for some in _slices(entries, 1000):
            self._client.log_batch(self._run_id, metrics=[Metric(*entry) for entry in some])

    def _params(self, values: Mapping[str, str]) -> None:
        from mlflow.entities import Param

        for some in _slices(list(values.items()), 100):
            self._client.log_batch(self._run_id, params=[Param(name, value) for name, value in some])

    def _tags(self, values: Mapping[str, str]) -> None:
        from mlflow.entities import RunTag

        for some in _slices(list(values.items()), 100):
            self._client.log_batch(self._run_id, tags=[RunTag(name, value) for name, value in some])

    def _artifact(self, entry: Mapping[str, Any]) -> None:
        path = Path(entry["path"])
        if path.is_dir():
            self._client.log_artifacts(self._run_id, str(path), entry["folder"])
        elif path.exists():  # else a kill came between its delivery and the note of it
            self._client.log_artifact(self._run_id, str(path), entry["folder"])
        shutil.rmtree(path.parent, ignore_errors=True)

    def _dataset(self, entry: Mapping[str, Any]) -> None:
        from mlflow.entities import Dataset, DatasetInput, InputTag

        tags = [InputTag("mlflow.data.context", entry["context"])]
        self._client.log_inputs(self._run_id, [DatasetInput(Dataset(**entry["dataset"]), tags)])

    def _status(self, entry: Mapping[str, Any]) -> None:
        if entry["is"] == "RUNNING":
            self._client.update_run(self._run_id, status="RUNNING")
        else:
            self._client.set_terminated(self._run_id, entry["is"], end_time=entry["at"])


def _slices(entries: Sequence[Entry], size: int) -> Iterator[Sequence[Entry]]:
    for first in range(0, len(entries), size):
        yield entries[first : first + size]
