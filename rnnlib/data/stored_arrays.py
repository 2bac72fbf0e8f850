"""Arrays in a folder, one `.npy` each: linked where nothing changed, opened as memory maps."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy import ndarray


def save_arrays(arrays: Mapping[str, ndarray], folder: Path, like: Path | None) -> None:
    """Writes each array as `<name>.npy`; one that was opened from the same name in `like` is linked to it."""
    for name, array in arrays.items():
        target = folder / f"{name}.npy"
        if like is not None and isinstance(array, np.memmap) and array.filename == str(like / f"{name}.npy"):
            _link(like / f"{name}.npy", target)
        else:
            np.save(target, np.ascontiguousarray(array), allow_pickle=False)


def open_arrays(names: Iterable[str], folder: Path) -> dict[str, Any]:
    """Those of the named arrays that are in the folder, as read-only memory maps."""
    arrays = {}
    for name in names:
        file = folder / f"{name}.npy"
        if not file.exists():
            continue
        # an array without elements cannot be mapped
        mapped = np.load(file, mmap_mode=None if _empty(file) else "r", allow_pickle=False)
        if isinstance(mapped, np.memmap):
            mapped.filename = str(file)  # NumPy resolves links; `save_arrays` compares names
        arrays[name] = mapped
    return arrays


def _empty(file: Path) -> bool:
    with file.open("rb") as stream:
        version = np.lib.format.read_magic(stream)
        shape = (np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0)(
            stream
        )[0]
    return 0 in shape


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without links: a copy is as good, only larger
        shutil.copyfile(source, target)
