"""Sources that make their data: known tests of what a network can remember."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from pydantic import Field

from rnnlib.data.arrays import Arrays
from rnnlib.data.source import StoredSource
from rnnlib.place import File, Place
from rnnlib.seeds import derived


class GeneratedSource(StoredSource):
    """Sequences that are drawn from a seed; there is no file."""

    whole: ClassVar[bool] = True

    samples: int = Field(ge=1, le=10_000_000, description="how many sequences are drawn")
    seed: int = Field(0, ge=0, lt=2**63, description="what they are drawn from; it is not that of the spec")

    def files(self, place: Place) -> list[File]:  # noqa: ARG002 - nothing is read
        """None."""
        return []

    def read_files(self, files: Sequence[File]) -> Arrays:  # noqa: ARG002 - nothing is read
        """The sequences."""
        return self.drawn(np.random.default_rng(derived(self.seed, type(self).__name__)))

    @abstractmethod
    def drawn(self, draw: np.random.Generator) -> Arrays:
        """The sequences, from a generator."""
