"""Recordings become spectra: what the log-mel spectrum and its cepstrum have in common."""

from __future__ import annotations

from abc import abstractmethod
from itertools import pairwise
from typing import Annotated, ClassVar, Self

import numpy as np
import torch
from jaxtyping import Float64
from numpy import ndarray
from pydantic import Field, model_validator
from torch import Tensor

from rnnlib.data.about import Column
from rnnlib.data.dataset import DataSet
from rnnlib.data.encoders.base import Encoder, FittedEncoder
from rnnlib.data.encoders.mel import Scale, mel_filters
from rnnlib.data.encoders.rows import bounds_of, holding, with_rows
from rnnlib.errors import Refused, misplaced
from rnnlib.part import Part

Span = (
    Annotated[int, Field(ge=2, le=1_000_000)] | Annotated[str, Field(max_length=20, pattern=r"^[0-9]+(\.[0-9]+)?ms$")]
)
"""A stretch of a recording: a number of samples, or `25ms`."""

_NEIGHBOURS = 2
"""Frames on each side that a delta is the slope over."""


class Spectrum(Part):
    """How a recording is cut into frames, and these into bands of the mel scale.

    Frame t is centred at sample t · hop, so a recording of n samples has 1 + ⌊n / hop⌋ frames, however short it is; it
    is silent before its beginning and behind its end, and so is each part's share of one that is split within. A window
    is filled up with zeros to a power of two.
    """

    window: Span = Field("25ms", description="how long a frame is: `25ms`, or a number of samples")
    hop: Span = Field("10ms", description="how far it is from one frame to the next: `10ms`, or a number of samples")
    bands: int = Field(40, ge=1, le=1024, description="filters of the mel scale")
    scale: Scale = Field("slaney", description="the mel scale: Slaney's, straight up to 1,000 Hz, or HTK's")
    lowest: float = Field(0.0, ge=0, le=500_000, description="where the lowest filter begins, in Hz")
    highest: float | None = Field(
        None, gt=0, le=500_000, description="where the highest filter ends, in Hz; half of the rate where absent"
    )
    floor: float = Field(1e-10, gt=0, le=1.0, description="the least power that is told from silence")
    deltas: int = Field(0, ge=0, le=2, description="how often slopes over time are added: 1 speed, 2 acceleration")

    @model_validator(mode="after")
    def _from_low_to_high(self) -> Self:
        if self.highest is not None and self.highest <= self.lowest:
            rule = f"filters go from `lowest` to `highest`: received {self.lowest:g} and {self.highest:g} Hz"
            raise misplaced(f"{rule}; exchange them", "highest")
        return self


class FittedSpectrum(FittedEncoder, Spectrum):
    """A spectrum of recordings of a known rate."""

    name: ClassVar[str]
    """What its columns are called, before their number."""

    rate: float = Field(gt=0, description="samples a second that the recordings have")

    def apply(self, data: DataSet) -> DataSet:
        """A row for each frame of the recordings in place of one for each sample."""
        at = _recordings(data)
        if data.about.rate != self.rate:
            rule = f"the model was trained on recordings of {self.rate:g} samples a second"
            raise Refused(f"{rule}: received {data.about.rate:g}; resample them")
        hop, filters = samples(self.hop, self.rate), self._filters()
        stretches = list(pairwise(bounds_of(data).tolist()))
        raw = np.concatenate([self._of(data.raw[start:end, at], filters) for start, end in stretches])
        source = np.concatenate([np.minimum(np.arange(start, end + 1, hop), end - 1) for start, end in stretches])
        frames = np.bincount(data.sequence_of_row[source], minlength=len(data.lengths))
        made = with_rows(data, raw, frames, source, self._columns(data, raw.shape[1]))
        return made.with_about(rate=self.rate / hop)

    def check(self) -> None:
        """Raises `Refused` where the hop, the window or the bands do not fit the rate."""
        samples(self.hop, self.rate)
        self._filters()

    def _columns(self, data: DataSet, width: int) -> list[Column]:
        role, each = data.about.columns[0].role, width // (1 + self.deltas)
        return [
            Column(name=f"{'delta_' * (place // each)}{self.name}_{place % each}", role=role) for place in range(width)
        ]

    def _filters(self) -> Float64[Tensor, "bands frequencies"]:
        highest = self.rate / 2 if self.highest is None else self.highest
        if highest > self.rate / 2 or self.lowest >= highest:
            rule = f"a recording of {self.rate:g} samples a second holds frequencies up to {self.rate / 2:g} Hz"
            raise Refused(f"{rule}: received {self.lowest:g} to {highest:g} Hz", at=("highest",))
        points = self._points(samples(self.window, self.rate))
        return torch.from_numpy(
            mel_filters(self.rate, points, self.bands, scale=self.scale, lowest=self.lowest, highest=highest)
        )

    @staticmethod
    def _points(window: int) -> int:
        return 1 << (window - 1).bit_length()

    def _of(
        self, sound: Float64[ndarray, " time"], filters: Float64[Tensor, "bands frequencies"]
    ) -> Float64[ndarray, "frame feature"]:
        """The features of one recording, or of a part's share in it, alone: nothing of another is near it."""
        window = samples(self.window, self.rate)
        transformed = torch.stft(
            torch.from_numpy(np.array(sound)),
            n_fft=self._points(window),
            hop_length=samples(self.hop, self.rate),
            win_length=window,
            window=torch.hann_window(window, dtype=torch.float64),
            center=True,
            pad_mode="constant",
            return_complex=True,
        )
        power = transformed.real**2 + transformed.imag**2
        features = [self.features(torch.log(torch.clamp(filters @ power, min=self.floor)).T)]
        for _ in range(self.deltas):
            features.append(slopes(features[-1]))
        return torch.cat(features, dim=1).numpy()

    @abstractmethod
    def features(self, bands: Float64[Tensor, "frame band"]) -> Float64[Tensor, "frame feature"]:
        """What becomes of the logarithms of the bands' power."""


class SpectrumEncoder(Encoder, Spectrum):
    """Nothing is fitted but the rate, which the recordings have."""

    @abstractmethod
    def fitted(self, rate: float) -> FittedSpectrum:
        """The same at a rate."""

    def fit(self, data: DataSet) -> FittedSpectrum:
        """The rate of the recordings. Raises `Refused` where there are none, or a window or a band does not fit it."""
        _recordings(data)
        assert data.about.rate is not None, "recordings have a rate"
        fitted = self.fitted(data.about.rate)
        fitted.check()
        return fitted


def samples(span: int | str, rate: float) -> int:
    """A stretch in samples, at least one; raises `Refused` where it is shorter than two."""
    count = span if isinstance(span, int) else round(float(span.removesuffix("ms")) * rate / 1000)
    if count < 2:
        rule = "a stretch is two samples or more"
        raise Refused(f"{rule}: `{span}` is {count} of them at {rate:g} samples a second; make it longer")
    return count


def slopes(features: Float64[Tensor, "frame feature"]) -> Float64[Tensor, "frame feature"]:
    """The straight line through each frame and two on each side: d_t = Σ n (c_{t+n} − c_{t−n}) / 2 Σ n².

    The first and the last frame stand for those beyond them.

    Source: Young et al. 2006, The HTK Book, section 5.9.
    """
    padded = torch.cat([features[:1]] * _NEIGHBOURS + [features] + [features[-1:]] * _NEIGHBOURS)
    count, made = len(features), torch.zeros_like(features)
    for n in range(1, _NEIGHBOURS + 1):
        made += n * (padded[_NEIGHBOURS + n :][:count] - padded[_NEIGHBOURS - n :][:count])
    return made / (2 * sum(n * n for n in range(1, _NEIGHBOURS + 1)))


def _recordings(data: DataSet) -> int:
    """The column of the recordings; raises `Refused` where there are others, which have no frames."""
    (at, *_) = holding(data, "samples", "recordings become spectra")
    if len(data.about.columns) > 1:
        others = ", ".join(f"`{column.name}`" for column in data.about.columns if column.holds != "samples")
        raise Refused(f"a recording is the only feature of its sequence: received {others} beside it; leave them out")
    return at
