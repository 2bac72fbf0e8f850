"""Weights on disk: safetensors, read only where names, types and shapes are the module's own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save
from torch import Tensor

from rnnlib.errors import BundleError

WEIGHTS = "weights.safetensors"


def write_weights(file: Path, state: Mapping[str, Tensor]) -> None:
    """Writes a module's state; raises `BundleError` where a number is NaN or infinite.

    Each tensor is copied, so that tied weights, which share their memory, are written under each of their names.
    """
    tensors = {name: tensor.detach().cpu().clone().contiguous() for name, tensor in state.items()}
    _all_finite(tensors)
    file.write_bytes(save(tensors))


def read_weights(file: Path, expected: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The weights in `file`, held against `expected` (tensors on the meta device will do) before they are read.

    Raises `BundleError` where a tensor is missing, unknown, of another shape or type, or not finite.
    """
    try:
        _hold_against(_header(file), {name: list(tensor.shape) for name, tensor in expected.items()})
        tensors = load_file(file)
    except SafetensorError as error:
        raise BundleError(f"{file.name} is no safetensors file: {error}; restore the bundle or train again") from error
    for name, tensor in tensors.items():
        if tensor.dtype != expected[name].dtype:
            message = f"{file.name}: `{name}` is {tensor.dtype}, the model needs {expected[name].dtype}"
            raise BundleError(f"{message}: the weights are of another model")
    _all_finite(tensors)
    return tensors


def _header(file: Path) -> dict[str, list[int]]:
    with safe_open(file, "pt") as opened:
        return {name: opened.get_slice(name).get_shape() for name in opened.keys()}  # noqa: SIM118 - no mapping


def _hold_against(found: Mapping[str, list[int]], expected: Mapping[str, list[int]]) -> None:
    if odd := found.keys() ^ expected.keys():
        name = min(odd)
        which = "has a weight that the model does not know" if name in found else "lacks a weight of the model"
        raise BundleError(f"{WEIGHTS} {which}, `{name}`: the weights are of another model")
    for name, shape in expected.items():
        if found[name] != shape:
            message = f"{WEIGHTS}: `{name}` has the shape {found[name]}, the model needs {shape}"
            raise BundleError(f"{message}: the weights are of another model")


def _all_finite(tensors: Mapping[str, Tensor]) -> None:
    for name, tensor in tensors.items():
        if tensor.is_floating_point() and not bool(tensor.isfinite().all()):
            raise BundleError(f"the weights hold NaN or infinity in `{name}`: train again with a lower learning rate")
