"""Moving digits."""

from __future__ import annotations

from typing import Literal, Self

import numpy as np
import polars as pl
from jaxtyping import Int64, UInt8
from numpy import ndarray
from pydantic import Field, model_validator

from rnnlib.data.arrays import Arrays
from rnnlib.data.generated_sources.generated import GeneratedSource
from rnnlib.errors import misplaced

HEIGHT, WIDTH = 7, 5
_ROWS = (
    "01110 00100 01110 11111 00010 11111 00110 11111 01110 01110",
    "10001 01100 10001 00010 00110 10000 01000 00001 10001 10001",
    "10011 00100 00001 00100 01010 11110 10000 00010 10001 10001",
    "10101 00100 00010 00010 10010 00001 11110 00100 01110 01111",
    "11001 00100 00100 00001 11111 00001 10001 01000 10001 00001",
    "10001 00100 01000 10001 00010 10001 10001 01000 10001 00010",
    "01110 01110 11111 01110 00010 01110 01110 01000 01110 01100",
)
DIGITS: UInt8[ndarray, "digit height width"] = np.array(
    [[[255 * int(pixel) for pixel in row] for row in line.split()] for line in _ROWS], np.uint8
).swapaxes(0, 1)
"""The digits 0 to 9, white on black, of 7 × 5 pixels."""


class MovingDigits(GeneratedSource):
    """Digits that move straight on through a square and are thrown back by its walls: what comes next can be told.

    Columns: `frame_0`, `frame_1`, …, the pixels (0 to 255) of each step; of every `clip` its `digit`, or its digits
    from the first drawn to the last. A digit starts anywhere, at −2 to 2 pixels a step each way, never at rest; where
    two overlap, the brighter pixel is seen.

    Source: Srivastava et al. 2015, arXiv:1502.04681, with digits of a font in place of handwritten ones.
    """

    kind: Literal["moving_digits"] = "moving_digits"
    length: int = Field(20, ge=2, le=10_000, description="frames of each clip")
    side: int = Field(16, ge=10, le=256, description="side of the square, in pixels")
    digits: int = Field(1, ge=1, le=9, description="digits of each clip")

    @model_validator(mode="after")
    def _not_too_large(self) -> Self:
        if (values := self.samples * self.length * self.side**2) > 2**31:
            rule = f"all clips together hold at most {2**31:,} pixels"
            raise misplaced(f"{rule}: received {values:,}; draw fewer", "samples")
        return self

    def drawn(self, draw: np.random.Generator) -> Arrays:
        """[samples · length] frames of side · side pixels, and the digits of each clip."""
        shape = (self.samples, self.digits)
        which = draw.integers(0, 10, shape)
        frames = np.zeros((self.samples, self.length, self.side, self.side), np.uint8)
        room = np.array([self.side - HEIGHT, self.side - WIDTH])
        start = draw.integers(0, room + 1, (*shape, 2))
        ways = np.array([(down, right) for down in range(-2, 3) for right in range(-2, 3) if down or right])
        at = _thrown_back(start, ways[draw.integers(0, len(ways), shape)], room, self.length)
        for clip, digit, step in np.ndindex(self.samples, self.digits, self.length):
            top, left = at[clip, digit, step]
            seen = frames[clip, step, top : top + HEIGHT, left : left + WIDTH]
            np.maximum(seen, DIGITS[which[clip, digit]], out=seen)
        return Arrays(
            {"frame": frames.reshape(-1, self.side**2)},
            {
                "clip": pl.Series("clip", np.arange(self.samples)),
                "digit": pl.Series("digit", ["".join(map(str, row)) for row in which.tolist()]),
            },
            np.full(self.samples, self.length, np.int64),
            holds={"frame": "pixels"},
            frame=(self.side, self.side, 1),
        )


def _thrown_back(
    start: Int64[ndarray, "clip digit axis"],
    way: Int64[ndarray, "clip digit axis"],
    room: Int64[ndarray, " axis"],
    length: int,
) -> Int64[ndarray, "clip digit step axis"]:
    """Where everything is at each step: a straight way, folded into the room that there is."""
    straight = start[:, :, None] + way[:, :, None] * np.arange(length)[:, None]
    around = np.mod(straight, 2 * room)
    return np.asarray(np.minimum(around, 2 * room - around))
