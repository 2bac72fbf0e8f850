"""Looking models up: what is registered, and a predictor by its alias, its version, or its folder."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnnlib.bundle import open_bundle
from rnnlib.errors import Refused
from rnnlib.predictor import Predictor
from tasks.registry.alias_moves import moves
from tasks.registry.versions import SCORES, aliases_of, bundle_of, scores_of, version_at
from tasks.tracking.home import client, place_now
from tasks.tracking.opening import answered

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

_REFERENCE = re.compile(r"models:/([A-Za-z0-9][A-Za-z0-9._-]*)(?:@([A-Za-z0-9_-]+)|/([0-9]{1,9}))")


def list_models(home: Path) -> list[dict[str, Any]]:
    """Every registered model, as `show_model` has it but for the moves of its aliases."""
    mlflow = _asked(home)
    models: list[dict[str, Any]] = []
    token: str | None = None
    while True:
        page = mlflow.search_registered_models(max_results=100, page_token=token)
        models += [_model(mlflow, model.name) for model in page]
        if not (token := page.token):
            return models


def show_model(home: Path, name: str) -> dict[str, Any]:
    """One model: `name`, `aliases` (alias: version), `versions` (oldest first), `moves` (the ledger).

    A version has `version`, `aliases`, `scores` and `baselines` (on the test part, by metric), `tags`, `run_id`,
    `created`. Raises `Refused` for a model that is not registered.
    """
    return {**_model(_asked(home), name), "moves": moves(home, name)}


def load_predictor(home: Path, reference: str) -> Predictor:
    """The predictor that `models:/NAME@ALIAS`, `models:/NAME/VERSION` or the folder of a bundle names.

    Raises `Refused` for what cannot be found, `BundleError` for what cannot be trusted.
    """
    if not reference.startswith("models:"):
        folder = Path(reference)
        if not folder.is_dir():
            raise Refused(
                f"a model is `models:/NAME@ALIAS`, `models:/NAME/VERSION` or a bundle's folder: `{reference}` is none"
            )
        return Predictor(open_bundle(folder))
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise Refused(f"a registered model is `models:/NAME@ALIAS` or `models:/NAME/VERSION`, received `{reference}`")
    mlflow = _asked(home)
    return Predictor(bundle_of(mlflow, version_at(mlflow, match[1], alias=match[2], version=match[3])))


def _asked(home: Path) -> MlflowClient:
    """A client of a registry that answers; raises `Refused` where it does not."""
    mlflow = client(home)
    answered(lambda: mlflow.search_registered_models(max_results=1), place_now(home), patience=0)
    return mlflow


def _model(mlflow: MlflowClient, name: str) -> dict[str, Any]:
    aliases = aliases_of(mlflow, name)
    found = sorted(mlflow.search_model_versions(f"name = '{name}'"), key=lambda version: int(version.version))
    return {"name": name, "aliases": aliases, "versions": [_version(version, aliases) for version in found]}


def _version(version: ModelVersion, aliases: dict[str, str]) -> dict[str, Any]:
    scores = scores_of(version)
    return {
        "version": str(version.version),
        "aliases": sorted(alias for alias, at in aliases.items() if at == str(version.version)),
        "scores": scores.get("model", {}),
        "baselines": scores.get("baselines", {}),
        "tags": {name: value for name, value in sorted(version.tags.items()) if name != SCORES},
        "run_id": version.run_id,
        "created": datetime.fromtimestamp(version.creation_timestamp / 1000, UTC).isoformat(timespec="seconds"),
    }
