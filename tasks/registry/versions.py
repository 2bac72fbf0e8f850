"""Versions in the model registry: each step of a pipeline makes one, however often it is tried."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnnlib.bundle import Bundle, open_bundle
from rnnlib.errors import BundleError, Refused
from tasks.registry.model_folder import BUNDLE
from tasks.tracking.outbox import away

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

STEP, DIGEST, SCORES, READS = "rnn.step", "rnn.bundle", "rnn.scores", "rnn.reads"
"""Tags of a version: its step, the digest of its bundle, its scores on the test part (JSON), what it is asked with."""


class Unanswered(Refused):
    """The registry did not answer: nothing is known about the version, and a later try may find it whole."""


@contextmanager
def asking(what: str) -> Iterator[None]:
    """Raises `Unanswered` for what a registry or a disk raises that does not answer; lasting answers pass as they are.

    `what` names the thing that was asked for.
    """
    from mlflow.exceptions import MlflowException

    try:
        yield
    except (MlflowException, OSError) as error:
        if isinstance(error, MlflowException) and not away(error):
            raise
        rule, remedy = f"{what} could not be fetched ({type(error).__name__})", "see that the tracking server answers"
        raise Unanswered(f"{rule}: {remedy}, then run again") from error


def version_of_step(client: MlflowClient, name: str, step: str) -> ModelVersion | None:
    """The version that a step made, where it still stands."""
    found = client.search_model_versions(f"name = '{name}' and tags.`{STEP}` = '{step}'")
    return min(found, key=lambda version: int(version.version)) if found else None


def registered(
    client: MlflowClient, name: str, *, step: str, run_id: str, write: Callable[[Path], None], tags: Mapping[str, str]
) -> ModelVersion:
    """The version that `step` makes: the one it has made before, else a new one of the folder that `write` writes."""
    if (found := version_of_step(client, name, step)) is not None:
        return found
    _ensure_model(client, name)
    place = f"models/{name}/{step[:12]}"
    with tempfile.TemporaryDirectory() as temporary:
        write(Path(temporary) / "model")
        client.log_artifacts(run_id, str(Path(temporary) / "model"), place)
    source = f"{client.get_run(run_id).info.artifact_uri}/{place}"
    return client.create_model_version(name, source, run_id, tags={**tags, STEP: step})


def version_at(
    client: MlflowClient, name: str, *, alias: str | None = None, version: str | None = None
) -> ModelVersion:
    """A version by its alias or its number; raises `Refused` where there is none, and says what there is."""
    from mlflow.exceptions import MlflowException

    aliases = aliases_of(client, name)
    wanted = aliases.get(alias) if alias is not None else version
    if wanted is None:
        listed = ", ".join(f"`{one}`" for one in sorted(aliases))
        others = f"only {listed}" if listed else "and no other one"
        raise Refused(f"the model `{name}` has no alias `{alias}`, {others}: name a version, or promote one")
    try:
        return client.get_model_version(name, wanted)
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        raise Refused(f"the model `{name}` has no version {wanted}: see `rnn models show {name}`") from error


def aliases_of(client: MlflowClient, name: str) -> dict[str, str]:
    """The aliases of a model and the versions they stand at; raises `Refused` for a model that is not registered."""
    from mlflow.exceptions import MlflowException

    try:
        found = client.get_registered_model(name).aliases
    except MlflowException as error:
        if error.error_code not in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            raise
        raise Refused(f"no model `{name}` is registered: see `rnn models list`") from error
    return {alias: str(version) for alias, version in found.items()}


def bundle_of(client: MlflowClient, version: ModelVersion) -> Bundle:
    """The bundle of a version, verified against its own manifest and against the digest that was registered.

    Raises `BundleError` where its artifacts are gone, hold no bundle, or hold another one; `Unanswered` where they
    cannot be reached.
    """
    from mlflow.artifacts import download_artifacts
    from mlflow.exceptions import MlflowException

    named = f"version {version.version} of `{version.name}`"
    with tempfile.TemporaryDirectory() as temporary:
        with asking(named):
            source = f"{version.source}/{BUNDLE}"
            try:
                place = download_artifacts(artifact_uri=source, dst_path=temporary, tracking_uri=client.tracking_uri)
            except (MlflowException, OSError) as error:
                # a download says the same of a bundle that is gone and of a server that is: a listing does not
                if _listed(client, source):
                    raise
                rule = f"{named} has no bundle among its artifacts"
                raise BundleError(f"{rule}: it was deleted, or is not ours") from error
        bundle = open_bundle(Path(place))
    if (expected := version.tags.get(DIGEST)) != bundle.digest:
        rule = f"{named} was registered with the bundle {str(expected)[:12]}…, its artifacts hold {bundle.digest[:12]}…"
        raise BundleError(f"{rule}: they were changed; register the model again")
    return bundle


def _listed(client: MlflowClient, source: str) -> bool:
    """Whether there is anything at a place; raises where nobody answers."""
    from mlflow.artifacts import list_artifacts
    from mlflow.exceptions import MlflowException

    try:
        return bool(list_artifacts(artifact_uri=source, tracking_uri=client.tracking_uri))
    except MlflowException as error:
        if away(error):
            raise
        return False


def scores_of(version: ModelVersion) -> dict[str, Any]:
    """What `register` noted of a version's scores on the test part; empty for a version of somebody else."""
    found = json.loads(version.tags.get(SCORES, "{}"))
    assert isinstance(found, dict), "the tag is ours"
    return found


def _ensure_model(client: MlflowClient, name: str) -> None:
    from mlflow.exceptions import MlflowException

    try:
        client.create_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
