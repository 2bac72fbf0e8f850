"""Where a model is computed: on the processor, or on a GPU."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import fields, replace
from typing import Any, Literal

import torch
from torch import Tensor

from rnnlib.data.batching.batch import Batch
from rnnlib.errors import ModelError

Device = Literal["auto", "cpu", "cuda"]
"""`auto`: a GPU where there is one and the work is worth it, else the processor."""

CPU = torch.device("cpu")


def device_for(wanted: Device, worth_it: bool) -> torch.device:
    """The device that is meant; raises `ModelError` where a GPU is asked for and there is none."""
    there = torch.cuda.is_available()
    if wanted == "cuda" and not there:
        rule = "`device: cuda` needs an NVIDIA GPU and a torch that was built for it"
        raise ModelError(f"{rule}: torch {torch.__version__} finds none; use `device: auto`", at=("device",))
    return torch.device("cuda") if there and wanted != "cpu" and (wanted == "cuda" or worth_it) else CPU


def generators(device: torch.device) -> AbstractContextManager[None]:
    """Within it torch's own generators may be seeded; afterwards they go on as if they had not been."""
    return torch.random.fork_rng(devices=[torch.cuda.current_device()] if device.type == "cuda" else [])


def seeded(seed: int, device: torch.device) -> None:
    """Seeds the generators that dropout draws from on `device`."""
    torch.default_generator.manual_seed(seed)
    if device.type == "cuda":
        torch.cuda.manual_seed(seed)


def placed(batch: Batch, device: torch.device) -> Batch:
    """The batch with all of its tensors on `device`; itself where they are there."""
    if batch.inputs.device.type == device.type:
        return batch
    tensors = {field.name: getattr(batch, field.name) for field in fields(batch)}
    moved: dict[str, Any] = {
        name: tensor.to(device, non_blocking=True) for name, tensor in tensors.items() if isinstance(tensor, Tensor)
    }
    return replace(batch, **moved)
