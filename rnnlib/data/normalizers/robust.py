"""Zero median, unit interquartile range."""

from __future__ import annotations

from typing import Annotated, Literal, Self

import numpy as np
from jaxtyping import Float64
from numpy import ndarray
from pydantic import Field, model_validator

from rnnlib.data.normalizers.affine import Measure, Scaler
from rnnlib.errors import misplaced

Level = Annotated[float, Field(ge=0, le=1)]


class Robust(Scaler):
    """Zero median and unit interquartile range: z = (x − median) / (q_high − q_low); outliers hardly move it.

    Source: as scikit-learn's `RobustScaler`.
    """

    kind: Literal["robust"] = "robust"
    quantiles: tuple[Level, Level] = Field((0.25, 0.75), description="the quantiles whose distance is the scale")

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        if not self.quantiles[0] < self.quantiles[1]:
            rule = f"the second quantile is the higher one, received {list(self.quantiles)}"
            raise misplaced(f"{rule}: write the smaller number first", "quantiles")
        return self

    def measure(self, observed: Float64[ndarray, " observed"]) -> Measure:
        """The median and the distance between the two quantiles."""
        low, middle, high = np.quantile(observed, (self.quantiles[0], 0.5, self.quantiles[1]))
        return Measure(float(middle), float(high - low))

    def centered(self, observed: Float64[ndarray, " observed"]) -> Measure:
        """The median."""
        return Measure(float(np.median(observed)), 1.0)
