"""Normalizers: fitted on train rows only, once, as a value that knows its own inverse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import TypeAdapter

from rnnlib.data.normalizers.affine import Affine, Scaler
from rnnlib.data.normalizers.base import Fitted, Normalizer
from rnnlib.data.normalizers.log1p import Log1p, Logarithm
from rnnlib.data.normalizers.maxabs import MaxAbs
from rnnlib.data.normalizers.minmax import MinMax
from rnnlib.data.normalizers.robust import Robust
from rnnlib.data.normalizers.standard import Standard
from rnnlib.part import Family

AnyNormalizer = Annotated[Standard | MinMax | Robust | MaxAbs | Log1p, Family("normalizer")]
AnyFitted = Annotated[Affine | Logarithm, Family("fitted")]

_FITTED: TypeAdapter[Fitted] = TypeAdapter(AnyFitted)


def fitted(state: Mapping[str, Any] | Fitted) -> Fitted:
    """The fitted normalizer that a JSON state describes (`about.transforms[role]`)."""
    return state if isinstance(state, Fitted) else _FITTED.validate_python(state)


__all__ = [
    "Affine", "AnyFitted", "AnyNormalizer", "Fitted", "Log1p", "Logarithm", "MaxAbs", "MinMax", "Normalizer",
    "Robust", "Scaler", "Standard", "fitted",
]  # fmt: skip
