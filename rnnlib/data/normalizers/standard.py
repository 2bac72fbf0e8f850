"""Zero mean, unit variance."""

from __future__ import annotations

from typing import Literal

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from rnnlib.data.normalizers.affine import Measure, Scaler


class Standard(Scaler):
    """Zero mean and unit variance: z = (x − mean) / σ, with the population's σ (divided by n).

    Source: as scikit-learn's `StandardScaler`.
    """

    kind: Literal["standard"] = "standard"

    def measure(self, observed: Float64[ndarray, " observed"]) -> Measure:
        """The mean and the standard deviation."""
        # Squares of very large or very small values leave float64; those of values between -1 and 1 do not.
        largest = float(np.abs(observed).max()) or 1.0
        unit = observed / largest
        return Measure(float(unit.mean()) * largest, float(unit.std()) * largest)

    def centered(self, observed: Float64[ndarray, " observed"]) -> Measure:
        """The mean."""
        return Measure(self.measure(observed).shift, 1.0)
