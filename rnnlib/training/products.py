"""Which library multiplies float32 matrices: the faster one, where it does not round its inputs to bfloat16."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Literal

import torch

Precision = Literal["highest", "medium"]
"""`medium` lets torch go through oneDNN, twice as fast as MKL on an AMD: in float32 on most processors, not on all."""

SIDE = 512
"""The product that is tried is so large that oneDNN takes it on."""
ERROR = 1e-5
"""float32 leaves 3e-7 of a product of that size, bfloat16 2e-3."""


@cache
def float32_products() -> Precision:
    """How float32 matrices are multiplied here: through oneDNN, if what comes out is float32's.

    It is measured, not looked up: which processors round is for oneDNN to decide, and that changes with its version and
    with ONEDNN_MAX_CPU_ISA. Intel's AMX rounds; processors without it did not. Costs some milliseconds, once.
    """
    with multiplying("medium"):
        return "medium" if product_error() < ERROR else "highest"


def product_error() -> float:
    """‖AB − (AB in float64)‖ / ‖AB‖ of two matrices of standard normal values, as torch is set now."""
    draw = torch.Generator().manual_seed(0)
    a, b = (torch.randn(SIDE, SIDE, generator=draw) for _ in range(2))
    exact = a.double() @ b.double()
    return float(((a @ b).double() - exact).norm() / exact.norm())


@contextmanager
def multiplying(precision: Precision) -> Iterator[None]:
    """Runs its body with this setting of torch's; what was set before is put back."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision(precision)
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)
