"""Recordings and frames for a trained model: the scale that samples and pixels have, and whether anything varies."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from rnnlib.data.about import Holds
from rnnlib.data.contract.difference import Difference
from rnnlib.data.contract.jumps import LEAST_VALUES
from rnnlib.data.dataset import DataSet
from rnnlib.figures import figure

_BEYOND = 2.0
"""A sample is between −1 and 1; what is resampled may ring beyond that, but not so far."""


def clip_differences(data: DataSet) -> Iterator[Difference]:
    """Samples that are not between −1 and 1, pixels that are not 0 to 255, and clips of one value throughout.

    Loudness and brightness differ from clip to clip, so quantiles of the training's clips say nothing here.
    """
    for holds in ("samples", "pixels"):
        columns = [at for at, column in enumerate(data.about.columns) if column.holds == holds]
        if columns and data.rows:
            yield from _of(data, holds, columns)


def _of(data: DataSet, holds: Holds, columns: list[int]) -> Iterator[Difference]:
    name = data.about.columns[columns[0]].name
    values = data.raw if len(columns) == len(data.about.columns) else data.raw[:, columns]
    least, most = float(np.nanmin(values)), float(np.nanmax(values))
    received = f"received {figure(least)} to {figure(most)}"
    if holds == "samples" and max(-least, most) > _BEYOND:
        yield Difference("units", f"the samples of a recording are between −1 and 1: {received}", name)
    elif holds == "pixels" and (least < 0 or most > 255 or (most <= 1 and _broken(values))):
        yield Difference("units", f"pixels are 0 to 255: {received}", name)
    elif least == most and values.size >= LEAST_VALUES:
        yield Difference("constant", f"a clip varies: all {values.size} {holds} are {least:.4g}", name)


def _broken(values: Float64[ndarray, "rows columns"]) -> bool:
    return bool((np.modf(values)[0] != 0).any())
