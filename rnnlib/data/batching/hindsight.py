"""A window's context without what was filled by looking into its horizon."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float32, Float64, Int64, Shaped
from numpy import ndarray
from torch import Tensor

from rnnlib.data.about import Role
from rnnlib.data.data_units import reach
from rnnlib.data.dataset import DataSet
from rnnlib.data.missing import Missing
from rnnlib.data.normalizers import fitted
from rnnlib.data.role_tables import numbers_of
from rnnlib.data.transforms import numbered

_UP_TO_NOW: tuple[Role, ...] = ("target", "past")
"""What is not known ahead."""

Shown = tuple[Float32[Tensor, "batch time column"], Bool[Tensor, "batch time column"] | None]


@dataclass(frozen=True, eq=False)
class Hindsight:
    """Fills holes that reach up to the end of a context as if the context were all there is.

    `interpolate` draws a hole on a line to the next measured value, and `at_most` asks how long the hole will be. Where
    a hole reaches up to the end of a context, both lie in the horizon, which is to be forecast. So the last value that
    was measured is carried on instead (or the constant), over `at_most` rows, in data units, and brought to model units
    again: what a model is shown is to the bit what it is shown when the forecast is made for real.
    """

    data: DataSet
    policy: Missing
    columns: tuple[int, ...]
    last: Shaped[ndarray, "rows column"]
    """The last row up to each that has a measured value in these columns; −1 where none has."""

    @classmethod
    def of(cls, data: DataSet) -> Hindsight | None:
        """What sees to it in this data; none where no fill looks ahead, or nothing was filled."""
        if data.about.missing is None or data.observed is None:
            return None
        policy = Missing.model_validate(data.about.missing)
        if not policy.looks_ahead:
            return None
        columns = tuple(column for role in _UP_TO_NOW for column in numbers_of(data, role))
        observed = data.observed[:, columns]
        if observed.all():
            return None
        rows = np.arange(data.rows, dtype=np.int32 if data.rows < 2**31 else np.int64)[:, None]
        return cls(data, policy, columns, np.maximum.accumulate(np.where(observed, rows, -1), axis=0))

    def __call__(
        self,
        inputs: Float32[Tensor, "batch time column"],
        absent: Bool[Tensor, "batch time column"] | None,
        start: Int64[Tensor, " batch"],
    ) -> Shown:
        """The inputs of windows that begin at these rows, and where they have no value, without hindsight."""
        end = start.numpy() + inputs.shape[1] - 1
        is_open = (self.last[end] != end[:, None]).any(axis=1)
        if not is_open.any():
            return inputs, absent
        units = self._model_units(*self._filled(start.numpy()[is_open], inputs.shape[1]))
        which = torch.from_numpy(is_open)
        absent = torch.zeros_like(inputs, dtype=torch.bool) if absent is None else absent
        there, nothing = inputs[which], absent[which]
        there[..., self.columns] = torch.from_numpy(np.nan_to_num(units, nan=0.0).astype(np.float32))
        nothing[..., self.columns] = torch.from_numpy(np.isnan(units))
        inputs[which], absent[which] = there, nothing
        return inputs, absent

    def _filled(
        self, start: Int64[ndarray, " window"], steps: int
    ) -> tuple[Float64[ndarray, "window row column"], Int64[ndarray, " window"]]:
        """The rows that the windows rest on, in data units, and the sequence of each window."""
        raw, end = self.data.raw, start + steps - 1
        rows = start[:, None] + np.arange(-reach(self.data.about.transforms), steps)
        sequence = np.searchsorted(self.data.offsets, start, side="right") - 1
        before = self.data.offsets[sequence][:, None] - 1
        last = np.maximum(self.last[end], before)
        level = np.where(last > before, raw[last, self.columns], np.nan)
        if self.policy.fill == "constant":
            level = np.full(level.shape, self.policy.value)
        if self.policy.at_most is not None:
            level[end[:, None] - last > self.policy.at_most] = np.nan
        values = raw[rows[..., None], self.columns]
        return np.where(rows[..., None] > last[:, None], level[:, None], values), sequence

    def _model_units(
        self, values: Float64[ndarray, "window row column"], sequence: Int64[ndarray, " window"]
    ) -> Float64[ndarray, "window step column"]:
        """The windows themselves in model units; NaN where there is no value."""
        windows, rows, _ = values.shape
        back = reach(self.data.about.transforms)
        made, first = np.array(values[:, back:]), 0
        for role in _UP_TO_NOW:
            at = slice(first, first + len(numbers_of(self.data, role)))
            first = at.stop
            if role not in self.data.about.transforms or at.start == at.stop:
                continue
            state = fitted(self.data.about.transforms[role])
            group = numbered(state, self.data, sequence)
            if state.lags:
                place = np.arange(windows)[:, None] * (2 * rows) + np.arange(rows)
                flat = np.ascontiguousarray(values[..., at]).reshape(windows * rows, -1)
                units = state.along(flat, np.repeat(group, rows), place.reshape(-1))
                made[..., at] = units.reshape(windows, rows, -1)[:, back:]
            else:
                made[..., at] = state.apply(made[..., at], group)
        return made
