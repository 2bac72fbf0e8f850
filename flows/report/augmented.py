"""Train examples beside what a training is shown in their place."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import torch
from jaxtyping import Float32, Int64
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy import ndarray
from pydantic import TypeAdapter
from torch import Tensor

from flows.report.drawing import BASELINE, FAINT, MODEL, OTHER, Picture, calm, drawn
from flows.report.examples import is_text
from rnnlib.data.augmentations import AnyAugmentation, WindowColumns
from rnnlib.data.batching.batch import Batch
from rnnlib.data.batching.batches import Source, augmented, examples_of
from rnnlib.data.dataset import DataSet, PartOf

Picturable = ndarray[Any, np.dtype[np.float32]]
_OPS: TypeAdapter[tuple[AnyAugmentation, ...]] = TypeAdapter(tuple[AnyAugmentation, ...])
_SHOWN, _EPOCHS, _TOGETHER = 2, 3, 16
_MOST_LINES, _MOST_WORDS, _MOST_CHARACTERS = 3, 24, 80


def augmented_pictures(data: DataSet) -> tuple[Picture, ...]:
    """A few train examples, and each as three epochs draw it; none where nothing is augmented, or it is text."""
    if (batches := _drawn(data)) is None or _texts(data):
        return ()
    kinds = ", ".join(op["kind"] for op in data.about.augment)
    shown = min(_SHOWN, len(batches[0].index))
    picture = drawn(
        "augmented",
        lambda figure: _grid(figure, data, batches, shown),
        alt=f"{shown} train examples, each beside three that augmentation made of it ({kinds}).",
        caption=f"Train examples, and what three epochs make of them ({kinds}), in model units",
        height=0.4 + 1.5 * shown,
        wide=True,
    )
    return (picture,)


def augmented_texts(data: DataSet) -> tuple[tuple[str, ...], ...]:
    """A few texts of the train part, each followed by what three epochs draw of it; none where none is augmented."""
    if (batches := _drawn(data)) is None or not (columns := _texts(data)):
        return ()
    words = data.about.words[data.about.columns[columns[0]].name]
    whole = max(map(len, words[1:200]), default=1) > 1
    return tuple(
        ("as it is" if number == 0 else f"epoch {number}", _written(batch, row, columns[0], words, whole))
        for row in range(min(_SHOWN, len(batches[0].index)))
        for number, batch in enumerate(batches)
    )


def _texts(data: DataSet) -> list[int]:
    """The columns of tokens, where texts are all there is: beside numbers they are categories."""
    tokens = [place for place, column in enumerate(data.about.columns) if column.holds == "tokens"]
    return tokens if is_text(data) else []


def _written(batch: Batch, row: int, column: int, words: tuple[str, ...], whole: bool) -> str:
    length = min(int(batch.lengths[row]), _MOST_WORDS if whole else _MOST_CHARACTERS)
    tokens = [words[int(number)] for number in batch.inputs[row, :length, column].tolist()]
    return (" " if whole else "").join(tokens) + ("" if length == int(batch.lengths[row]) else " …")


def _drawn(data: DataSet) -> list[Batch] | None:
    """The same train examples as they are, and as epochs draw them; none where nothing is drawn."""
    if not data.about.augment or data.part is None:
        return None
    examples = examples_of(data, PartOf.train)
    if len(examples) == 0:
        return None
    chosen = np.unique(np.linspace(0, len(examples) - 1, _TOGETHER).astype(np.int64))
    batch = Source.of(data, examples, None, truth=examples.horizon > 0).batch(torch.from_numpy(chosen))
    if not examples.horizon:
        batch = replace(batch, label=_label(data, examples.sequence[chosen]))
    ops, columns = _OPS.validate_python(data.about.augment), WindowColumns.of(data.about)
    return [batch, *(augmented(ops, batch, 0, epoch, 0, columns=columns) for epoch in range(1, _EPOCHS + 1))]


def _label(data: DataSet, sequences: Int64[ndarray, " examples"]) -> Tensor | None:
    """Labels by number: which are of one class."""
    if "label" not in data.sequences.columns:
        return None
    found = data.sequences["label"].cast(pl.String).fill_null("").rank("dense").gather(sequences)
    return torch.from_numpy(found.to_numpy().astype(np.int64))


def _grid(figure: Figure, data: DataSet, batches: list[Batch], shown: int) -> None:
    order = np.linspace(0, len(batches[0].index) - 1, shown).astype(int)
    panels = figure.subplots(shown, len(batches), sharex="row", sharey="row", squeeze=False)
    first = _drawable(data, batches[0])
    for place, (line, row) in enumerate(zip(panels, order, strict=True)):
        for number, (axes, batch) in enumerate(zip(line, batches, strict=True)):
            _one(axes, data, _drawable(data, batch), first, int(row))
            axes.label_outer()
            if place == 0:
                axes.set_title("as it is" if number == 0 else f"epoch {number}")


def _drawable(data: DataSet, batch: Batch) -> Batch:
    """The batch without its tokens, which are no heights."""
    return replace(batch, inputs=batch.inputs[..., data.measurable])


def _one(axes: Axes, data: DataSet, batch: Batch, before: Batch, row: int) -> None:
    """A few columns as lines over time, many as a map, a frame as a picture; all in the colours of the original."""
    values, size = batch.inputs[row].numpy(), int(batch.lengths[row])
    least, most = (float(one) for one in before.inputs[row, : int(before.lengths[row])].aminmax())
    scale: Any = {"cmap": "cividis", "interpolation": "nearest", "vmin": least, "vmax": most}
    calm(axes, ticks=3)
    if data.about.frame is not None and data.about.columns[0].holds == "pixels":
        axes.imshow(_frame(values[size // 2], data.about.frame, least, most), **scale)
        axes.set_axis_off()
    elif values.shape[1] > _MOST_LINES:
        axes.imshow(values[:size].T, aspect="auto", origin="lower", **scale)
        axes.grid(visible=False)
    else:
        _lines(axes, values[:size], batch.target, row)


def _frame(pixels: Float32[ndarray, " pixels"], frame: tuple[int, int, int], least: float, most: float) -> Picturable:
    """A frame to look at: its first channel, or its colours brought to between 0 and 1."""
    shaped = pixels[: int(np.prod(frame))].reshape(frame)
    if frame[2] != 3:
        return shaped[..., 0]
    scaled: Picturable = ((shaped - least) / ((most - least) or 1.0)).clip(0, 1)
    return scaled


def _lines(axes: Axes, values: Float32[ndarray, "time column"], target: Tensor | None, row: int) -> None:
    """Columns over time; a target goes on over the horizon."""
    context = len(values)
    for column, colour in zip(range(values.shape[1]), (MODEL, BASELINE, OTHER), strict=False):
        course = values[:, column]
        if target is not None and column < target.shape[2]:
            course = np.concatenate([course, target[row, :, column].numpy()])
        axes.plot(course, color=colour, linewidth=1.1)
    if target is not None:
        axes.axvline(context - 0.5, color=FAINT, linewidth=0.8, linestyle="--")
