"""Classes: which was taken for which, and where the model was sure and wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from matplotlib.axes import Axes

from flows.report.drawing import FAINT, MODEL, Picture, calm, drawn
from flows.report.scores import Evaluation, headline_part
from flows.report.wording import number

_MOST_SHOWN, _MOST_MISTAKES = 30, 8


@dataclass(frozen=True)
class Confusion:
    """The confusion matrix: a row for each true class; a cell's weight is its share of the row."""

    part: str
    classes: tuple[str, ...]
    rows: tuple[tuple[str, tuple[tuple[int, float, bool], ...]], ...]
    each: tuple[tuple[str, str, str, str, str], ...]
    """Class, cases, recall, precision, F1."""
    mistakes: tuple[tuple[str, str, str, str], ...]
    """Key, true class, predicted class, probability: the surest first."""
    left_out: int


def confusion(evaluation: Evaluation) -> Confusion | None:
    """The confusion on the headline part; the classes with the most mistakes where there are very many."""
    part = headline_part(evaluation.scores)
    found = evaluation.scores["parts"][part].get("confusion")
    if found is None:
        return None
    table, names = np.array(found["table"]), found["classes"]
    right, true, taken = np.diag(table), table.sum(axis=1), table.sum(axis=0)
    worst = np.argsort(-(true + taken - 2 * right), kind="stable")[:_MOST_SHOWN]
    shown = sorted(worst.tolist())
    rows = tuple(
        (names[row], tuple((int(table[row, c]), table[row, c] / max(true[row], 1), row == c) for c in shown))
        for row in shown
    )
    each = tuple(
        (names[c], number(int(true[c])), _share(right[c], true[c]), _share(right[c], taken[c]),
         _share(2 * right[c], true[c] + taken[c]))
        for c in shown
    )  # fmt: skip
    classes = tuple(names[column] for column in shown)
    return Confusion(part, classes, rows, each, tuple(_mistakes(evaluation, part)), len(names) - len(shown))


def _share(count: float, of: float) -> str:
    return f"{count / of:.3f}" if of else "–"


def _mistakes(evaluation: Evaluation, part: str) -> list[tuple[str, str, str, str]]:
    file = evaluation.step.file("predictions.parquet")
    if file is None:
        return []
    lines = pl.read_parquet(file).filter((pl.col("part") == part) & (pl.col("label") != pl.col("predicted")))
    sure = [name for name in lines.columns if name.startswith("p_")]
    if not lines.height or not sure:
        return []
    surest = lines.with_columns(sure=pl.max_horizontal(sure)).sort("sure", "key", descending=[True, False])
    if "step" in surest.columns:
        surest = surest.with_columns(key=pl.format("{}, step {}", "key", "step"))
    columns = surest.head(_MOST_MISTAKES).select("key", "label", "predicted", "sure")
    return [(key, label, predicted, f"{probability:.3f}") for key, label, predicted, probability in columns.iter_rows()]


def scatter(evaluation: Evaluation, place: int) -> list[Picture]:
    """Predicted numbers against true ones, for regressors."""
    file = evaluation.step.file("predictions.parquet")
    part = headline_part(evaluation.scores)
    if file is None or evaluation.scores["model_kind"] != "regressor":
        return []
    lines = pl.read_parquet(file).filter(pl.col("part") == part)
    shown = lines.gather_every(max(1, lines.height // 1500))
    return [
        drawn(
            f"scatter{place}",
            lambda figure: _points(figure.add_subplot(), shown["label"].to_numpy(), shown["predicted"].to_numpy()),
            alt="Predicted against true values; the diagonal is where they agree.",
            caption=f"Predicted against true values on {part}",
            height=3.8,
        )
    ]


def _points(axes: Axes, truth: np.ndarray[Any, Any], predicted: np.ndarray[Any, Any]) -> None:
    ends = [min(truth.min(), predicted.min()), max(truth.max(), predicted.max())]
    axes.plot(ends, ends, color=FAINT, linewidth=0.9, linestyle=(0, (3, 3)))
    axes.plot(truth, predicted, "o", color=MODEL, markersize=3, alpha=0.6)
    calm(axes)
    axes.set_xlabel("true")
    axes.set_ylabel("predicted")
