"""A home with trained, scored models, so that `register` can be tried without training anything."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from rnnlib.bundle import save_bundle
from rnnlib.data.dataset import DataSet
from rnnlib.models import AnyModel
from rnnlib.place import Place
from rnnlib.training import classes_of, shape_of
from tasks.base import Work
from tasks.evaluate import Evaluate
from tasks.register import Register
from tasks.store import Store, Stored, digest_of
from tasks.tracking import tracked
from tests.bundles import make

NAME = "load-forecast"


def always_up_by(offset: float) -> Callable[[nn.Module], None]:
    """Makes a forecaster predict the last value plus an offset in model units: 0 is `naive`, 0.1 and 0.3 are better."""

    def change(module: nn.Module) -> None:
        with torch.no_grad():
            for name, parameter in module.named_parameters():
                if name.startswith("head"):
                    parameter.fill_(offset if name.endswith("bias") else 0.0)

    return change


@dataclass
class Project:
    """A store with steps, written without running a pipeline."""

    home: Path

    @property
    def store(self) -> Store:
        return Store(self.home)

    def scored(
        self,
        label: str,
        change: Callable[[nn.Module], None] = lambda _module: None,
        made: Callable[[], tuple[AnyModel, DataSet]] = make.forecaster,
        metrics: tuple[str, ...] | None = None,
        edit: Callable[[dict[str, Any]], object] = lambda _scores: None,
    ) -> Stored:
        """The scores of a model whose weights `change` sets; `edit` changes what was written of them."""
        model, data = made()
        classes = classes_of(model, data)
        shape = shape_of(data, classes)
        module = model.build(shape)
        change(module)
        parts = self.store.keep(digest_of([label, "data"]), data.save)

        def train(at: Path) -> None:
            save_bundle(
                at / "bundle", model=model, shape=shape, module=module, about=data.about, classes=classes, facts={}
            )

        trained = self.store.keep(digest_of([label, "train"]), train)
        section = Evaluate(metrics=metrics, season=12 if made is make.forecaster else None)

        def score(at: Path) -> None:
            section.perform({"model": trained, "data": parts}, at, self.work(digest_of([label, "evaluate"])))
            scores = json.loads((at / "scores.json").read_text())
            edit(scores)
            (at / "scores.json").write_text(json.dumps(scores))

        return self.store.keep(digest_of([label, "evaluate"]), score)

    def work(self, key: str) -> Work:
        return Work("register", 7, Place(self.home, self.home), self.store, self.store.work(key))

    @contextmanager
    def registering(self, label: str) -> Iterator[Work]:
        """What a register step may use, within a run in MLflow."""
        work = self.work(digest_of([label, "register"]))
        with tracked(self.home, "load", label, "the-spec") as run:
            yield Work(work.step, work.seed, work.place, work.store, work.folder, tracking=run)

    def register(self, label: str, scores: Stored, **section: Any) -> dict[str, Any]:
        """What a register step writes, performed as the engine would."""
        with self.registering(label) as work:
            return self.performed(Register(model=NAME, **section), scores, work)

    def performed(self, section: Register, scores: Stored, work: Work) -> dict[str, Any]:
        kept = self.store.keep(work.folder.name, lambda at: section.perform({"scores": scores}, at, work))
        version: dict[str, Any] = json.loads((kept.path / "version.json").read_text())
        return version


def gate(*beats: str, metric: str = "mae", by: str = "1%", at_least: int = 5) -> Mapping[str, Any]:
    """A promotion's section."""
    return {"when": {"metric": metric, "beats": beats, "by": by, "at_least": at_least}}
