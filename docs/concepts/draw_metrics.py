"""Draws the pictures of the score pages from the shipped data and the code that the pages describe.

`python docs/concepts/draw_metrics.py` writes every picture beside this script, or into the folder named.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

sys.path.insert(0, str(Path(__file__).parent))

from draw_data import BLUE, DATA, GREEN, GREY, MADE_WITH, ORANGE, RED, Line, svg

from rnnlib.metrics.baselines import Known, drift, naive, seasonal_naive
from rnnlib.metrics.cases import Labels, Numbers, Surprises
from rnnlib.metrics.entities import entities
from rnnlib.metrics.metric import LabelMetric, NumberMetric
from rnnlib.metrics.seasonal import seasonal_scale
from rnnlib.metrics.table import LABEL_METRICS, NUMBER_METRICS, TOKEN_METRICS

__all__ = ["MADE_WITH", "PICTURES", "svg"]

SEASON, TRAIN, HORIZON = 12, 108, 24
BLACK = "#222222"


def main() -> None:
    """Draws everything."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    for name, draw in PICTURES.items():
        (folder / f"{name}.svg").write_text(svg(draw))


def _passengers() -> tuple[Line, Line]:
    """Airline passengers by month: the year as a number, and thousands of passengers."""
    frame = pl.read_csv(DATA / "airline.csv")
    return 1949 + np.arange(frame.height) / 12, frame["passengers"].to_numpy().astype(float)


def _known(values: Line) -> Known:
    return Known(values[:, None], np.ones((len(values), 1), bool), np.array([0, len(values)]))


def _score(metric: NumberMetric, truth: Line, forecast: Line, scale: float | None = None) -> float:
    cases = Numbers(
        truth=np.asarray(truth, float).reshape(1, -1, 1),
        forecast=np.asarray(forecast, float).reshape(1, -1, 1),
        observed=np.ones((1, len(truth), 1), bool),
        sequence=np.zeros(1, np.int64),
        keys=("all",),
        targets=("passengers",),
        scale=None if scale is None else np.array([[scale]]),
    )
    return metric(cases)


def _repeated() -> tuple[Line, Line, Line, Line]:
    """Years, passengers, the rows of the horizon and their seasonal naive forecast."""
    years, values = _passengers()
    rows = np.arange(TRAIN, TRAIN + HORIZON)
    return years, values, rows, seasonal_naive(_known(values), rows[:1], HORIZON, SEASON)[0, :, 0]


def _errors(axes: Axes, years: Line, truth: Line, forecast: Line) -> None:
    axes.vlines(years, truth, forecast, color=RED, linewidth=1.2)
    axes.plot(years, truth, color=BLACK, marker="o", markersize=2.5, label="truth")
    axes.plot(years, forecast, color=BLUE, marker="o", markersize=2.5, label="forecast")


def mae_metric() -> Figure:
    """The errors of a forecast, and their mean length."""
    years, values, rows, forecast = _repeated()
    error = _score(NUMBER_METRICS["mae"], values[rows], forecast)
    figure = Figure(figsize=(6.4, 2.5), layout="tight")
    axes = figure.add_subplot()
    _errors(axes, years[rows], values[rows], forecast)
    end = years[rows[-1]] + 0.25
    axes.errorbar([end], [forecast[-1] + error / 2], yerr=[error / 2], color=RED, capsize=4, linewidth=2)
    axes.text(end + 0.06, forecast[-1] + error / 2, f"MAE {error:.1f}", color=RED, va="center")
    axes.set_xlim(right=end + 0.55)
    axes.set_ylabel("thousand passengers")
    axes.legend(frameon=False, loc="upper left")
    return figure


def rmse() -> Figure:
    """Two forecasts with the same MAE: one large error raises the RMSE."""
    truth, everywhere, once = np.zeros(12), np.full(12, 1.0), np.where(np.arange(12) == 6, 12.0, 0.0)
    figure = Figure(figsize=(6.4, 2.2), layout="tight")
    for axes, forecast in zip(figure.subplots(1, 2, sharey=True), (everywhere, once), strict=True):
        _errors(axes, np.arange(12), truth, forecast)
        mae, root = (_score(NUMBER_METRICS[name], truth, forecast) for name in ("mae", "rmse"))
        axes.set_title(f"MAE {mae:.2f}, RMSE {root:.2f}")
        axes.set_xlabel("step")
    return figure


def mse_metric() -> Figure:
    """The squares of the errors, drawn as squares: the MSE is their mean area."""
    truth, forecast = np.zeros(6), np.array([0.5, -1.0, 0.3, 2.0, -0.4, 0.8])
    figure = Figure(figsize=(6.4, 2.2), layout="tight")
    axes = figure.add_subplot()
    for place, error in enumerate(forecast):
        axes.add_patch(Rectangle((2.5 * place, 0), abs(error), error, color=RED, alpha=0.5))
        axes.plot([2.5 * place], [error], "o", color=BLUE)
    axes.axhline(0, color=GREY)
    axes.set_title(f"MSE {_score(NUMBER_METRICS['mse'], truth, forecast):.2f}: the mean area")
    axes.set(xlim=(-0.4, 14), ylim=(-1.3, 2.3), xticks=[], aspect="equal", ylabel="ŷ − y")
    return figure


def _by_forecast(name: str) -> tuple[Line, Line]:
    forecasts = np.linspace(0, 400, 201)
    return forecasts, np.array([_score(NUMBER_METRICS[name], np.array([100.0]), np.array([one])) for one in forecasts])


def mape() -> Figure:
    """The error in percent of a truth of 100, by the forecast; and of an error of 10, by the truth."""
    figure = Figure(figsize=(6.4, 2.3), layout="tight")
    left, right = figure.subplots(1, 2)
    left.plot(*_by_forecast("mape"), color=BLUE)
    left.axhline(100, color=GREY, linestyle=":")
    left.set(xlabel="forecast of a truth of 100", ylabel="MAPE in %")
    truths = np.linspace(1, 100, 199)
    shares = [_score(NUMBER_METRICS["mape"], np.array([truth]), np.array([truth + 10])) for truth in truths]
    right.plot(truths, shares, color=BLUE)
    right.set(xlabel="truth that is missed by 10", ylabel="MAPE in %")
    return figure


def smape() -> Figure:
    """The sMAPE never passes 200 %, the MAPE has no bound."""
    figure = Figure(figsize=(4.6, 2.5), layout="tight")
    axes = figure.add_subplot()
    axes.plot(*_by_forecast("mape"), color=GREY, label="MAPE")
    axes.plot(*_by_forecast("smape"), color=BLUE, label="sMAPE")
    axes.axhline(200, color=BLUE, linestyle=":")
    axes.set(xlabel="forecast of a truth of 100", ylabel="%", ylim=(0, 300))
    axes.legend(frameon=False, loc="upper center")
    return figure


def mase() -> Figure:
    """The train rows give the yardstick: how much a month differs from the same month a year before."""
    years, values, rows, forecast = _repeated()
    known = np.arange(len(values)) < TRAIN
    scale = seasonal_scale(values[:, None], known[:, None], np.array([0, len(values)]), SEASON)[0, 0]
    figure = Figure(figsize=(6.8, 2.6), layout="tight")
    axes = figure.add_subplot()
    train = np.arange(TRAIN - 4 * SEASON, TRAIN)
    changes = values[train - SEASON], values[train]
    axes.vlines(years[train], *changes, color=ORANGE, linewidth=0.9, label="change in a year")
    axes.plot(years[train], values[train], color=BLACK)
    _errors(axes, years[rows], values[rows], forecast)
    score = _score(NUMBER_METRICS["mase"], values[rows], forecast, scale)
    axes.set_title(f"Q = {scale:.1f} on the train rows; MASE of the forecast = {score:.2f}")
    axes.set_ylabel("thousand passengers")
    axes.legend(frameon=False, loc="upper left")
    return figure


def _digits() -> Labels:
    """Digits told apart by the nearest mean image of the first 600: simple, and wrong now and then."""
    frame = pl.read_parquet(DATA / "digits.parquet")
    pixels = [name for name in frame.columns if name.startswith("p")]
    images = frame[pixels].to_numpy().reshape(-1, 8 * len(pixels)).astype(float)
    truth = frame["digit"].gather_every(8).to_numpy()
    means = np.stack([images[:600][truth[:600] == digit].mean(axis=0) for digit in range(10)])
    nearest = ((images[600:1100, None] - means) ** 2).sum(axis=2).argmin(axis=1)
    names = tuple("0123456789")
    return Labels(tuple(map(str, truth[600:1100])), tuple(map(str, nearest)), names)


def _matrix(axes: Axes, table: Line, names: tuple[str, ...], *, small: bool = False) -> None:
    for row, column in np.argwhere(table).tolist():
        share, colour = table[row, column] / table[row].sum(), GREEN if row == column else ORANGE
        place = (column - 0.48, row - 0.48)
        axes.add_patch(Rectangle(place, 0.96, 0.96, color=colour, alpha=max(0.12, 0.85 * share), linewidth=0))
        axes.text(column, row, str(table[row, column]), ha="center", va="center", fontsize=7 if small else 9)
    axes.set(xlim=(-0.5, len(names) - 0.5), ylim=(len(names) - 0.5, -0.5), aspect="equal")
    axes.set_xticks(range(len(names)), names)
    axes.set_yticks(range(len(names)), names)
    axes.set(xlabel="predicted", ylabel="true")


def _spans(name: Literal["entity_f1", "entity_precision", "entity_recall"]) -> Figure:
    words = ("play", "blue", "in", "green", "by", "miles", "davis")
    truth = ("O", "B-track", "I-track", "I-track", "O", "B-artist", "I-artist")
    told = ("O", "B-track", "I-track", "I-track", "O", "O", "B-artist")
    figure = Figure(figsize=(5.6, 2.0), layout="tight")
    axes = figure.add_subplot()
    true = set(entities(truth, (0,) * len(words)))
    for height, tags in ((1, truth), (0, told)):
        for one in entities(tags, (0,) * len(words)):
            colour = GREEN if one in true and one in set(entities(told, (0,) * len(words))) else RED
            axes.barh(height, one.end - one.first - 0.1, left=one.first - 0.45, height=0.55, color=colour)
            axes.text((one.first + one.end - 1) / 2, height, one.type, ha="center", va="center", color="white")
    cases = Labels(truth, told, tuple(sorted({*truth})))
    axes.set(xticks=range(len(words)), xticklabels=words, yticks=(0, 1), yticklabels=("told", "true"))
    axes.set(xlim=(-0.6, 6.6), ylim=(-0.5, 1.5), title=f"{name} {LABEL_METRICS[name](cases):.2f}")
    return figure


def entity_f1() -> Figure:
    """Two entities, one told right and one a word too short."""
    return _spans("entity_f1")


def entity_precision() -> Figure:
    """Two entities are told, one of them right."""
    return _spans("entity_precision")


def entity_recall() -> Figure:
    """Two entities are there, one of them told."""
    return _spans("entity_recall")


def confusion_matrix() -> Figure:
    """Which digit was taken for which."""
    names, table = _digits().counts()
    figure = Figure(figsize=(4.2, 4.0), layout="tight")
    _matrix(figure.add_subplot(), table, names, small=True)
    return figure


def _rare(metric: LabelMetric, *, learned: bool) -> tuple[float, Labels]:
    """A hundred cases, five of them faults; a model that never says so, and one that finds four."""
    truth = ("fine",) * 95 + ("fault",) * 5
    taken = ("fine",) * 92 + ("fault",) * 3 + ("fault",) * 4 + ("fine",) if learned else ("fine",) * 100
    cases = Labels(truth, taken, ("fine", "fault"))
    return metric(cases), cases


def _pair(name: str) -> Figure:
    figure = Figure(figsize=(6.0, 2.6), layout="tight")
    for axes, learned in zip(figure.subplots(1, 2), (False, True), strict=True):
        shown = {known: metric for known, metric in LABEL_METRICS.items() if "classifier" in metric.fits}
        scores = {known: _rare(metric, learned=learned)[0] for known, metric in shown.items()}
        names, table = _rare(LABEL_METRICS[name], learned=learned)[1].counts()
        _matrix(axes, table, names)
        axes.set_title(f"accuracy {scores['accuracy']:.2f}, macro F1 {scores['macro_f1']:.2f}")
    return figure


def accuracy() -> Figure:
    """The right ones on the diagonal: a model that never says "fault" is right in 95 of 100 cases."""
    return _pair("accuracy")


def macro_f1() -> Figure:
    """F1 of each class of the digits, and their mean."""
    cases = _digits()
    names, table = cases.counts()
    each = 2 * np.diag(table) / (table.sum(axis=0) + table.sum(axis=1))
    figure = Figure(figsize=(5.6, 2.4), layout="tight")
    axes = figure.add_subplot()
    axes.bar(names, each, color=BLUE)
    mean = LABEL_METRICS["macro_f1"](cases)
    axes.axhline(mean, color=RED, linestyle="--", label=f"macro F1 {mean:.3f}")
    axes.set(xlabel="class", ylabel="F1", ylim=(0, 1.25))
    axes.legend(frameon=False, loc="upper right")
    return figure


def nll() -> Figure:
    """What is told of a coin: the surprise falls as the probability of what came rises."""
    shares = np.linspace(0.01, 1, 100)
    metric = LABEL_METRICS["nll"]
    found = [metric(Labels(("a",), ("a",), ("a", "b"), np.array([[share, 1 - share]]))) for share in shares]
    figure = Figure(figsize=(5.6, 2.4), layout="tight")
    axes = figure.add_subplot()
    axes.plot(shares, found, color=BLUE)
    axes.axhline(np.log(2), color=GREY, linestyle=":")
    axes.text(0.6, np.log(2) + 0.1, "two classes, no idea: log 2", color=GREY)
    axes.set(xlabel="probability given to the tag that came", ylabel="nats")
    return figure


def baseline() -> Figure:
    """Naive, seasonal naive and drift from the same month on."""
    years, values = _passengers()
    known, start = _known(values), np.array([TRAIN])
    rows = np.arange(TRAIN, TRAIN + HORIZON)
    made = {
        "naive": (naive(known, start, HORIZON), GREEN),
        "seasonal naive": (seasonal_naive(known, start, HORIZON, SEASON), ORANGE),
        "drift": (drift(known, start, HORIZON), RED),
    }
    figure = Figure(figsize=(6.8, 2.6), layout="tight")
    axes = figure.add_subplot()
    shown = slice(TRAIN - 4 * SEASON, TRAIN + HORIZON)
    axes.plot(years[shown], values[shown], color=BLACK)
    for name, (forecast, colour) in made.items():
        axes.plot(years[rows], forecast[0, :, 0], color=colour, linewidth=1.6, label=name)
    axes.axvline(years[TRAIN], color=GREY, linestyle=":")
    axes.set_ylabel("thousand passengers")
    axes.legend(frameon=False, loc="upper left")
    return figure


def _banded(metric: NumberMetric) -> tuple[Figure, Axes, Line, Line, Line]:
    """A seasonal naive forecast with a band of last year's changes, and what `metric` says of it."""
    years, values, rows, forecast = _repeated()
    train = np.arange(TRAIN - 5 * SEASON, TRAIN)
    low, high = np.quantile(values[train] - values[train - SEASON], (0.1, 0.9))
    quantiles = forecast[:, None] + np.array([low, (low + high) / 2, high])
    cases = Numbers(
        truth=values[rows].reshape(1, -1, 1),
        forecast=forecast.reshape(1, -1, 1),
        observed=np.ones((1, len(rows), 1), bool),
        sequence=np.zeros(1, np.int64),
        keys=("all",),
        targets=("passengers",),
        quantiles=quantiles.reshape(1, -1, 1, 3),
    )
    figure = Figure(figsize=(6.4, 2.6), layout="tight")
    axes = figure.add_subplot()
    axes.fill_between(years[rows], quantiles[:, 0], quantiles[:, 2], color=BLUE, alpha=0.2, linewidth=0)
    axes.set_title(f"{metric.name}: {metric(cases):.3g}")
    axes.set_ylabel("thousand passengers")
    return figure, axes, years[rows], values[rows], quantiles


def wql() -> Figure:
    """The distance of the truth from each quantile."""
    figure, axes, years, truth, quantiles = _banded(NUMBER_METRICS["wql"])
    for place, shift, colour in ((0, -0.02, GREEN), (1, 0, GREY), (2, 0.02, ORANGE)):
        axes.vlines(years + shift, truth, quantiles[:, place], color=colour, linewidth=0.9)
    axes.plot(years, truth, "o", color=BLACK, markersize=2.5)
    return figure


def coverage() -> Figure:
    """The truths inside the band, and those outside."""
    figure, axes, years, truth, quantiles = _banded(NUMBER_METRICS["coverage"])
    inside = (quantiles[:, 0] <= truth) & (truth <= quantiles[:, 2])
    axes.plot(years[inside], truth[inside], "o", color=GREEN, markersize=4)
    axes.plot(years[~inside], truth[~inside], "o", color=RED, markersize=4)
    return figure


def perplexity() -> Figure:
    """What a nat more or less means: among how many tokens the model hesitates."""
    figure = Figure(figsize=(4.2, 2.4), layout="constrained")
    axes = figure.subplots()
    nats = np.linspace(0, 4, 81)
    metric = TOKEN_METRICS["perplexity"]
    axes.plot(nats, [metric(Surprises(np.array([one]))) for one in nats], color=BLUE)
    for shown in (2, 8, 27):
        axes.plot([np.log(shown)], [shown], "o", color=ORANGE)
        axes.annotate(
            f"{shown} equally likely", (np.log(shown), shown), (-6, 4), textcoords="offset points", ha="right"
        )
    axes.set(xlabel="nats per token", ylabel="perplexity")
    return figure


def bits_per_character() -> Figure:
    """The same nats per token, of tokens of different length: longer ones cost fewer bits for each character."""
    figure = Figure(figsize=(4.2, 2.4), layout="constrained")
    axes = figure.subplots()
    lengths = np.linspace(1, 6, 51)
    metric = TOKEN_METRICS["bits_per_character"]
    for nats, colour in ((1.5, BLUE), (3.0, GREEN), (5.0, ORANGE)):
        bits = [metric(Surprises(np.array([nats]), 1 / length)) for length in lengths]
        axes.plot(lengths, bits, color=colour, label=f"{nats:g} nats per token")
    axes.set(xlabel="characters per token", ylabel="bits per character", ylim=(0, None))
    axes.legend(frameon=False)
    return figure


PICTURES: dict[str, Callable[[], Figure]] = {
    "mae-metric": mae_metric,
    "mse-metric": mse_metric,
    "rmse": rmse,
    "mape": mape,
    "smape": smape,
    "mase": mase,
    "wql": wql,
    "coverage": coverage,
    "accuracy": accuracy,
    "macro_f1": macro_f1,
    "nll": nll,
    "perplexity": perplexity,
    "bits_per_character": bits_per_character,
    "entity_f1": entity_f1,
    "entity_precision": entity_precision,
    "entity_recall": entity_recall,
    "confusion-matrix": confusion_matrix,
    "baseline": baseline,
}

if __name__ == "__main__":
    main()
