"""NumPy archives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from rnnlib.data.array_sources.named_arrays import Held, all_of
from rnnlib.data.array_sources.numpy_arrays import NumpySource, member, opened
from rnnlib.errors import DataError
from rnnlib.place import File


class Npz(NumpySource):
    """`.npz` files, with several arrays each."""

    kind: Literal["npz"] = "npz"

    def held(self, files: Sequence[File], wanted: Sequence[str]) -> Mapping[str, Held]:
        """The arrays of these names."""
        found: dict[str, Held] = {}
        known: list[str] = []
        for file in files:
            archive = opened(file)
            if not isinstance(archive, np.lib.npyio.NpzFile):
                raise DataError("this is a single array, no archive: write `kind: npy`", file=file.shown)
            with archive:
                known += archive.files
                for name in [one for one in dict.fromkeys(wanted) if one in archive.files]:
                    if name in found:
                        raise DataError(f"`{name}` stands in another file too: name a single file", file=file.shown)
                    found[name] = self.taken(member(archive, name, file), name, file)
        return all_of(found, wanted, known)
