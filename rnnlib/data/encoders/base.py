"""What an encoder is: it turns sequences into other sequences, texts into tokens or recordings into spectra."""

from __future__ import annotations

from abc import abstractmethod

from rnnlib.data.dataset import DataSet
from rnnlib.part import Part


class FittedEncoder(Part):
    """What `fit` found: a small value that travels with the model as JSON, and that does the same to new data."""

    @abstractmethod
    def apply(self, data: DataSet) -> DataSet:
        """The data set encoded; `data` stays as it is. Raises `DataError` for what cannot be encoded."""


class Encoder(Part):
    """Fits on the train part, once; the result is a value."""

    @abstractmethod
    def fit(self, data: DataSet) -> FittedEncoder:
        """The state, from the rows of the train part alone (all rows where the data is not split).

        Raises `Refused` where the data holds nothing that it encodes, `DataError` where it cannot be fitted.
        """
