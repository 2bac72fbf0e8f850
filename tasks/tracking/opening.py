"""Finds or makes the run in MLflow that belongs to a mark."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar

from rnnlib.errors import Refused
from tasks.tracking.marks import Mark
from tasks.tracking.outbox import away

if TYPE_CHECKING:
    from mlflow import MlflowClient

PATIENCE = 30.0
"""Seconds that a run waits at its start for a tracking server that does not answer."""

Answer = TypeVar("Answer")


def opened(client: MlflowClient, mark: Mark, experiment: str, name: str, tags: Mapping[str, str]) -> Mark:
    """The mark with the id of its run: the one it has, unless that was deleted, else a new one.

    Raises `Refused` where the server does not answer.
    """
    found = answered(lambda: standing_run(client, mark), mark.place)
    if found is None:
        mark.forget_deliveries()  # a run that was deleted is told again from the start, under its new id
        made = {**tags, "rnn.mark": mark.id}
        found = answered(lambda: str(client.create_run(experiment, run_name=name, tags=made).info.run_id), mark.place)
    return mark.changed(run_id=found)


def standing_run(client: MlflowClient, mark: Mark) -> str | None:
    """The id of the mark's run, where MLflow has it."""
    from mlflow.exceptions import MlflowException

    if mark.run_id is None:
        # new, or killed between the run's making and the note of its id
        experiments = [experiment.experiment_id for experiment in client.search_experiments()]
        runs = client.search_runs(experiments, filter_string=f"tags.`rnn.mark` = '{mark.id}'", max_results=1)
        return str(runs[0].info.run_id) if runs else None
    try:
        stands = client.get_run(mark.run_id).info.lifecycle_stage == "active"
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        stands = False
    return mark.run_id if stands else None


def answered(ask: Callable[[], Answer], place: str, patience: float | None = None) -> Answer:
    """What the server answers, asked again for `patience` seconds where it does not; then raises `Refused`."""
    from mlflow.exceptions import MlflowException

    end = time.monotonic() + (PATIENCE if patience is None else patience)
    while True:
        try:
            return ask()
        except MlflowException as error:
            if not away(error):
                raise
            if time.monotonic() > end:
                remedy = "start it, or unset MLFLOW_TRACKING_URI to track in the home folder"
                raise Refused(f"the tracking server {place} does not answer: {remedy}") from error
        time.sleep(1)
