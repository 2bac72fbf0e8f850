"""Checkpoints from which a training goes on exactly as if it had never stopped.

A step folder `step-<epoch>-<batch>` holds the weights, the optimizer's tensors and the best weights so far as
safetensors, and everything else as JSON. No generator has a state worth keeping: what is random is drawn from
(seed, purpose, epoch, batch), so where training stands is all that there is to know.
"""

from __future__ import annotations

import json
import os
import shutil
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load, save

from rnnlib.errors import Refused
from rnnlib.training.learner import Learner
from rnnlib.training.numerics import versions
from rnnlib.training.state import State
from rnnlib.training.step_folder import Damaged, read_folder, write_folder

FORMAT = 3
SECONDS = 60.0
"""How much of a long epoch a kill may cost. Its end is saved anyway."""
SHARE = 0.05
"""The most of the time that saving may take: epochs of a few milliseconds are not each written to disk."""


class Checkpoints:
    """The step folders of one training; one process at a time writes them."""

    def __init__(self, folder: Path, training: str, say: Callable[[str], None] | None = None) -> None:
        """`training` is a digest of what is being trained: checkpoints of another training are refused."""
        self.folder = folder
        self._training = training
        self._say = say or _warn
        self._saved = time.monotonic()
        self._cost = 0.0

    def steps(self) -> list[Path]:
        """The finished step folders, the newest first."""
        return sorted(self.folder.glob("step-*"), reverse=True) if self.folder.is_dir() else []

    def restore(self, learner: Learner) -> bool:
        """Puts `learner` where the newest undamaged step stands; False where there is none.

        A damaged step is set aside (`damaged-…`) and the one before it is used: that costs time, and no bit.
        """
        self._sweep()
        steps = self.steps()
        for left, step in enumerate(steps, start=1 - len(steps)):
            try:
                files = read_folder(step)
            except Damaged as damage:
                aside = self.folder / f"damaged-{step.name}"
                shutil.rmtree(aside, ignore_errors=True)
                os.rename(step, aside)
                then = "going on from the one before" if left else "none is left: the training begins anew"
                self._say(f"a checkpoint is damaged and was set aside: {damage.message}; {then}")
                continue
            self._load(learner, files)
            return True
        return False

    def save_when_due(self, learner: Learner, end_of_epoch: bool) -> None:
        """Saves at the end of an epoch and every `SECONDS` within one, as often as `SHARE` allows; and at the end."""
        waited = time.monotonic() - self._saved
        least = 0.0 if end_of_epoch else SECONDS
        if learner.state.stopped is not None or waited >= max(least, self._cost / SHARE):
            self.save(learner)

    def save(self, learner: Learner) -> None:
        """Writes a step and verifies it; then removes old ones: two stay, and the one that first held the best weights.

        Raises `OSError` where the disk is full; the steps before are untouched then.
        """
        state = learner.state
        step = self.folder / _name(state.epoch, state.batch)
        if step.exists():
            return  # resumed from it, and nothing was done since
        begin = time.monotonic()
        self.folder.mkdir(parents=True, exist_ok=True)
        write_folder(step, self._files(learner))
        read_folder(step)
        self._retain(_name(state.best_epoch + 1, 0))
        self._saved = time.monotonic()
        self._cost = self._saved - begin

    def _files(self, learner: Learner) -> dict[str, bytes]:
        facts = {
            "format": FORMAT,
            "training": self._training,
            **_computed_on(learner),
            "state": learner.state.facts(),
            "players": learner.facts(),
        }
        return {
            "weights.safetensors": save(learner.weights()),
            "optimizer.safetensors": save(learner.tensors()),
            "best.safetensors": save(learner.state.best),
            "state.json": json.dumps(facts, allow_nan=False).encode(),
        }

    def _load(self, learner: Learner, files: dict[str, bytes]) -> None:
        facts = json.loads(files["state.json"])
        if facts["format"] != FORMAT or facts["training"] != self._training:
            raise Refused(f"{self.folder} holds checkpoints of another training: name another folder, or empty it")
        state = State.of(facts["state"], load(files["best.safetensors"]))
        learner.load(load(files["weights.safetensors"]), load(files["optimizer.safetensors"]), facts["players"], state)
        now = _computed_on(learner)
        if differing := [name for name in now if now[name] != facts[name]]:
            learner.state.exact = False
            self._say(f"resumed on other {' and '.join(differing)} than before: the result is not bit-exact")

    def _retain(self, best: str) -> None:
        kept = {step.name for step in self.steps()[:2]} | {best}
        for step in self.steps():
            if step.name not in kept:
                doomed = self.folder / f".{step.name}.old"
                os.rename(step, doomed)  # a kill while it is being removed leaves no half step
                shutil.rmtree(doomed)

    def _sweep(self) -> None:
        for leftover in self.folder.glob(".step-*"):
            shutil.rmtree(leftover)


def _name(epoch: int, batch: int) -> str:
    return f"step-{epoch:08d}-{batch:012d}"


def _computed_on(learner: Learner) -> dict[str, Any]:
    device = next(learner.module.parameters()).device.type
    return {"threads": torch.get_num_threads(), "device": device, "versions": versions()}


def _warn(line: str) -> None:
    warnings.warn(line, stacklevel=4)
