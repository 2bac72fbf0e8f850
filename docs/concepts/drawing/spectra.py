"""Recordings as spectra and as cepstra, drawn."""

import numpy as np
import polars as pl
from jaxtyping import Float64
from matplotlib.figure import Figure
from numpy import ndarray

from drawing.canvas import BLUE, charts
from rnnlib.data.arrays import Arrays
from rnnlib.data.dataset import DataSet
from rnnlib.data.encoders import LogMel, Mfcc
from rnnlib.data.encoders.base import Encoder
from rnnlib.data.loading import arrays_to_dataset
from rnnlib.data.roles import Roles

RATE = 8000


def _glide() -> Float64[ndarray, " time"]:
    """Half a second of a tone that rises from 200 to 3,000 Hz, with its octave."""
    time = np.arange(RATE // 2) / RATE
    phase = 2 * np.pi * (200 * time + 2800 * time**2)
    return np.asarray(0.5 * np.sin(phase) + 0.2 * np.sin(phase / 2))


def _recording(sound: Float64[ndarray, " time"]) -> DataSet:
    name = {"file": pl.Series("file", ["glide.wav"]), "tone": pl.Series("tone", ["up"])}
    arrays = Arrays(
        {"audio": sound[:, None]}, name, np.array([len(sound)]), rate=float(RATE), holds={"audio": "samples"}
    )
    roles = Roles(sample="file", features=("audio",), label="tone")
    return arrays_to_dataset(arrays, roles, file="glide.wav", missing=None)


def _drawn(encoder: Encoder, what: str) -> Figure:
    sound = _glide()
    data = _recording(sound)
    made = encoder.fit(data).apply(data).raw
    figure, (wave, spectrum) = charts(2, 6.4, 2.3)
    wave.plot(np.arange(400) / RATE * 1000, sound[:400], color=BLUE)
    wave.set(xlabel="ms", title="the first 50 ms")
    spectrum.imshow(made.T, cmap="Blues", origin="lower", aspect="auto", interpolation="none")
    spectrum.set(xlabel="frames of 10 ms", title=what)
    return figure


def log_mel() -> Figure:
    """A rising tone, and its log-mel spectrum."""
    return _drawn(LogMel(bands=20), "20 bands")


def mfcc() -> Figure:
    """A rising tone, and its coefficients."""
    return _drawn(Mfcc(bands=20, coefficients=12), "12 coefficients")
