"""Mixed precision: products in 16 bits, weights, gradients and sums in 32."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, Literal

import torch
from jaxtyping import Float
from torch import Tensor

from rnnlib.errors import ModelError

Precision = Literal["float32", "bfloat16", "float16"]
"""What layers compute in. Weights, gradients, optimizer and losses are float32 in any case."""

CANNOT = ("primitive descriptor", "not implemented for", "not supported for")
"""What torch and oneDNN say of an operation that they have no kernel for."""

FIRST, GROWTH, EVERY, LEAST = 2.0**16, 2.0, 2000, 2.0**-10


def casting(precision: Precision, device: torch.device) -> AbstractContextManager[Any]:
    """The context of a forward pass: in it, torch computes what gains from it in 16 bits.

    Raises `ModelError` in it where a layer cannot be computed so.
    """
    if precision == "float32":
        return nullcontext()
    return _cast(precision, device)


@contextmanager
def _cast(precision: Precision, device: torch.device) -> Iterator[None]:
    try:
        with torch.autocast(device.type, dtype=getattr(torch, precision)):
            yield
    except RuntimeError as error:
        if not any(sign in str(error) for sign in CANNOT):
            raise
        rule = f"there is a layer that this machine does not compute in {precision} ({str(error).splitlines()[0]})"
        other = "bfloat16` or `float32" if precision == "float16" else "float32"
        raise ModelError(f"{rule}: use `precision: {other}`", at=("precision",)) from error


@dataclass
class Scaler:
    """What losses are multiplied by before the backward pass, so that small gradients do not vanish in float16.

    S ← S / 2 where a gradient overflows, and that step is not taken; S ← 2 S after 2000 steps without. Only float16
    needs it: bfloat16 reaches as far as float32, and S stays 1.
    Source: Micikevicius et al. 2018, arXiv:1710.03740, section 3.2; the dynamic form as in torch's GradScaler.
    """

    scale: float = 1.0
    good: int = 0
    """Steps without an overflow since S changed."""
    dynamic: bool = False

    @classmethod
    def of(cls, precision: Precision) -> Scaler:
        """The scaler at the first step."""
        return cls(FIRST, 0, dynamic=True) if precision == "float16" else cls()

    def scaled(self, loss: Float[Tensor, ""]) -> Float[Tensor, ""]:
        """S · loss."""
        return loss * self.scale if self.dynamic else loss

    def taken(self) -> None:
        """Counts a step whose gradient was finite."""
        self.good += self.dynamic
        if self.good >= EVERY:
            self.scale, self.good = self.scale * GROWTH, 0

    def overflowed(self, where: str) -> None:
        """Halves S; raises `ModelError` where that no longer can be the reason."""
        self.scale, self.good = self.scale / GROWTH, 0
        if self.scale < LEAST:
            rule = f"{where}: the gradient overflows float16 however small the loss is scaled"
            raise ModelError(f"{rule}: use `precision: bfloat16`, or lower the learning rate", at=("precision",))

    def facts(self) -> dict[str, Any]:
        """All of it, as JSON."""
        return {"scale": self.scale, "good": self.good}
