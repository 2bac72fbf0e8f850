"""The mel scale: filters that stand as close as the ear tells pitches apart."""

from __future__ import annotations

from typing import Literal

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from rnnlib.errors import Refused

Scale = Literal["slaney", "htk"]

_LINEAR, _LOGARITHMIC = 200 / 3, np.log(6.4) / 27
"""Slaney's scale: Hz for each mel up to 1,000 Hz, and the logarithm of the factor for each mel above."""


def mels(hertz: Float64[ndarray, " _"], scale: Scale) -> Float64[ndarray, " _"]:
    """Frequencies in mel.

    htk: 2595 log₁₀(1 + f / 700);  slaney: 3 f / 200 up to 1,000 Hz, then 15 + 27 ln(f / 1000) / ln 6.4.
    """
    if scale == "htk":
        return np.asarray(2595 * np.log10(1 + hertz / 700))
    return np.where(hertz < 1000, hertz / _LINEAR, 15 + np.log(np.maximum(hertz, 1000) / 1000) / _LOGARITHMIC)


def hertz(mel: Float64[ndarray, " _"], scale: Scale) -> Float64[ndarray, " _"]:
    """The inverse."""
    if scale == "htk":
        return np.asarray(700 * (10 ** (mel / 2595) - 1))
    return np.where(mel < 15, mel * _LINEAR, 1000 * np.exp(_LOGARITHMIC * (np.maximum(mel, 15) - 15)))


def mel_filters(
    rate: float, points: int, bands: int, *, scale: Scale, lowest: float, highest: float
) -> Float64[ndarray, "bands frequencies"]:
    """Triangles of equal area over the frequencies of a transform of `points` samples, equally spaced in mel.

    Raises `Refused` for a filter that no frequency of the transform falls into.

    Source: Slaney 1998, Auditory Toolbox, Interval Technical Report 1998-010.
    """
    low, high = mels(np.array([lowest, highest]), scale)
    corners = hertz(np.linspace(low, high, bands + 2), scale)
    frequencies = np.fft.rfftfreq(points, 1 / rate)
    rising = (frequencies - corners[:-2, None]) / (corners[1:-1] - corners[:-2])[:, None]
    falling = (corners[2:, None] - frequencies) / (corners[2:] - corners[1:-1])[:, None]
    filters = np.maximum(0, np.minimum(rising, falling)) * (2 / (corners[2:] - corners[:-2]))[:, None]
    if empty := int((filters.max(axis=1) == 0).sum()):
        rule = f"{empty} of {bands} bands are narrower than the {rate / points:.0f} Hz between two frequencies"
        raise Refused(f"{rule} of a window of {points} samples: take fewer bands, or a longer window", at=("bands",))
    return np.asarray(filters)
