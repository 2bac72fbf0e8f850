"""New rows for a trained model, held against the contract of the data that it was trained on."""

from __future__ import annotations

import polars as pl

from rnnlib.data.about import About
from rnnlib.data.contract.clips import clip_differences
from rnnlib.data.contract.columns import renamed_to
from rnnlib.data.contract.describing import described
from rnnlib.data.contract.difference import Difference, settled
from rnnlib.data.contract.holding import Holding
from rnnlib.data.contract.values import number_differences
from rnnlib.data.dataset import DataSet
from rnnlib.data.roles import Roles

_TRUTHS = ("label", "tags", "group", "part")


def names_as_trained(frame: pl.DataFrame, about: About, file: str) -> None:
    """Raises `ContractError` where a column that the model reads is gone and a new one looks like it."""
    if about.contract is None:
        return
    roles = [place for place in Roles.model_validate(about.roles).places() if place.role not in _TRUTHS]
    gone = [place.column for place in roles if place.column not in frame.columns]
    known = {column.name for column in about.contract.columns}
    found = renamed_to(frame, about.contract, gone, [name for name in frame.columns if name not in known])
    message = "the model was trained on `{}`, which is gone, and `{}` is new: it looks renamed; name it as in training"
    settled(
        [Difference("renamed", message.format(*pair), pair[0], file=file) for pair in found.items()],
        Holding(),
        trained=True,
    )


def values_as_trained(data: DataSet, about: About) -> DataSet:
    """The data, once it is sure that its numbers are in the units of the training data and vary as they did.

    Raises `ContractError`. What the training's spec accepted is accepted here.
    """
    if about.contract is None:
        return data
    seen = described(data, {})
    found: list[Difference] = [*clip_differences(data)]
    for column in seen.columns:
        before = about.contract.column(column.name)
        if before is not None and before.numeric:
            found += number_differences(column, before)
    settled(found, Holding.model_validate(about.holding or {}), trained=True)
    return data
