"""Single NumPy arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Literal

from numpy import ndarray

from rnnlib.data.array_sources.named_arrays import Held, all_of
from rnnlib.data.array_sources.numpy_arrays import NumpySource, opened
from rnnlib.errors import DataError
from rnnlib.place import File


class Npy(NumpySource):
    """`.npy` files with one array each, named as the file without its ending."""

    kind: Literal["npy"] = "npy"

    def held(self, files: Sequence[File], wanted: Sequence[str]) -> Mapping[str, Held]:
        """The arrays of these names."""
        names: dict[str, File] = {}
        for file in files:
            name = PurePosixPath(file.shown).name.removesuffix(".npy")
            if name in names and name in wanted:
                raise DataError(f"`{name}` is another file's name too: name a single file", file=file.shown)
            names[name] = file
        found = {name: self._read(names[name], name) for name in dict.fromkeys(wanted) if name in names}
        return all_of(found, wanted, list(names))

    def _read(self, file: File, name: str) -> Held:
        array = opened(file)
        if not isinstance(array, ndarray):
            array.close()
            raise DataError("this holds several arrays: write `kind: npz`", file=file.shown)
        return self.taken(array, name, file)
