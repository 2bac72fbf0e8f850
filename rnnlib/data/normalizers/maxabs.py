"""Largest magnitude one."""

from __future__ import annotations

from typing import Literal

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from rnnlib.data.normalizers.affine import Measure, Scaler


class MaxAbs(Scaler):
    """Largest magnitude one, zero stays zero: z = x / max|x|.

    Source: as scikit-learn's `MaxAbsScaler`.
    """

    kind: Literal["maxabs"] = "maxabs"

    def measure(self, observed: Float64[ndarray, " observed"]) -> Measure:
        """No shift, the largest magnitude."""
        return Measure(0.0, float(np.abs(observed).max()))

    def centered(self, observed: Float64[ndarray, " observed"]) -> Measure:  # noqa: ARG002 - only zeros come here
        """All values are zero and stay so."""
        return Measure(0.0, 1.0)
