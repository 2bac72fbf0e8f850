"""Taggers: their heads and losses, drawn from the code itself."""

import numpy as np
import torch
from matplotlib.figure import Figure

from drawing.canvas import BLUE, GREEN, GREY, ORANGE, arrow, box, charts, label, note, plain
from rnnlib.models.linear_chain import best_path, marginals
from rnnlib.models.losses import BinaryCrossEntropy

WORDS, TAGS = ("the", "old", "man", "the", "boat"), ("article", "adjective", "noun", "verb")


def tagger() -> Figure:
    """A stack of layers, and something told of every step."""
    figure, axes = plain(5.0, 2.3)
    for step in range(5):
        x = 0.6 + 0.9 * step
        note(axes, (x, 0.2), f"x{'₁₂₃₄₅'[step]}")
        arrow(axes, (x, 0.32), (x, 0.6))
        arrow(axes, (x, 1.04), (x, 1.3))
        box(axes, (x, 1.5), "head", size=(0.7, 0.36), colour=GREEN)
        arrow(axes, (x, 1.68), (x, 1.92))
        note(axes, (x, 2.06), f"ŷ{'₁₂₃₄₅'[step]}")
    box(axes, (2.4, 0.82), "layers", size=(4.4, 0.42), colour=BLUE)
    return figure


def step_classes() -> Figure:
    """The probabilities of four classes at each of five steps; the greatest is the prediction."""
    draw = torch.Generator().manual_seed(4)
    shares = (2 * torch.randn(5, 4, generator=draw)).softmax(1).numpy()
    return _over_steps(shares, shares.argmax(1))


def crf() -> Figure:
    """What each word looks like by itself, and the path that the transitions make of it."""
    emissions = torch.tensor([[3.0, 0, 0, 0], [0, 2, 1.2, 0], [0, 0, 1.5, 1.2], [3, 0, 0, 0], [0, 0, 3, 0]])
    follows = torch.tensor([[-4.0, 1, 1, -4], [-4, 0, 1, -2], [-3, -2, -1, 2], [2, 0, 0, -4]])
    chain = torch.cat([emissions[:1, None].expand(-1, 4, -1), emissions[1:, None] + follows])[None]
    figure, (left, right) = charts(2, width=6.4, height=2.3)
    alone, path = emissions.softmax(1).numpy(), best_path(chain)[0].numpy()
    for axes, shares, best, title in (
        (left, alone, alone.argmax(1), "each step alone"),
        (right, marginals(chain)[0].numpy(), path, "as one sequence"),
    ):
        axes.imshow(shares.T, cmap="Blues", vmin=0, vmax=1.2, interpolation="none")
        axes.plot(np.arange(5), best, "o-", color=ORANGE)
        axes.set_xticks(range(5), WORDS)
        axes.set_yticks(range(4), TAGS)
        axes.set_title(title)
    return figure


def step_binary() -> Figure:
    """Keys of a piano roll, frame by frame: each has a probability of its own."""
    figure, (left, right) = charts(2, width=5.8, height=2.3)
    draw = np.random.default_rng(2)
    true = np.zeros((8, 16))
    for key, start in ((1, 0), (4, 0), (6, 0), (2, 6), (4, 6), (7, 6), (1, 11), (3, 11)):
        true[key, start : start + 5] = 1
    told = np.clip(0.85 * true + draw.uniform(0, 0.12, true.shape), 0, 1)
    for axes, shown, title in ((left, true, "tags: 0 or 1"), (right, told, "σ(logits)")):
        axes.imshow(shown, cmap="Blues", vmin=0, vmax=1, interpolation="none", origin="lower", aspect="auto")
        axes.set(xlabel="step", ylabel="column", title=title)
    return figure


def binary_cross_entropy() -> Figure:
    """The loss of one truth that is 1, and of one that is 0."""
    logits = torch.linspace(-5, 5, 101)
    figure, (axes,) = charts()
    for true, colour in ((1.0, BLUE), (0.0, ORANGE)):
        found = [float(BinaryCrossEntropy().sums(one.reshape(1, 1), torch.full((1, 1), true))[0]) for one in logits]
        axes.plot(logits.sigmoid(), found, color=colour, label=f"y = {true:.0f}")
    axes.axhline(np.log(2), color=GREY, linestyle=":")
    axes.text(0.35, np.log(2) + 0.1, "no idea: log 2", color=GREY, fontsize=8)
    axes.legend(fontsize=8)
    label(axes, "p = σ(logit)", "nats")
    return figure


def _over_steps(shares: np.ndarray, best: np.ndarray) -> Figure:
    figure, (axes,) = charts(height=2.2)
    axes.imshow(shares.T, cmap="Blues", vmin=0, vmax=1, interpolation="none", aspect="auto")
    axes.plot(np.arange(len(best)), best, "o", color=ORANGE, label="prediction")
    axes.set_xticks(range(len(best)), [str(step + 1) for step in range(len(best))])
    axes.set_yticks(range(4), list("abcd"))
    axes.legend(fontsize=8, loc="upper left")
    label(axes, "step", "class")
    return figure
