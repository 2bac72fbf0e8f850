"""Encoders: fitted on the train part only, once, as values that do the same to what a model is later given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import TypeAdapter

from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.data.encoders.base import Encoder, FittedEncoder
from rnnlib.data.encoders.byte_pair import BytePair, FittedBytePair
from rnnlib.data.encoders.categories import Categories, FittedCategories
from rnnlib.data.encoders.characters import Characters, FittedCharacters
from rnnlib.data.encoders.frame_size import FittedFrameSize, FrameSize
from rnnlib.data.encoders.log_mel import FittedLogMel, LogMel
from rnnlib.data.encoders.longest import FittedLongest, Longest
from rnnlib.data.encoders.mfcc import FittedMfcc, Mfcc
from rnnlib.data.encoders.spelling import FittedSpelling, Spelling
from rnnlib.data.encoders.tokenizer import FittedTokenizer, Tokenizer
from rnnlib.data.encoders.words import FittedWords, Words
from rnnlib.part import Family

AnyTokenizer = Annotated[Characters | Words | BytePair, Family("tokenizer")]
AnySpectrum = Annotated[LogMel | Mfcc, Family("spectrum")]
AnyFittedEncoder = Annotated[
    FittedCharacters
    | FittedWords
    | FittedBytePair
    | FittedCategories
    | FittedSpelling
    | FittedLogMel
    | FittedMfcc
    | FittedFrameSize
    | FittedLongest,
    Family("fitted_encoder"),
]

_FITTED: TypeAdapter[FittedEncoder] = TypeAdapter(AnyFittedEncoder)


def encoded(data: DataSet, states: Sequence[Mapping[str, Any]]) -> DataSet:
    """The data as fitted encoders (`about.encoders`) make it."""
    for state in states:
        data = _with(data, _FITTED.validate_python(state))
    return data


def _with(data: DataSet, state: FittedEncoder) -> DataSet:
    made = state.apply(data)
    characters = _characters(data) or _left(data, made)
    return made.with_about(encoders=(*data.about.encoders, state.model_dump(mode="json")), characters=characters)


def _characters(data: DataSet) -> dict[str, int]:
    """How many characters the texts of each part have; empty where there are no texts."""
    if not any(column.holds == "characters" for column in data.about.columns):
        return {}
    parts = (PartOf.train, PartOf.validation, PartOf.test)
    return {part.name: found for part in parts if (found := int(data.rows_of(part).sum()))}


def _left(data: DataSet, made: DataSet) -> dict[str, int]:
    """Those of the tokens that are left where sequences were cut: they have as many each as all of their part."""
    kept = {name: int(made.rows_of(PartOf[name]).sum()) for name in data.about.characters}
    return {
        name: round(count * kept[name] / int(data.rows_of(PartOf[name]).sum()))
        for name, count in data.about.characters.items()
        if kept[name]
    }


__all__ = [
    "AnyFittedEncoder",
    "AnySpectrum",
    "AnyTokenizer",
    "BytePair",
    "Categories",
    "Characters",
    "Encoder",
    "FittedEncoder",
    "FittedTokenizer",
    "FrameSize",
    "LogMel",
    "Longest",
    "Mfcc",
    "Spelling",
    "Tokenizer",
    "Words",
    "encoded",
]
