"""What the bits of a trained model rest on beyond the section and the data: device, threads, kernels, versions."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch

from rnnlib import __version__
from rnnlib.training.device import CPU
from rnnlib.training.products import float32_products, multiplying

WORK = 2**20
"""Multiplications that make a thread worth waking, per step of time: batch · width². Measured with LSTM and GRU on two
cores: below 2·WORK two threads are as slow as one or slower, from there on faster by a fifth to four fifths."""


def threads_for(work: int, processors: int) -> int:
    """One thread for each `WORK` of a step's `work`, at least 1, at most one for each processor."""
    return max(1, min(processors, work // WORK))


@contextmanager
def numerics(threads: int, device: torch.device = CPU) -> Iterator[None]:
    """Runs its body on `threads` threads with deterministic algorithms; what was set before is put back.

    Where an operation has no deterministic algorithm torch raises a RuntimeError that names it. Matrices are multiplied
    in float32: through oneDNN where that keeps it, and without TF32 on a GPU.
    """
    before = torch.get_num_threads()
    mode = torch.get_deterministic_debug_mode()
    filled = torch.utils.deterministic.fill_uninitialized_memory  # type: ignore[attr-defined]
    torch.set_num_threads(threads)
    torch.set_deterministic_debug_mode("error")  # use_deterministic_algorithms(True), without importing the compiler
    # it fills every fresh tensor with NaN: a guard against reading one unwritten, and a tenth of a small model's step
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    on_gpu = device.type == "cuda"
    if on_gpu:  # read when CUDA starts; without it cuBLAS has no deterministic products
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    try:
        with (
            multiplying("highest" if on_gpu else float32_products()),
            torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=False),
        ):
            yield
    finally:
        torch.set_num_threads(before)
        torch.set_deterministic_debug_mode(mode)
        torch.utils.deterministic.fill_uninitialized_memory = filled  # type: ignore[attr-defined]


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def versions() -> dict[str, str]:
    """What computes: the versions and the kind of processor that the last bits of a result rest on."""
    return {
        "rnnlib": __version__,
        "torch": torch.__version__,
        "numpy": np.__version__,
        "machine": platform.machine(),
        "vectors": torch.backends.cpu.get_cpu_capability(),
        "products": float32_products(),
    }
