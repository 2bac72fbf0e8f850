"""Losses beyond the plain ones, and heads that forecast distributions."""

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from drawing.canvas import BLUE, GREEN, GREY, ORANGE, RED, charts, label
from rnnlib.models.heads import Gaussian, NegativeBinomial, Quantile, StudentT
from rnnlib.models.losses import Focal, GaussianLoss, Huber, Loss, NegativeBinomialLoss, QuantileLoss, StudentTLoss


def _cost(loss: Loss, output: torch.Tensor, truth: torch.Tensor) -> np.ndarray:
    """The loss of every value by itself."""
    return np.array([float(loss.sums(output[[n]], truth[[n]])[0]) for n in range(len(truth))])


def huber() -> Figure:
    """Squared near the truth, absolute far from it."""
    figure, (axes,) = charts()
    e = torch.linspace(-3, 3, 61)
    axes.plot(e, e**2 / 2, color=GREY, linestyle=":", label="½ e²")
    axes.plot(e, e.abs(), color=GREY, linestyle="--", label="|e|")
    axes.plot(e, _cost(Huber(delta=1), e, torch.zeros(61)), color=BLUE, label="huber, δ = 1")
    axes.plot(e, e.clamp(-1, 1), color=ORANGE, label="its slope")
    axes.set_ylim(-1.2, 3)
    axes.legend(fontsize=8, loc="upper center", ncols=2)
    label(axes, "e = ŷ − y", "")
    return figure


def focal() -> Figure:
    """What is already right hardly counts."""
    figure, (axes,) = charts()
    p = torch.linspace(0.02, 0.99, 80)
    logits = torch.stack([p.logit(), torch.zeros(80)], dim=1)
    for gamma, colour in ((0.0, GREY), (1.0, ORANGE), (2.0, BLUE)):
        cost = _cost(Focal(gamma=gamma), logits, torch.zeros(80, dtype=torch.int64))
        axes.plot(p, cost, color=colour, label=f"γ = {gamma:g}")
    axes.legend(fontsize=8)
    label(axes, "probability given to the true class", "loss")
    return figure


def quantile() -> Figure:
    """A band that widens, and the pinball loss of three levels."""
    figure, (left, right) = charts(2, width=6.4, height=2.6)
    head, steps = Quantile(), torch.arange(1.0, 13)
    raw = torch.stack([steps / 6 - 3, torch.sin(steps / 3), steps / 6 - 3], dim=-1)
    low, middle, high = head.read(raw).unbind(-1)
    left.fill_between(steps, low, high, color=BLUE, alpha=0.2, linewidth=0, label="10 % to 90 %")
    left.plot(steps, middle, color=BLUE, label="median")
    left.legend(fontsize=8, loc="lower left")
    label(left, "step of the horizon", "")
    error = torch.linspace(-2, 2, 41)
    for level, colour in ((0.1, GREEN), (0.5, BLUE), (0.9, ORANGE)):
        cost = _cost(QuantileLoss(levels=(level,)), torch.zeros(41, 1), error)
        right.plot(error, cost, color=colour, label=f"τ = {level:g}")
    right.legend(fontsize=8)
    label(right, "y − q̂", "loss")
    return figure


def _density(axes: Axes, y: torch.Tensor, cost: np.ndarray, colour: str, name: str) -> None:
    axes.plot(y, np.exp(-cost), color=colour, label=name)


def gaussian() -> Figure:
    """A density with two quantiles, and the cost of a truth."""
    figure, (left, right) = charts(2, width=6.4, height=2.4)
    y = torch.linspace(-4, 4, 81)
    for scale, colour in ((0.6, BLUE), (1.5, ORANGE)):
        cost = _cost(GaussianLoss(), torch.tensor([[0.0, scale]]).expand(81, 2), y)
        _density(left, y, cost, colour, f"σ = {scale:g}")
        right.plot(y, cost, color=colour)
        low, _, high = Gaussian().quantiles(np.array([0.0, scale]))
        left.vlines([low, high], 0, 0.12, color=colour, linestyle=":")
    left.legend(fontsize=8)
    right.set_ylim(0, 12)
    label(left, "y − μ", "density")
    label(right, "y − μ", "loss")
    return figure


def student_t() -> Figure:
    """Heavy tails: an outlier costs a logarithm."""
    figure, (left, right) = charts(2, width=6.4, height=2.4)
    y = torch.linspace(-8, 8, 81)
    normal = _cost(GaussianLoss(), torch.tensor([[0.0, 1.0]]).expand(81, 2), y)
    heavy = _cost(StudentTLoss(), torch.tensor([[2.5, 0.0, 1.0]]).expand(81, 3), y)
    for cost, colour, name in ((normal, GREY, "gaussian"), (heavy, BLUE, "student_t, ν = 2.5")):
        _density(left, y, cost, colour, name)
        right.plot(y, cost, color=colour)
    low, _, high = StudentT().quantiles(np.array([2.5, 0.0, 1.0]))
    left.vlines([low, high], 0, 0.1, color=BLUE, linestyle=":")
    left.legend(fontsize=8)
    right.set_ylim(0, 12)
    label(left, "y − μ", "density")
    label(right, "y − μ", "loss")
    return figure


def negative_binomial() -> Figure:
    """The same mean, and two ways to spread around it."""
    figure, panels = charts(2, width=6.4, height=2.2)
    y = torch.arange(25.0)
    for axes, alpha, colour in zip(panels, (0.02, 0.6), (BLUE, ORANGE), strict=True):
        parameters = torch.tensor([[8.0, alpha]])
        axes.bar(y, np.exp(-_cost(NegativeBinomialLoss(), parameters.expand(25, 2), y)), color=colour)
        low, _, high = NegativeBinomial().quantiles(parameters[0].double().numpy())
        axes.vlines([low, high], 0, 0.13, color=RED, linestyle=":")
        label(axes, "count", "probability", title=f"μ = 8, α = {alpha:g}")
    return figure
