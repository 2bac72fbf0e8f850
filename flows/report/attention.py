"""What a model with attention looked at: its weights for a few cases of the headline part, as heat maps."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from flows.report.data import data_step
from flows.report.drawing import MODEL, Picture, drawn
from flows.report.facts import RunFacts
from flows.report.scores import Evaluation, headline_part
from rnnlib.attention_weights import AttentionWeights
from rnnlib.data.batching.windows import segments, window_starts
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.errors import Refused

_CASES, _MOST = 3, 24
"""Cases that are shown, and the cells of a heat map along each side: longer ones are drawn in means."""
_AXES = {"step": "step that is read", "column": "column", "head": "head", "ahead": "step of the horizon"}

Weights = np.ndarray[Any, Any]


def attention_pictures(run: RunFacts, evaluation: Evaluation, place: int) -> list[Picture]:
    """The weights of every module that attends, for cases from the start, the middle and the end of the part."""
    model, data = run.holder(evaluation.origins.get("model", "")), run.holder(evaluation.origins.get("data", ""))
    data = data or data_step(run)
    if model is None or model.folder is None or data is None or data.folder is None:
        return []
    try:
        found, cases = _looked(model.folder / "bundle", DataSet.open(data.folder), headline_part(evaluation.scores))
    except Refused:  # a model without attention, or one that does not read this data: there is nothing to show
        return []
    return [
        drawn(
            f"attention{place}-{number}-{case}",
            partial(_paint, weights=_mean_of_heads(weights.cases[case], weights.axes), axes_of=weights.axes),
            alt=f"Heat map of the attention of {name} for case {cases[case] + 1}.",
            caption=f"{name}, case {cases[case] + 1} of {headline_part(evaluation.scores)}",
        )
        for number, (name, weights) in enumerate(found.items())
        for case in sorted(weights.cases)
    ]


def _looked(bundle: Any, data: DataSet, part: str) -> tuple[dict[str, AttentionWeights], list[int]]:
    from rnnlib.bundle import open_bundle
    from rnnlib.predictor import Predictor

    model = Predictor(open_bundle(bundle))
    windows = model.kind == "forecaster"
    every = window_starts(data, PartOf[part]).horizon_start if windows else segments(data, PartOf[part]).sequence
    chosen = sorted({0, len(every) // 2, len(every) - 1}) if len(every) else []
    return model.attention_weights(data, every[chosen[:_CASES]]), chosen


def _mean_of_heads(weights: Weights, axes: tuple[str, ...]) -> Weights:
    return np.atleast_2d(weights.mean(axis=axes.index("head")) if "head" in axes else weights)


def _paint(figure: Figure, weights: Weights, axes_of: tuple[str, ...]) -> None:
    axes, cells = figure.add_subplot(), _coarse(_coarse(weights, 0), 1)
    largest = cells.max() or 1.0
    high, wide = (of / count for of, count in zip(weights.shape, cells.shape, strict=True))
    for row, column in np.argwhere(cells > largest / 100).tolist():
        alpha = float(cells[row, column] / largest)
        corner = (column * wide + 0.5, row * high + 0.5)
        axes.add_patch(Rectangle(corner, wide, high, facecolor=MODEL, alpha=round(alpha, 2), linewidth=0))
    axes.set(xlim=(0.5, weights.shape[1] + 0.5), ylim=(weights.shape[0] + 0.5, 0.5))
    shown = [axis for axis in axes_of if axis != "head"]
    axes.set_xlabel(_AXES[shown[-1]])
    if len(shown) > 1:
        axes.set_ylabel("step that reads" if shown[0] == "step" else _AXES[shown[0]])
    else:
        axes.set_yticks([])
    axes.tick_params(length=0)


def _coarse(weights: Weights, axis: int) -> Weights:
    """Means of neighbours, so that at most so many cells are left along this axis."""
    parts = np.array_split(weights, min(_MOST, weights.shape[axis]), axis=axis)
    return np.stack([part.mean(axis=axis) for part in parts], axis=axis)
