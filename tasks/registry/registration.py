"""Makes the version of a scored model, with everything about it that a person may ask later."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from rnnlib.errors import Refused
from tasks.base import Work
from tasks.registry.model_folder import write_model_folder
from tasks.registry.scored_model import ScoredModel
from tasks.registry.versions import DIGEST, READS, SCORES, registered
from tasks.tracking.home import client
from tasks.tracking.provenance import commit_of


def registered_from(scored: ScoredModel, name: str, tags: Mapping[str, str], work: Work) -> str:
    """The number of the version; the same one however often the step is tried. Raises `Refused` without a run."""
    if work.tracking is None:
        raise Refused("a version belongs to a run in MLflow, and this one is not tracked: use `rnn run`")
    mlflow = client(work.store.home)
    run = mlflow.get_run(work.tracking.run_id).info

    def write(folder: Path) -> None:
        write_model_folder(scored.bundle.folder, scored.bundle.about, folder)

    commit = commit_of(work.place.root)
    facts = {
        DIGEST: scored.bundle.digest,
        SCORES: json.dumps(
            {name: scored.test[name] for name in ("cases", "model", "baselines") if name in scored.test}
        ),
        READS: scored.bundle.reads,
        "rnn.spec": str(run.run_name),
        "rnn.data": scored.origin["data_digest"],
        "rnn.holdout": scored.origin["holdout"],
        **({"rnn.commit": commit.sha} if commit else {}),
    }
    made = registered(mlflow, name, step=work.folder.name, run_id=run.run_id, write=write, tags={**tags, **facts})
    return str(made.version)
