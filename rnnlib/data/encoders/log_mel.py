"""Log-mel spectra."""

from __future__ import annotations

from typing import ClassVar, Literal

from jaxtyping import Float64
from torch import Tensor

from rnnlib.data.encoders.spectrum import FittedSpectrum, SpectrumEncoder


class FittedLogMel(FittedSpectrum):
    """A log-mel spectrum of recordings of a known rate."""

    name: ClassVar[str] = "mel"
    kind: Literal["log_mel"] = "log_mel"

    def features(self, bands: Float64[Tensor, "frame band"]) -> Float64[Tensor, "frame band"]:
        """The bands themselves."""
        return bands


class LogMel(SpectrumEncoder):
    """The logarithm of the power in bands of the mel scale, frame by frame.

    m_{t,b} = ln max(floor, Σ_f M_{b,f} |STFT_{t,f}|²),  columns `mel_0`, `mel_1`, …

    Source: Davis and Mermelstein 1980, doi:10.1109/TASSP.1980.1163420, without their last step.
    """

    kind: Literal["log_mel"] = "log_mel"

    def fitted(self, rate: float) -> FittedLogMel:
        """The same at a rate."""
        return FittedLogMel(rate=rate, **{name: getattr(self, name) for name in type(self).model_fields})
