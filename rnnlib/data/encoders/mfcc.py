"""Mel-frequency cepstral coefficients."""

from __future__ import annotations

import math
from typing import ClassVar, Literal, Self

import torch
from jaxtyping import Float64
from pydantic import Field, model_validator
from torch import Tensor

from rnnlib.data.encoders.spectrum import FittedSpectrum, Spectrum, SpectrumEncoder
from rnnlib.errors import misplaced


class _Cepstrum(Spectrum):
    """How many coefficients are kept."""

    coefficients: int = Field(13, ge=1, le=1024, description="coefficients that are kept, the lowest first")

    @model_validator(mode="after")
    def _no_more_than_bands(self) -> Self:
        if self.coefficients > self.bands:
            rule = f"there are as many coefficients as bands, {self.bands}"
            raise misplaced(f"{rule}: received {self.coefficients}; keep fewer, or take more bands", "coefficients")
        return self


class FittedMfcc(_Cepstrum, FittedSpectrum):
    """Coefficients of recordings of a known rate."""

    name: ClassVar[str] = "mfcc"
    kind: Literal["mfcc"] = "mfcc"

    def features(self, bands: Float64[Tensor, "frame band"]) -> Float64[Tensor, "frame coefficient"]:
        """Their discrete cosine transform."""
        return bands @ cosines(self.bands, self.coefficients).T


class Mfcc(_Cepstrum, SpectrumEncoder):
    """The cosine transform of the log-mel spectrum: its shape over frequency, the smooth before the rugged.

    c_{t,k} = √(2/B) Σ_b m_{t,b} cos(π k (b + ½) / B),  for k = 0 divided by √2;  columns `mfcc_0`, `mfcc_1`, …

    Source: Davis and Mermelstein 1980, doi:10.1109/TASSP.1980.1163420.
    """

    kind: Literal["mfcc"] = "mfcc"

    def fitted(self, rate: float) -> FittedMfcc:
        """The same at a rate."""
        return FittedMfcc(rate=rate, **{name: getattr(self, name) for name in type(self).model_fields})


def cosines(bands: int, coefficients: int) -> Float64[Tensor, "coefficient band"]:
    """The orthonormal DCT-II."""
    order, band = torch.arange(coefficients, dtype=torch.float64), torch.arange(bands, dtype=torch.float64)
    waves = math.sqrt(2 / bands) * torch.cos(math.pi / bands * order[:, None] * (band + 0.5))
    waves[0] /= math.sqrt(2)
    return waves
