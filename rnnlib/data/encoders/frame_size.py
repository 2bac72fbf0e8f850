"""Frames of another size, or without colour."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal, Self

import numpy as np
from jaxtyping import Bool, Float64
from numpy import ndarray
from pydantic import Field, model_validator

from rnnlib.data.about import Column
from rnnlib.data.dataset import DataSet
from rnnlib.data.encoders.base import Encoder, FittedEncoder
from rnnlib.data.encoders.rows import with_rows
from rnnlib.data.frame_sides import refuse_one_side
from rnnlib.errors import Refused
from rnnlib.part import Part

Side = Annotated[int, Field(ge=1, le=4096)]

_GREY = np.array([0.299, 0.587, 0.114])
"""How bright red, green and blue are (ITU-R BT.601)."""


_ROUNDING = 1e-9
"""A smaller share of a pixel is none."""


class _Sized(Part):
    height: Side | None = Field(None, description="rows that a frame is scaled to; none for its own")
    width: Side | None = Field(None, description="pixels of a row that a frame is scaled to")
    grey: bool = Field(False, description="whether red, green and blue become one value, their brightness")


class FittedFrameSize(FittedEncoder, _Sized):
    """The size that the frames have."""

    kind: Literal["frame_size"] = "frame_size"
    of: tuple[Side, Side, Side] = Field(description="height, width and channels of the frames that come in")

    def apply(self, data: DataSet) -> DataSet:
        """Each new pixel is the mean of those that it covers, and missing where one of them is."""
        height, width, channels = self.of
        if height * width * channels != len(data.about.columns):
            rule = f"frames of {height} × {width} pixels of {channels} are {height * width * channels} columns"
            raise Refused(f"{rule}: received {len(data.about.columns)}; say with `of` what they are", at=("of",))
        frames = self._sized(data.raw if data.observed is None else np.nan_to_num(data.raw))
        raw = np.ascontiguousarray(frames.reshape(len(frames), -1))
        role = data.about.columns[0].role
        named = [Column(name=f"pixel_{place}", role=role, holds="pixels") for place in range(raw.shape[1])]
        made = with_rows(data, raw, data.lengths, np.arange(data.rows), named)
        if data.observed is not None:
            raw[self._touched(np.isnan(data.raw))] = np.nan
            made = replace(made, observed=~self._touched(~data.observed))
        return made.with_about(frame=(frames.shape[1], frames.shape[2], frames.shape[3]))

    def _sized(self, raw: Float64[ndarray, "frame pixel"]) -> Float64[ndarray, "frame height width channel"]:
        height, width, _ = self.of
        frames = raw.reshape(-1, *self.of)
        if self.grey:
            frames = frames @ _GREY[:, None]
        if self.height is not None and self.width is not None:
            rows, columns = _means(height, self.height), _means(width, self.width)
            frames = np.einsum("ih,nhwc,jw->nijc", rows, frames, columns, optimize=True)
        return frames

    def _touched(self, some: Bool[ndarray, "frame pixel"]) -> Bool[ndarray, "frame pixel_"]:
        """Which new pixels any of these old ones is a part of."""
        return np.asarray(self._sized(some.astype(np.float64)).reshape(len(some), -1) > _ROUNDING)


class FrameSize(Encoder, _Sized):
    """Scales frames and takes their colour away; and says that columns are frames where the source does not.

    A new pixel is the mean of the old ones that it covers, those at its edges in proportion.
    """

    kind: Literal["frame_size"] = "frame_size"
    of: tuple[Side, Side, Side] | None = Field(
        None, description="height, width and channels of the frames; needed where the source does not know them"
    )

    @model_validator(mode="after")
    def _both_sides_or_none(self) -> Self:
        refuse_one_side(self.height, self.width)
        return self

    def fit(self, data: DataSet) -> FittedFrameSize:
        """What the frames are. Raises `Refused` where nobody says it, or grey is asked of what has no colour."""
        of = self.of or data.about.frame
        if of is None:
            rule = "these columns are no frames that the source knows"
            raise Refused(f"{rule}: say with `of: [height, width, channels]` what they are", at=("of",))
        if self.grey and of[2] != len(_GREY):
            rule = "`grey` is made of red, green and blue"
            raise Refused(f"{rule}: received {of[2]} values a pixel; leave it out", at=("grey",))
        return FittedFrameSize(of=of, height=self.height, width=self.width, grey=self.grey)


def _means(old: int, new: int) -> Float64[ndarray, "new old"]:
    """How much of each old pixel a new one covers, as shares of itself."""
    edges = np.arange(new + 1) * old / new
    covered = np.minimum(edges[1:, None], np.arange(1, old + 1)) - np.maximum(edges[:-1, None], np.arange(old))
    return np.asarray(np.maximum(covered, 0) * new / old)
