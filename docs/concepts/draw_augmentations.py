"""Draws the pictures of the pages of augmentations, before and after, with the code that the pages describe.

`python docs/concepts/draw_augmentations.py` writes every picture beside this script, or into the folder named.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import get_args

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure

sys.path.insert(0, str(Path(__file__).parent))

from draw_data import BLUE, GREY, ORANGE, RED, svg

from rnnlib.data.augmentations import AnyAugmentation, Augmentation, WindowColumns, Windows

UNION, FAMILY = get_args(AnyAugmentation)
WORDS = ("<unknown>", "a", "tale", "of", "dust", "and", "quiet", "hope", "told", "well", "twice", "film", "movie")
TEXT = ["a", "quiet", "film", "of", "dust", "and", "hope", "told", "well"]


def main() -> None:
    """Draws everything."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    for name, draw in PICTURES.items():
        (folder / f"{name}.svg").write_text(svg(draw))


def _op(kind: str, **fields: object) -> Augmentation:
    op: Augmentation = FAMILY.members(UNION)[kind](probability=1.0, **fields)
    return op


def _waves(steps: int, holds: str = "numbers") -> Windows:
    """Three sequences of two columns, two of them of one class."""
    time = torch.arange(steps) / steps
    rows = [
        torch.stack(
            [torch.sin(2 * np.pi * (3 * time**bend + shift)) * (0.3 + time), 0.6 * torch.cos(9 * time + shift)], 1
        )
        for bend, shift in ((1.0, 0.0), (1.3, 0.1), (0.8, 0.4))
    ]
    columns = WindowColumns((holds,) * 2, ("features",) * 2, {})
    return Windows(torch.stack(rows).float(), steps, torch.full((3,), steps), columns, label=torch.tensor([0, 0, 0]))


def series(op: Augmentation, holds: str = "numbers") -> Figure:
    """Before (grey) and after, three sequences beside each other."""
    before = _waves(60, holds)
    if op.fits == {"forecaster"}:
        before = Windows(before.values, 45)
    return _lines(op, before)


def _lines(op: Augmentation, before: Windows) -> Figure:
    after = op(before, torch.Generator().manual_seed(2))
    figure = Figure(figsize=(7, 1.9), layout="tight")
    for number, axes in enumerate(figure.subplots(1, 3, sharey=True)):
        size = int(after.sizes[number])
        for column, color in ((0, BLUE), (1, ORANGE)):
            axes.plot(before.values[number, :, column], color=GREY, linewidth=0.8)
            axes.plot(after.values[number, :size, column], color=color)
        if op.fits == {"forecaster"}:
            axes.axvline(before.context - 0.5, color=RED, linestyle="--", linewidth=0.8)
        axes.set(xlabel="step")
    return figure


def text(op: Augmentation) -> Figure:
    """A text, and three that were made of it."""
    tokens = torch.tensor([[WORDS.index(word)] for word in TEXT]).float().expand(3, -1, 1)
    columns = WindowColumns(("tokens",), ("features",), {0: WORDS})
    after = op(Windows(tokens, len(TEXT), torch.full((3,), len(TEXT)), columns), torch.Generator().manual_seed(4))
    figure = Figure(figsize=(7, 1.3))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, len(TEXT)), ylim=(-3.5, 0.5))
    axes.axis("off")
    for row, made in enumerate([tokens[0], *after.values]):
        for place, number in enumerate(made[:, 0].long().tolist()):
            color = GREY if row == 0 else BLUE if WORDS[number] == TEXT[place] else RED
            axes.text(place + 0.5, -row, WORDS[number], ha="center", va="center", color=color)
    return figure


def spectrum(op: Augmentation) -> Figure:
    """A spectrum of twenty bands, and three that were made of it."""
    time, band = torch.arange(40.0)[:, None], torch.arange(20.0)
    values = torch.exp(-((band - 5 - 8 * torch.sin(time / 9)) ** 2) / 9) + 0.5 * torch.exp(-((band - 15) ** 2) / 4)
    before = Windows(values.expand(3, 40, 20) + 0.1, 40, torch.full((3,), 40))
    after = op(before, torch.Generator().manual_seed(6)).values
    return _images([before.values[0].T, *(one.T for one in after)], "step")


def frames(op: Augmentation) -> Figure:
    """A frame, and three that were made of it."""
    row, column = torch.meshgrid(torch.arange(16.0), torch.arange(16.0), indexing="ij")
    arrow = ((column - 8).abs() < 1.2) | (((row - column + 6).abs() < 1.2) & (row < 8))
    values = (0.15 + 0.6 * arrow + 0.01 * row).reshape(1, 1, -1).expand(3, 2, 256)
    columns = WindowColumns(("pixels",) * 256, ("features",) * 256, {}, (16, 16, 1))
    before = Windows(values, 2, torch.full((3,), 2), columns)
    after = op(before, torch.Generator().manual_seed(3)).values
    return _images([one[0].reshape(16, 16) for one in (before.values[0], *after)], "")


def _images(pictures: list[torch.Tensor], below: str) -> Figure:
    figure = Figure(figsize=(7, 1.9), layout="tight")
    panels: list[Axes] = list(figure.subplots(1, len(pictures)))
    for number, (axes, picture) in enumerate(zip(panels, pictures, strict=True)):
        axes.pcolormesh(picture.numpy(), cmap="cividis", vmin=0, vmax=1.1, rasterized=True)
        axes.set(title="before" if number == 0 else "", xlabel=below, xticks=[], yticks=[])
        axes.invert_yaxis()
        axes.set_aspect("equal" if not below else "auto")
    return figure


SERIES: Mapping[str, Mapping[str, object]] = {
    "time_flip": {}, "permutation": {}, "magnitude_warp": {"sigma": 0.5}, "time_warp": {"sigma": 0.6},
    "window_warp": {"share": 0.3}, "crop": {"share": 0.4}, "mixup": {"alpha": 1.0}, "cutmix": {},
    "spawner": {"sigma": 0.1}, "frequency_mask": {"rate": 0.3}, "frequency_mix": {"rate": 0.3},
    "moving_block_bootstrap": {"trend": 7}, "time_mask": {"share": 0.4}, "temporal_jitter": {"steps": 2},
    "shift": {"share": 0.3}, "speed": {"change": 0.4},
}  # fmt: skip
PICTURES: dict[str, Callable[[], Figure]] = {
    **{kind: partial(series, _op(kind, **fields)) for kind, fields in SERIES.items()},
    "noise": partial(series, _op("noise", low=5.0, high=20.0), "samples"),
    "gain": partial(series, _op("gain", decibels=12.0), "samples"),
    "token_dropout": partial(text, _op("token_dropout", rate=0.2)),
    "token_mask": partial(text, _op("token_mask")),
    "token_swap": partial(text, _op("token_swap")),
    "synonyms": partial(text, _op("synonyms", rate=0.7, words={"film": ("movie", "tale"), "well": ("twice",)})),
    "band_mask": partial(spectrum, _op("band_mask", widest=6, masks=2)),
    "frame_rotation": partial(frames, _op("frame_rotation", degrees=30.0)),
    "frame_flip": partial(frames, _op("frame_flip")),
    "frame_scaling": partial(frames, _op("frame_scaling", change=0.4)),
    "frame_crop": partial(frames, _op("frame_crop", share=0.5)),
    "brightness": partial(frames, _op("brightness", change=0.4)),
}

if __name__ == "__main__":
    main()
