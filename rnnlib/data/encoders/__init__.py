"""Encoders: fitted on the train part only, once, as values that do the same to what a model is later given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import TypeAdapter

from rnnlib.data.dataset import DataSet
from rnnlib.data.encoders.base import Encoder, FittedEncoder
from rnnlib.data.encoders.byte_pair import BytePair, FittedBytePair
from rnnlib.data.encoders.categories import Categories, FittedCategories
from rnnlib.data.encoders.characters import Characters, FittedCharacters
from rnnlib.data.encoders.tokenizer import FittedTokenizer, Tokenizer
from rnnlib.data.encoders.words import FittedWords, Words
from rnnlib.part import Family

AnyTokenizer = Annotated[Characters | Words | BytePair, Family("tokenizer")]
AnyFittedEncoder = Annotated[
    FittedCharacters | FittedWords | FittedBytePair | FittedCategories, Family("fitted_encoder")
]

_FITTED: TypeAdapter[FittedEncoder] = TypeAdapter(AnyFittedEncoder)


def encoded(data: DataSet, states: Sequence[Mapping[str, Any]]) -> DataSet:
    """The data as fitted encoders (`about.encoders`) make it."""
    for state in states:
        data = _with(data, _FITTED.validate_python(state))
    return data


def _with(data: DataSet, state: FittedEncoder) -> DataSet:
    made = state.apply(data)
    return made.with_about(encoders=(*data.about.encoders, state.model_dump(mode="json")))


__all__ = [
    "AnyFittedEncoder",
    "AnyTokenizer",
    "BytePair",
    "Categories",
    "Characters",
    "Encoder",
    "FittedEncoder",
    "FittedTokenizer",
    "Tokenizer",
    "Words",
    "encoded",
]
