"""Writes texts with a model from the registry, or from a bundle's folder."""

from __future__ import annotations

from pathlib import Path

from flows.home import home_of, project_root
from rnnlib.generate import Writer
from tasks.registry.lookup import load_predictor


def writer(model: str, *, home: Path | None = None) -> Writer:
    """What writes texts with the model that is named as in `flows.predict.predict`."""
    return Writer(load_predictor(home or home_of(project_root()), model).bundle)
