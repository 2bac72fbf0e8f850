"""How the training went: the losses of every epoch, and what stopped it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from flows.report.drawing import BASELINE, FAINT, INK, MODEL, Picture, calm, drawn, logarithmic
from flows.report.facts import RunFacts
from flows.report.gradients import gradient_pictures, warnings
from flows.report.scores import read
from flows.report.wording import number

_ENDS = {"early": "stopped early, as validation no longer improved", "epochs": "all epochs carried out"}


@dataclass(frozen=True)
class Curves:
    """The learning curves of one model."""

    step: str
    sentence: str
    pictures: tuple[Picture, ...]
    warnings: tuple[str, ...]


def curves(run: RunFacts) -> list[Curves]:
    """The curves of every model that was trained."""
    found = []
    for position, step in enumerate(run.steps_of("train")):
        history = read(step, "history.json")
        if history.get("epochs"):
            found.append(_curves(step.name, f"curve{position}", history))
    return found


def _curves(step: str, name: str, history: Mapping[str, Any]) -> Curves:
    epochs, best, kept = history["epochs"], history.get("best_epoch"), history.get("kept_epoch")
    kept = best if kept is None else kept
    last = epochs[-1]["epoch"]
    ended = _ENDS.get(history.get("stopped", ""), str(history.get("stopped", "")))
    sentence = f"{last} epochs, {ended}" + (f"; the weights of epoch {kept} were kept." if kept else ".")
    if "augmentation" in history:
        sentence += f" The augmentations were {history['augmentation']['sentence']}."
    loss = drawn(
        f"{name}-loss",
        lambda figure: _losses(figure, epochs, kept),
        alt=f"Loss by epoch on train and validation. {_in_words(epochs, best)}",
        caption="Loss by epoch, in model units",
    )
    pictures = [loss]
    if any(epoch.get("gradient_norm") is not None for epoch in epochs):
        norms = drawn(
            f"{name}-norm",
            lambda figure: _norms(figure, epochs),
            alt="Norm of the gradient by epoch, before clipping.",
            caption="Norm of the gradient by epoch, before clipping",
        )
        pictures.append(norms)
    return Curves(step, sentence, (*pictures, *gradient_pictures(name, history)), warnings(history))


def _in_words(epochs: Sequence[Mapping[str, Any]], best: int | None) -> str:
    first, last = epochs[0], epochs[-1]
    words = f"Train loss goes from {number(first.get('train_loss'))} to {number(last.get('train_loss'))}"
    if last.get("validation_loss") is not None:
        words += f", validation loss from {number(first['validation_loss'])} to {number(last['validation_loss'])}"
    return f"{words}; best at epoch {best}." if best else f"{words}."


def _column(epochs: Sequence[Mapping[str, Any]], name: str) -> np.ndarray[Any, Any]:
    return np.array([np.nan if epoch.get(name) is None else epoch[name] for epoch in epochs], float)


def _losses(figure: Figure, epochs: Sequence[Mapping[str, Any]], kept: int | None) -> None:
    axes, at = figure.add_subplot(), _column(epochs, "epoch")
    train, validation = _column(epochs, "train_loss"), _column(epochs, "validation_loss")
    axes.plot(at, train, color=BASELINE, label="train", marker="o" if len(at) < 3 else None)
    known = np.isfinite(validation)
    if known.any():
        axes.plot(at[known], validation[known], color=MODEL, label="validation", marker="o" if len(at) < 3 else None)
    losses = np.concatenate([train, validation[known]])
    if np.nanmin(losses) > 0 and np.nanmax(losses) / np.nanmin(losses) > 10:
        logarithmic(axes)
    else:
        calm(axes)
    if kept is not None and kept in at:
        chosen = validation if known.any() else train
        axes.axvline(kept, color=FAINT, linewidth=0.8, linestyle=(0, (3, 3)))
        axes.plot([kept], [chosen[at == kept][0]], "o", color=INK, markersize=5, label="kept")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
    axes.set_xlabel("epoch")
    axes.legend(loc="upper right")


def _norms(figure: Figure, epochs: Sequence[Mapping[str, Any]]) -> None:
    axes, norms = figure.add_subplot(), _column(epochs, "gradient_norm")
    axes.plot(_column(epochs, "epoch"), norms, color=MODEL)
    if np.nanmin(norms) > 0 and np.nanmax(norms) / np.nanmin(norms) > 10:
        logarithmic(axes)
    else:
        calm(axes)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
    axes.set_xlabel("epoch")
