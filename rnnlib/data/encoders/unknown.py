"""How much of each part is unknown to what was counted in the train part."""

from __future__ import annotations

from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.data.encoders.spelling import of_a_word


def unknown_shares(data: DataSet) -> dict[str, str]:
    """The share of unknown tokens in each part, in words, for every column of tokens."""
    parts = (PartOf.train, PartOf.validation, PartOf.test)
    held = {part.name: data.rows_of(part) for part in parts if data.rows_of(part).any()}
    return {
        column.name: ", ".join(f"{name} {(data.raw[rows, at] == 0).mean():.2%}" for name, rows in held.items())
        for at, column in enumerate(data.about.columns)
        if column.holds == "tokens" and not of_a_word(column.name)
    }
