"""One sequence as it comes: a row in, an answer out, with the state kept in between."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np
import torch
from jaxtyping import Float32, Float64
from numpy import ndarray
from torch import Tensor

from rnnlib.bundle import Bundle
from rnnlib.cells.stacked import Stacked
from rnnlib.cells.streaming import Streaming
from rnnlib.data.batching.batch import Batch
from rnnlib.data.normalizers import Fitted, fitted
from rnnlib.errors import DataError, ModelError
from rnnlib.layer import Streams
from rnnlib.layers import Stack
from rnnlib.models.heads.crf import CrfHead
from rnnlib.models.heads.decoder import DecoderHead
from rnnlib.models.sequence_model import SequenceModel


class Stream:
    """Reads one sequence row by row, in data units, and answers at any time as if it ended there.

    After t rows the output is that of the model for a sequence (or a window) of these t rows: the same numbers, for the
    work of one step. Its memory does not grow with t, but for layers that say so.

    Raises `ModelError` for a model that must see a whole sequence, such as one that reads both ways.
    """

    def __init__(self, bundle: Bundle, *, key: str = "", static: Mapping[str, float] | None = None) -> None:
        """`key` names the series, where normalizers were fitted per series; `static` has its static values."""
        module = bundle.module()
        if not isinstance(module, SequenceModel):
            rule = "a model answers step by step if it takes each step as it is"
            received = f"received {type(module).__name__}, which takes every step relative to the last one"
            raise ModelError(f"{rule}: {received}; train it with `relative_to: none`", at=("relative_to",))
        if module.vectors is not None:
            rule = "a stream reads rows of numbers"
            received = f"received a model that reads categories ({', '.join(module.vectors.names)})"
            raise ModelError(f"{rule}: {received}; use `predict`, or train it without them", at=("embed",))
        if isinstance(module.head, DecoderHead | CrfHead):
            rule = "a stream answers from the state after the newest row"
            received = f"received the head `{bundle.model.head.kind}`, which looks at the rows before it too"
            raise ModelError(f"{rule}: {received}; use another head", at=("head",))
        self.bundle, self.steps, self.most = bundle, 0, _most(bundle)
        self._head = module.head
        self._names = tuple(column.name for column in bundle.about.columns)
        self._scales = _scales(bundle, [(column.role, column.name) for column in bundle.about.columns], key)
        ahead = [(column.role, column.name) for column in bundle.about.columns if column.role == "future"]
        self._future = _scales(bundle, ahead, key)
        self._static = self._known(static or {}, key)
        with torch.inference_mode():
            self._stages = _stages(module.layers)
        self._state: Tensor | None = None

    def push(self, row: Mapping[str, float]) -> None:
        """Reads one row: a value for every column of the model. Raises `DataError` for one that is missing.

        Rows beyond `most` (`encode.longest`) are counted in `cut`, and not read.
        """
        if self.most is not None and self.steps >= self.most:
            self.steps += 1
            return
        values = np.empty((1, len(self._names)))
        for place, name in enumerate(self._names):
            values[0, place] = _number(row, name)
        with torch.inference_mode():
            shown = torch.from_numpy(_model_units(values, self._scales))
            for stage in self._stages:
                shown = stage.push(shown)
            self._state = shown
        self.steps += 1

    @property
    def cut(self) -> int:
        """How many rows were not read, because the model's sequences are cut."""
        return 0 if self.most is None else max(self.steps - self.most, 0)

    def output(self, future: Sequence[Mapping[str, float]] = ()) -> Float32[Tensor, ...]:
        """What the model gives now, in model units: as its module does for a batch of one, without the first axis.

        `future` has a row for each step of the horizon where the model knows such columns. Raises `DataError` before
        the first row, and where `future` has another number of rows.
        """
        if self._state is None:
            raise DataError("an answer rests on at least one row: push one first")
        batch = Batch(
            inputs=self._state[:, None],
            lengths=torch.ones(1, dtype=torch.int64),
            static=self._static,
            future=self._ahead(future),
            index=torch.zeros(1, dtype=torch.int64),
            padded=False,
        )
        with torch.inference_mode():
            return cast("Tensor", self._head(self._state[:, None], None, batch))[0]

    def _ahead(self, rows: Sequence[Mapping[str, float]]) -> Float32[Tensor, "1 horizon future"] | None:
        shape = self.bundle.shape
        if len(rows) != (shape.horizon or 0) * bool(shape.future):
            wanted = f"{shape.horizon} rows of what is known of the future" if shape.future else "nothing of the future"
            raise DataError(f"the model reads {wanted}: received {len(rows)} rows")
        if not rows:
            return None
        names = [column.name for column in self.bundle.about.columns if column.role == "future"]
        values = np.array([[[_number(row, name) for name in names] for row in rows]])
        return torch.from_numpy(_model_units(values, self._future))

    def _known(self, static: Mapping[str, float], key: str) -> Float32[Tensor, "1 statics"] | None:
        names = self.bundle.about.static
        if not names:
            return None
        values = np.array([[_number(static, name) for name in names]])
        return torch.from_numpy(_model_units(values, _scales(self.bundle, [("static", name) for name in names], key)))


def _most(bundle: Bundle) -> int | None:
    """How many rows of a sequence the model reads; none where it reads all."""
    kinds = [state["kind"] for state in bundle.about.encoders]
    cuts = [state for state in bundle.about.encoders if state["kind"] == "longest"]
    if not cuts:
        return None
    rule = "a stream reads rows as they come"
    if any(state["keep"] == "last" for state in cuts):
        received = "received a model that reads the last ones, which are known at the end of a sequence"
        raise ModelError(f"{rule}: {received}; train with `encode.longest.keep: first`, or predict whole sequences")
    if kinds[-len(cuts) :] != ["longest"] * len(cuts):
        received = "received a model whose sequences are cut before they are encoded"
        raise ModelError(f"{rule}: {received}; put `longest` into the last `encode`")
    return min(int(state["steps"]) for state in cuts)


class _Kept:
    """A layer, and what it remembers."""

    def __init__(self, layer: Streams, *, anew: bool) -> None:
        """`anew` for a layer that reads what a sequence so far is summed up to: it has one step to read, every time."""
        self._layer, self._memory, self._anew = layer, layer.start(1), anew

    def push(self, x: Float32[Tensor, "1 width"]) -> Float32[Tensor, "1 width_"]:
        """One step."""
        shown, after = self._layer.step(x, self._memory)
        if not self._anew:
            self._memory = after
        return shown


def _stages(layers: Stack) -> list[_Kept | Streaming]:
    """The layers as they run step by step: cells with their weights packed for it."""
    return [
        layer.streaming() if isinstance(layer, Stacked) and not anew else _Kept(layer, anew=anew)
        for layer, anew in ((layer, layers.begins_anew(at)) for at, layer in enumerate(layers.one_by_one()))
    ]


_Scale = tuple[list[int], Fitted, ndarray]
"""Which columns, how they are scaled, and as which series."""


def _scales(bundle: Bundle, columns: Sequence[tuple[str, str]], key: str) -> list[_Scale]:
    """How columns, each with its role and its name, are scaled; raises `ModelError` for differences."""
    found = []
    for role, transform in bundle.about.transforms.items():
        state = fitted(transform)
        at = [place for place, column in enumerate(columns) if column[0] == role and column[1] in state.columns]
        if at and state.lags:
            rule = "a stream brings every row to model units by itself"
            received = f"received differences of `{role}`, which rest on earlier rows"
            raise ModelError(f"{rule}: {received}; train without them, or predict whole series")
        if at:
            found.append((at, state, state.group_of([key])))
    return found


def _model_units(
    values: Float64[ndarray, "*cases columns"], scales: Sequence[_Scale]
) -> Float32[ndarray, "*cases columns"]:
    for columns, state, group in scales:
        values[..., columns] = state.apply(values[..., columns], group)
    return values.astype(np.float32)


def _number(row: Mapping[str, float], name: str) -> float:
    value = row.get(name)
    if value is None or math.isnan(value):
        raise DataError("a stream reads complete rows, and one has no value here: fill it before", column=name)
    return value
