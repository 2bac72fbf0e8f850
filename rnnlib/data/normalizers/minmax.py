"""Into a range."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from jaxtyping import Float64
from numpy import ndarray
from pydantic import Field, model_validator

from rnnlib.data.normalizers.affine import Measure, Scaler
from rnnlib.errors import misplaced

Bound = Annotated[float, Field(ge=-1e6, le=1e6)]


class MinMax(Scaler):
    """The train rows' range becomes `range`: z = low + (x − min) / (max − min) · (high − low).

    Later values may lie outside. Source: as scikit-learn's `MinMaxScaler`.
    """

    kind: Literal["minmax"] = "minmax"
    range: tuple[Bound, Bound] = Field((0.0, 1.0), description="what the smallest and the largest train value become")

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        if not self.range[0] < self.range[1]:
            raise misplaced(f"a range goes up, received {list(self.range)}: write the smaller number first", "range")
        return self

    def measure(self, observed: Float64[ndarray, " observed"]) -> Measure:
        """Such that min becomes low and max becomes high."""
        low, high = self.range
        smallest = observed.min()
        scale = (observed.max() - smallest) / (high - low)
        return Measure(float(smallest - low * scale), float(scale))

    def centered(self, observed: Float64[ndarray, " observed"]) -> Measure:
        """The one value becomes low."""
        return Measure(float(observed.min() - self.range[0]), 1.0)
