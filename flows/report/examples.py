"""Example sequences as what they are: recordings with their spectra, spectra as maps, frames as strips."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float64
from matplotlib.figure import Figure
from numpy import ndarray

from flows.report.axes import thinned
from flows.report.drawing import MODEL, Picture, calm, drawn
from rnnlib.data.dataset import DataSet

_SPECTRA = {"log_mel", "mfcc"}
_WRITTEN = ("characters", "words", "tokens")
_SHOWN, _FRAMES, _WINDOW, _SLICES = 4, 8, 256, 200


def recordings(data: DataSet, chosen: Mapping[str, int]) -> Picture:
    """The wave of each recording above its spectrogram."""
    names = list(chosen)[:_SHOWN]
    rate = data.about.rate or 1.0

    def paint(figure: Figure) -> None:
        panels = figure.subplots(2, len(names), squeeze=False, sharex="col")
        for place, name in enumerate(names):
            sound = _rows(data, chosen[name])[:, 0]
            wave, spectrum = panels[:, place]
            wave.plot(*thinned(np.arange(len(sound)) / rate, sound), color=MODEL, linewidth=0.8)
            wave.set_title(name[:14])
            decibels = _spectrogram(sound)
            extent = (0.0, len(sound) / rate, 0.0, rate / 2000)
            spectrum.imshow(decibels, origin="lower", aspect="auto", cmap="cividis", extent=extent)
            calm(wave, ticks=3)
            calm(spectrum, ticks=3)
            spectrum.grid(visible=False)
            spectrum.set_xlabel("seconds")
        panels[1, 0].set_ylabel("kHz")

    caption = "Recordings: their samples, and the power of their frequencies"
    return drawn("recordings", paint, alt=f"{caption}: {', '.join(names)}.", caption=caption, height=3.4, wide=True)


def spectra(data: DataSet, chosen: Mapping[str, int]) -> Picture:
    """Each spectrum as a map: time to the right, bands upwards."""
    names = list(chosen)[:_SHOWN]
    rate = data.about.rate or 1.0

    def paint(figure: Figure) -> None:
        panels = figure.subplots(1, len(names), squeeze=False, sharey=True)[0]
        for axes, name in zip(panels, names, strict=True):
            values = _rows(data, chosen[name]).T
            extent = (0.0, values.shape[1] / rate, 0.0, float(len(values)))
            axes.imshow(values, origin="lower", aspect="auto", cmap="cividis", extent=extent)
            calm(axes, ticks=3)
            axes.grid(visible=False)
            axes.set_title(name[:14])
            axes.set_xlabel("seconds")
        panels[0].set_ylabel(data.about.columns[0].name.partition("_")[0])

    caption = "Spectra: what models read of recordings"
    return drawn("spectra", paint, alt=f"{caption}: {', '.join(names)}.", caption=caption, height=2.6, wide=True)


def strips(data: DataSet, chosen: Mapping[str, int]) -> Picture:
    """A few frames of each clip, evenly spaced, side by side."""
    names = list(chosen)[:_SHOWN]
    height, width, channels = data.about.frame or (1, data.raw.shape[1], 1)

    def paint(figure: Figure) -> None:
        panels = figure.subplots(len(names), 1, squeeze=False)[:, 0]
        for axes, name in zip(panels, names, strict=True):
            clip = _rows(data, chosen[name])[:, : height * width * channels]
            places = np.linspace(0, len(clip) - 1, min(_FRAMES, len(clip))).astype(np.int64)
            frames = np.nan_to_num(clip[places]).reshape(len(places), height, width, channels)
            edged = np.pad(frames, ((0, 0), (0, 0), (0, 1), (0, 0)), constant_values=255)
            strip = np.concatenate(list(edged), axis=1)[:, :-1].clip(0, 255) / 255
            axes.imshow(strip if channels == 3 else strip[..., 0], cmap="gray", interpolation="nearest", vmin=0, vmax=1)
            axes.set_title(f"{name[:30]}: frames {', '.join(str(place + 1) for place in places)}")
            axes.set_axis_off()

    caption = "Frames of some clips, from the first to the last"
    return drawn("strips", paint, alt=f"{caption}.", caption=caption, height=0.3 + 1.3 * len(names), wide=True)


def example_pictures(data: DataSet, chosen: Mapping[str, int]) -> tuple[Picture, ...] | None:
    """The picture for sequences that are no plain series, each under its name; none of texts; None of plain series."""
    holds, spectral = {column.holds for column in data.about.columns}, bool(_SPECTRA & _encoders(data))
    if is_text(data):
        return ()
    if not chosen or not (spectral or holds & {"samples", "pixels"}):
        return None
    paint = recordings if "samples" in holds else strips if "pixels" in holds else spectra
    return (paint(data, chosen),)


def is_text(data: DataSet) -> bool:
    """Whether there is nothing to draw: signs and words, or their tokens, and no numbers beside them."""
    return all(column.holds in _WRITTEN for column in data.about.columns)


def few(data: DataSet) -> dict[str, int]:
    """The first sequences by their keys."""
    return {key or "–": at for at, key in enumerate(data.sequences["key"].head(_SHOWN).to_list())}


def _encoders(data: DataSet) -> set[str]:
    return {state["kind"] for state in data.about.encoders}


def _rows(data: DataSet, sequence: int) -> Float64[ndarray, "time column"]:
    return np.asarray(data.raw[data.offsets[sequence] : data.offsets[sequence + 1]])


def _spectrogram(sound: Float64[ndarray, " time"]) -> Float64[ndarray, "frequency slice"]:
    """10 log₁₀ |STFT|² of Hann windows of 256 samples, at most 200 of them."""
    padded = np.pad(sound, (0, max(0, _WINDOW - len(sound))))
    hop = max(_WINDOW // 2, (len(padded) - _WINDOW) // _SLICES)
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::hop]
    power = np.abs(np.fft.rfft(windows * np.hanning(_WINDOW), axis=1)) ** 2
    decibels = 10 * np.log10(np.maximum(power, 1e-10))
    found: Float64[ndarray, "frequency slice"] = np.maximum(decibels, decibels.max() - 80).T
    return found
