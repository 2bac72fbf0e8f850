"""Frames of pixels of another size, drawn."""

import numpy as np
from matplotlib.figure import Figure

from drawing.canvas import charts
from rnnlib.data.dataset import DataSet
from rnnlib.data.encoders import FrameSize
from rnnlib.data.generated_sources.moving_digits import MovingDigits
from rnnlib.data.loading import arrays_to_dataset
from rnnlib.data.roles import Roles

SIDE, SMALL = 16, 6


def _clip() -> DataSet:
    """Three frames of a digit that moves."""
    arrays = MovingDigits(samples=1, length=3, side=SIDE).drawn(np.random.default_rng(3))
    roles = Roles(series="clip", target=("frame",))
    return arrays_to_dataset(arrays, roles, file="moving digits", missing=None)


def frame_size() -> Figure:
    """A frame, and the same with fewer pixels."""
    data = _clip()
    made = FrameSize(height=SMALL, width=SMALL).fit(data).apply(data)
    figure, axes = charts(2, 4.6, 2.5)
    for axis, one, side in zip(axes, (data, made), (SIDE, SMALL), strict=True):
        axis.imshow(one.raw[0].reshape(side, side), cmap="Blues", interpolation="none")
        axis.set(title=f"{side} × {side}", xticks=[], yticks=[])
    return figure
