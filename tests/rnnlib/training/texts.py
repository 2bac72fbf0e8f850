"""A small text with rules that can be learned, as a stream of tokens, and a language model of it."""

import numpy as np
import polars as pl

from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.data.encoders import Characters, encoded
from rnnlib.data.loading import frame_to_dataset
from rnnlib.data.roles import Roles
from rnnlib.data.splits import ByTime, split
from rnnlib.models import LanguageModel

LAYERS = ({"kind": "embedding", "width": 6}, {"kind": "lstm", "units": 8, "layers": 2})


def sayings(words: int = 150, seed: int = 3) -> str:
    """Words behind each other; each is followed by one of two."""
    lexicon = ("the", "old", "bell", "rang", "by", "night")
    draw, at, said = np.random.default_rng(seed), 0, []
    for _ in range(words):
        said.append(lexicon[at])
        at = (at + int(draw.integers(1, 3))) % len(lexicon)
    return " ".join(said)


def raw(texts: list[str] | None = None) -> DataSet:
    """Texts cut by position into train, validation and test."""
    frame = pl.DataFrame({"said": texts or [sayings()]})
    return split(frame_to_dataset(frame, Roles(text="said"), file="said.csv"), ByTime(validation=0.2, test=0.2), seed=1)


def stream(texts: list[str] | None = None, context: int | None = 8) -> DataSet:
    """The same as characters with a number each, in stretches of `context`."""
    data = raw(texts)
    data = encoded(data, (Characters().fit(data).model_dump(mode="json"),))
    return data if context is None else data.with_about(window={"context": context, "stride": context})


def model(*layers: dict[str, object], **head: object) -> LanguageModel:
    return LanguageModel.model_validate({"layers": layers or LAYERS, "head": {"kind": "step_classes", **head}})


def tokens(data: DataSet, part: PartOf) -> np.ndarray:
    return data.raw[data.rows_of(part), 0].astype(int)
