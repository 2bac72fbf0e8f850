"""One run in MLflow per pipeline run: reused after a crash, and its status is true whatever ends it."""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from rnnlib.data.about import About
from rnnlib.errors import Refused
from tasks.tracking.home import client, experiment_id, place_now, shown
from tasks.tracking.marks import Mark, claim, settling
from tasks.tracking.names import allowed, scalars, within
from tasks.tracking.opening import answered, opened
from tasks.tracking.outbox import Outbox, copied
from tasks.tracking.provenance import commit_of, installed
from tasks.tracking.sender import Sender
from tasks.tracking.signals import signals_raise

if TYPE_CHECKING:
    from mlflow import MlflowClient


_BETWEEN_SENDS = 1.0
"""Seconds: a fast epoch must not wait for MLflow, so its metrics wait on disk for company."""
_LONGEST_PARAM = 500


_MOST_FILES = 100
"""Files that are named as a data set's source: MLflow keeps 65,535 characters. Its profile has them all."""


class Experiment(NamedTuple):
    """An experiment in MLflow."""

    id: str
    name: str


class Tracking:
    """What a run tells MLflow. Everything is on disk before it is sent: a server that is away loses nothing."""

    def __init__(self, home: Path, mark: Mark, client: MlflowClient, experiment: Experiment) -> None:
        assert mark.run_id is not None, "a run has an id before it is told anything"
        self.run_id: str = mark.run_id
        self.home = home
        self._client, self._mark, self._experiment = client, mark, experiment
        self._outbox = Outbox(mark.folder)
        self._send = Sender(client, mark.run_id)
        self._children: list[Tracking] = []
        self._sent_at = -math.inf

    def params(self, values: Mapping[str, Any]) -> None:
        """Records the scalars of a nested mapping (`train.clip`); a value cut short is whole in an artifact."""
        flat = {allowed(name): "" if value is None else str(value) for name, value in scalars("", values)}
        cut = {name: value for name, value in flat.items() if len(value) > _LONGEST_PARAM}
        if cut:
            self.text("params.json", json.dumps(flat, indent=1, ensure_ascii=False))
        note = "… (cut; whole in params.json)"
        short = {name: value[: _LONGEST_PARAM - len(note)] + note for name, value in cut.items()}
        for name in self._outbox.add_params({**flat, **short}):
            self.tags({f"rnn.changed.{name}": f"resumed with {flat[name][:_LONGEST_PARAM]}"})
        self.flush()

    def tags(self, values: Mapping[str, str]) -> None:
        """Sets tags; a later value replaces an earlier one."""
        self._outbox.add({"tags": {allowed(name): str(value)[:8000] for name, value in values.items()}})
        self.flush()

    def metrics(self, step: int, values: Mapping[str, float]) -> None:
        """Records numbers of a step (an epoch). What is NaN or infinite becomes a tag: MLflow would store 1.797e308."""
        named = {allowed(name): float(value) for name, value in values.items()}
        odd = {name: value for name, value in named.items() if not math.isfinite(value)}
        for name in self._outbox.add_metrics(step, {name: value for name, value in named.items() if name not in odd}):
            odd[name] = named[name]
        if odd:
            self._outbox.add({"tags": {_tag_of(name, value): f"{value} at step {step}" for name, value in odd.items()}})
        if time.monotonic() - self._sent_at >= _BETWEEN_SENDS:
            self.flush()

    def artifact(self, path: Path, folder: str | None = None) -> None:
        """Logs a file or a folder, under `folder` of the run's artifacts."""
        staged = copied(path, self._outbox.stage(path.name))
        self._outbox.add({"artifact": {"path": str(staged), "folder": within(folder, path.name, path.is_dir())}})
        self.flush()

    def text(self, name: str, content: str) -> None:
        """Logs `content` as a file of the run's artifacts; `name` may hold folders."""
        folder, _, own = name.rpartition("/")
        staged = self._outbox.stage(own)
        staged.write_text(content, "utf-8")
        self._outbox.add({"artifact": {"path": str(staged), "folder": folder or None}})
        self.flush()

    def dataset(self, name: str, digest: str, folder: Path) -> None:
        """Records the data set in `folder` as the run's input: its files as the spec wrote them, digests, sizes.

        MLflow keeps 36 characters of a digest; the whole of it stands in the profile.
        """
        about = About.model_validate_json((folder / "about.json").read_text())
        profile = {"sha256": digest, "files": about.files, "columns": [column.name for column in about.columns]}
        entry = {
            "name": name[:500],
            "digest": digest[:36],
            "source_type": "local",
            "source": json.dumps({"uri": ", ".join(list(about.files)[:_MOST_FILES])}),
            "profile": json.dumps(profile),
        }
        self._outbox.add({"dataset": {"dataset": entry, "context": "training"}})
        self.flush()

    def environment(self, project: Path | None = None) -> None:
        """Records what the run rests on: every installed version, and the git commit of the project around the home."""
        self.text("environment/requirements.txt", "\n".join(installed()) + "\n")
        if commit := commit_of(project or self.home.resolve().parent):
            self.tags({"mlflow.source.git.commit": commit.sha, "rnn.git.changed": str(commit.changed).lower()})

    def where(self) -> dict[str, str]:
        """Where a person finds the run: `run_id`, `experiment` (its name) and `uri`."""
        return {"run_id": self.run_id, "experiment": self._experiment.name, "uri": shown(self._client.tracking_uri)}

    def child(self, name: str) -> Tracking:
        """A nested run, for one model of several; it ends with `end`, at the latest as its parent ends."""
        mark = claim(self.home, f"{self._mark.key}.{re.sub(r'[^A-Za-z0-9_.-]', '_', name)}", self._mark.place)
        mark = opened(self._client, mark, self._experiment.id, name, {"mlflow.parentRunId": self.run_id})
        nested = Tracking(self.home, mark, self._client, self._experiment)
        nested.begin()
        self._children.append(nested)
        return nested

    def flush(self) -> bool:
        """Sends what waits; False where the server is away, and it goes on waiting."""
        self._sent_at = time.monotonic()
        return self._outbox.deliver(self._send)

    def begin(self) -> None:
        """Says that the run is being carried out, by this process."""
        self._outbox.add({"status": {"is": "RUNNING"}})
        self.flush()

    def end(self, status: str) -> None:
        """Says how the run ended, once; one that ended well is forgotten here as soon as MLflow has all of it."""
        if self._mark.ended is not None:
            return
        for nested in self._children:
            nested.end(status)
        with settling(self.home):
            self._mark = self._mark.changed(ended=status)
            self._outbox.add({"status": {"is": status, "at": int(time.time() * 1000)}})
            self._mark.settled(delivered=self.flush())


@contextmanager
def tracked(
    home: Path, experiment: str, key: str, name: str, tags: Mapping[str, str] | None = None
) -> Iterator[Tracking]:
    """Carries out one run: finished, failed (an exception) or killed (a signal, Ctrl-C), and MLflow is told which.

    `key` says which run is the same one: where an earlier try of this key was killed or failed, its run goes on.
    Raises `Refused` where the tracking server does not answer.
    """
    mlflow = client(home)
    mark = claim(home, key, place_now(home))
    with signals_raise():
        found = answered(lambda: Experiment(experiment_id(mlflow, home, experiment), experiment), mark.place)
        run = Tracking(home, opened(mlflow, mark, found.id, name, {"rnn.key": key}), mlflow, found)
        with _told(run):
            if tags:
                run.tags(tags)
            yield run


@contextmanager
def _told(run: Tracking) -> Iterator[Tracking]:
    run.begin()
    try:
        yield run
    except Exception as error:
        # only our own messages are free of resolved secrets and of the person's data
        run.tags({"rnn.error": f"{type(error).__name__}{f': {error}' if isinstance(error, Refused) else ''}"})
        run.end("FAILED")
        raise
    except BaseException:
        run.end("KILLED")
        raise
    run.end("FINISHED")


def _tag_of(name: str, value: float) -> str:
    return allowed(f"rnn.{'changed' if math.isfinite(value) else 'not_finite'}.{name}")
