"""The run in MLflow that belongs to a pipeline run, and everything that keeps it true."""

from tasks.tracking.home import client, embedded_uri, experiment_id, tracking_uri
from tasks.tracking.left import close_dead
from tasks.tracking.run import Tracking, tracked

__all__ = ["Tracking", "client", "close_dead", "embedded_uri", "experiment_id", "tracked", "tracking_uri"]
