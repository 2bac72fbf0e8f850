"""Normalizers: fitted on train rows only, once, as a value that knows its own inverse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import TypeAdapter

from rnnlib.data.normalizers.affine import Affine, Scaler
from rnnlib.data.normalizers.base import Fitted, Normalizer
from rnnlib.data.normalizers.box_cox import BoxCox, BoxCoxPower
from rnnlib.data.normalizers.chain import Chain, Chained
from rnnlib.data.normalizers.columns import ByColumn, Columns
from rnnlib.data.normalizers.difference import Difference, Differences, SeasonalDifference
from rnnlib.data.normalizers.log1p import Log1p, Logarithm
from rnnlib.data.normalizers.maxabs import MaxAbs
from rnnlib.data.normalizers.minmax import MinMax
from rnnlib.data.normalizers.quantile import Quantile, Ranks
from rnnlib.data.normalizers.robust import Robust
from rnnlib.data.normalizers.standard import Standard
from rnnlib.data.normalizers.yeo_johnson import YeoJohnson, YeoJohnsonPower
from rnnlib.part import Family

AnyNormalizer = Annotated[
    Standard | MinMax | Robust | MaxAbs | Log1p | Quantile | BoxCox | YeoJohnson | Difference | SeasonalDifference
    | Chain | Columns,
    Family("normalizer"),
]  # fmt: skip
AnyFitted = Annotated[
    Affine | Logarithm | Ranks | BoxCoxPower | YeoJohnsonPower | Differences | Chained | ByColumn, Family("fitted")
]

_FITTED: TypeAdapter[Fitted] = TypeAdapter(AnyFitted)


def fitted(state: Mapping[str, Any] | Fitted) -> Fitted:
    """The fitted normalizer that a JSON state describes (`about.transforms[role]`)."""
    return state if isinstance(state, Fitted) else _FITTED.validate_python(state)


__all__ = [
    "Affine", "AnyFitted", "AnyNormalizer", "BoxCox", "BoxCoxPower", "ByColumn", "Chain", "Chained", "Columns",
    "Difference", "Differences", "Fitted", "Log1p", "Logarithm", "MaxAbs", "MinMax", "Normalizer", "Quantile", "Ranks",
    "Robust", "Scaler", "SeasonalDifference", "Standard", "YeoJohnson", "YeoJohnsonPower", "fitted",
]  # fmt: skip
