"""Runs that their process left behind: a kill -9 gives MLflow no word, an outage holds it back."""

from __future__ import annotations

from pathlib import Path

from tasks.tracking.home import client
from tasks.tracking.marks import Mark, marks, settling
from tasks.tracking.opening import standing_run
from tasks.tracking.outbox import Outbox, away
from tasks.tracking.sender import Sender


def close_dead(home: Path) -> int:
    """Gives runs that a kill left RUNNING their true end, KILLED, and sends what an outage held back.

    Returns how many runs were closed. Imports nothing heavy where there is nothing to do.
    """
    if not any(_left(mark) for mark in marks(home)):
        return 0
    with settling(home):
        return sum(_closed(home, mark) for mark in marks(home) if _left(mark))


def _left(mark: Mark) -> bool:
    return not mark.delivered and not mark.alive()


def _closed(home: Path, mark: Mark) -> bool:
    from mlflow.exceptions import MlflowException

    mlflow = client(home, mark.place)
    try:
        run_id = standing_run(mlflow, mark)
    except MlflowException as error:
        if not away(error):
            raise
        return False  # the next command tries again
    if run_id is None:
        mark.remove()  # killed before MLflow heard of it, or deleted there by a person
        return False
    last_sign = int(max(file.stat().st_mtime for file in mark.folder.glob("*.json*")) * 1000)
    outbox = Outbox(mark.folder)
    if mark.ended is None:
        outbox.add({"status": {"is": "KILLED", "at": last_sign}})
        mark = mark.changed(run_id=run_id, ended="KILLED")
    delivered = outbox.deliver(Sender(mlflow, run_id))
    mark.settled(delivered=delivered)
    return delivered
