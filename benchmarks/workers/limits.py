"""What this machine can do at most: products of 1024³ in GFLOP/s, and the copying of memory in GB/s."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from statistics import median
from typing import Any

import torch

from benchmarks.serving import Action

SIZE = 1024
COPIED = 64 << 20


def start(options: Mapping[str, Any]) -> Mapping[str, Action]:
    """The products by torch.mm, by oneDNN in float32 and in bfloat16, and by `mm` at the precision `medium`."""
    torch.set_num_threads(options["threads"])
    return {"measure": _measured}


def _measured(repeats: int) -> dict[str, Any]:
    a, b = torch.randn(SIZE, SIZE), torch.randn(SIZE, SIZE)
    low_a, low_b = a.bfloat16(), b.bfloat16()
    source, target = torch.randn(COPIED), torch.empty(COPIED)
    linear = torch.ops.mkldnn._linear_pointwise
    exact = a.double() @ b.double()
    flop = 2e-9 * SIZE**3
    found = {
        "mm float32": flop / _seconds(lambda: torch.mm(a, b), repeats),
        "oneDNN float32": flop / _seconds(lambda: linear(a, b, None, "none", [], ""), repeats),
        "oneDNN bfloat16": flop / _seconds(lambda: linear(low_a, low_b, None, "none", [], ""), repeats),
    }
    torch.set_float32_matmul_precision("medium")
    found["mm `medium`"] = flop / _seconds(lambda: torch.mm(a, b), repeats)
    found["relative error of `medium`"] = float((torch.mm(a, b) - exact).norm() / exact.norm())
    torch.set_float32_matmul_precision("highest")
    found["copy GB/s, read + write"] = 2e-9 * source.nbytes / _seconds(lambda: target.copy_(source), 5)
    values = torch.randn(SIZE * SIZE)
    found["tanh ns"] = 1e9 * _seconds(lambda: torch.tanh(values), repeats) / values.numel()
    found["sigmoid ns"] = 1e9 * _seconds(lambda: torch.sigmoid(values), repeats) / values.numel()
    return found


def _seconds(work: Callable[[], object], repeats: int) -> float:
    taken = []
    for _ in range(repeats + 2):
        begin = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begin)
    return median(taken[2:])
