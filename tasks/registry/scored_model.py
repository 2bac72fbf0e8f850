"""A model with the scores that were computed of it, and the data they were computed on: held together by digests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnnlib.bundle import Bundle, open_bundle
from rnnlib.data.dataset import DataSet
from rnnlib.errors import Refused
from tasks.store import Store, Stored


@dataclass(frozen=True)
class ScoredModel:
    """What `evaluate` scored: nothing is promoted on another model's scores, or on other rows."""

    bundle: Bundle
    data: Path
    scores: Mapping[str, Any]
    origin: Mapping[str, str]
    """`scored.json`: keys and digests of the model and the data."""
    before: Path | None = None
    """The data before it was encoded, where it was and that is still in the store."""

    @classmethod
    def open(cls, scores: Stored, store: Store) -> ScoredModel:
        """The model and the data that scores are of. Raises `Refused` where one is gone or is not what was scored."""
        origin = json.loads((scores.path / "scored.json").read_text())
        model, data = _opened(store, origin, "model"), _opened(store, origin, "data")
        if DataSet.open(data).holdout_digest() != origin["holdout"]:
            raise Refused("the held-out rows are not those that were scored: run the chain again from `split`")
        found = json.loads((scores.path / "scores.json").read_text())
        return cls(open_bundle(model / "bundle"), data, found, origin, _before_encoding(store, origin["data"]))

    @property
    def test(self) -> Mapping[str, Any]:
        """Everything about the test part; empty where it was not scored."""
        part: Mapping[str, Any] = self.scores["parts"].get("test", {})
        return part

    def test_scores(self) -> dict[str, float | None]:
        """The model's scores on the test part."""
        return dict(self.test.get("model", {}))


def _before_encoding(store: Store, key: str) -> Path | None:
    """The nearest step that the data was made from, one by one, which no encoder had touched."""
    while (found := store.open(key)) is not None:
        if not DataSet.open(found.path).about.encoders:
            return found.path
        origins = [*store.origin(key).values()]
        if len(origins) != 1:
            return None
        (key,) = origins
    return None


def _opened(store: Store, origin: Mapping[str, str], what: str) -> Path:
    found = store.open(origin[what])
    if found is None:
        raise Refused(f"the {what} that was scored is no longer in the store: run the chain again")
    if found.digest != origin[f"{what}_digest"]:
        raise Refused(f"the {what} in the store is not the one that was scored: run the chain again")
    return found.path
