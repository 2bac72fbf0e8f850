"""The run in MLflow that belongs to a pipeline run (see below; written by the tracking part)."""

from __future__ import annotations

from typing import Protocol


class Tracking(Protocol):
    """What a task may tell the run in MLflow."""

    run_id: str
