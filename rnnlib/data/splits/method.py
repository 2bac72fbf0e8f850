"""What a way to split is."""

from __future__ import annotations

from abc import abstractmethod

from jaxtyping import Int8
from numpy import ndarray

from rnnlib.data.dataset import DataSet
from rnnlib.part import Part


class SplitMethod(Part):
    """Says which part every row belongs to, without looking at any value but times, labels and groups."""

    @abstractmethod
    def assign(self, data: DataSet, seed: int) -> Int8[ndarray, " rows"]:
        """The part of every row (`PartOf`); raises `Refused` or `DataError` where the data has too little for one."""
