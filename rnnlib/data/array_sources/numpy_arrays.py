"""Arrays in NumPy's own format."""

from __future__ import annotations

import zipfile
import zlib
from typing import Any, Literal

import numpy as np
from jaxtyping import Shaped
from numpy import ndarray
from pydantic import Field

from rnnlib.data.array_sources.named_arrays import ArraySource, Held, stacked
from rnnlib.errors import DataError
from rnnlib.place import File

_DAMAGED = (ValueError, OSError, EOFError, RuntimeError, MemoryError, zipfile.BadZipFile, zlib.error)
"""What NumPy, zipfile and zlib raise of a file that is damaged, or that tells of more than it holds."""


class NumpySource(ArraySource):
    """Arrays in NumPy's format; nothing that could run code is read."""

    each_step: Literal["row", "value"] = Field(
        "row",
        description="what stands at a step: `row`, one row of the second axis with the last axis as its features, or "
        "`value`, every single value, row by row",
    )
    first_axis: Literal["sequences", "steps"] = Field(
        "sequences",
        description="what the first axis of every array counts; with `steps` each array is one sequence, and behind "
        "its first axis are the features of a step, in as many axes as there are",
    )

    def taken(self, array: Shaped[ndarray, "*axes"], name: str, file: File) -> Held:
        """An array as steps, or as one value for each sequence."""
        if self.first_axis == "steps" and array.size:
            array = array.reshape(1, len(array), -1) if array.ndim else array.reshape(1)
        if self.each_step == "value" and array.ndim > 1:
            return stacked(array.reshape(len(array), -1), name, file.shown)
        return stacked(array, name, file.shown)


def opened(file: File) -> Any:
    """What `numpy.load` gives, without pickle. Raises `DataError` for a damaged file, and for one that needs it."""
    try:
        with file.path.open("rb") as stream:
            if stream.read(2) == b"PK":  # where its table is damaged NumPy would leave the file open
                zipfile.ZipFile(stream).close()
        return np.load(file.path, allow_pickle=False)
    except _DAMAGED as error:
        raise DataError(f"cannot be read as NumPy arrays: {error}", file=file.shown) from error


def member(archive: np.lib.npyio.NpzFile, name: str, file: File) -> Shaped[ndarray, "*axes"]:
    """One array of an archive. Raises `DataError` where it is damaged, or holds objects."""
    try:
        array: object = archive[name]
    except _DAMAGED as error:
        raise DataError(f"`{name}` cannot be read: {error}", file=file.shown) from error
    if not isinstance(array, ndarray):
        raise DataError(f"`{name}` cannot be read: it does not begin as NumPy's arrays do", file=file.shown)
    return array
