"""The held-out rows: sealed when they are set aside, and looked at before anything rests on them."""

from __future__ import annotations

from rnnlib.data.dataset import DataSet
from rnnlib.errors import DataError


def sealed(data: DataSet) -> DataSet:
    """The data set with the digest of its held-out rows as they are now."""
    return data.with_about(holdout=data.holdout_digest())


def intact(data: DataSet) -> DataSet:
    """The data, once it is sure that its held-out rows are those that were sealed.

    Raises `DataError` where they are not, and where the data is not split.
    """
    if data.part is None or data.about.holdout is None:
        raise DataError("scores are computed on held-out parts, and the data is not split: add `split`")
    if data.holdout_digest() != data.about.holdout:
        rule = "the rows of validation and test stay as `split` set them aside, and theirs differ"
        raise DataError(f"{rule}: a step after `split` changed them; run the chain again from `load`")
    return data
