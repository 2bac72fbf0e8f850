"""How language models are scored: every told token of a part, beside models that count tokens and pairs of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import polars as pl
from jaxtyping import Int64
from numpy import ndarray

from rnnlib.data.batching.next_tokens import token_column, token_stretches
from rnnlib.data.batching.windows import Examples
from rnnlib.data.dataset import PartOf
from rnnlib.errors import ModelError
from rnnlib.metrics.baselines import BaselineName
from rnnlib.metrics.cases import Surprises
from rnnlib.metrics.metric import ModelKind
from rnnlib.metrics.ngrams import bigram_nats, unigram_nats
from rnnlib.metrics.scored import Scored
from rnnlib.metrics.table import TOKEN_METRICS, MetricName


@dataclass(frozen=True)
class ScoredTokens(Scored[Surprises]):
    """The tokens of one part, each told from those before it; the first of a text and of a part is only read."""

    kind: ClassVar[ModelKind] = "language_model"

    @cached_property
    def examples(self) -> Examples:
        """The stretches that the part's texts are read in."""
        return self._stretches(self.part)

    @property
    def count(self) -> int:
        """The number of told tokens."""
        return int(self.examples.length.sum())

    def of_model(self) -> Surprises:
        """How little the model expected each token. Raises `ModelError` where that is not finite."""
        nats = self.predictor.surprises(self.data, self.examples)
        if odd := int((~np.isfinite(nats)).sum()):
            rule = f"{odd} of the model's {self.count} predictions of {self.part.name} are not finite"
            raise ModelError(f"{rule}: train again with a smaller learning rate, or clip the gradients")
        return Surprises(nats, self._tokens_per_character)

    def of_baselines(self) -> dict[BaselineName, Surprises | str]:
        """How often each token, and each pair of tokens, comes in the train part."""
        size, train = len(self.predictor.classes or ()), self._tokens[self.data.rows_of(PartOf.train)]
        rows, learned = _rows(self.examples), _rows(self._stretches(PartOf.train))
        told = np.stack([self._tokens[rows], self._tokens[rows + 1]], axis=1)
        pairs = np.stack([self._tokens[learned], self._tokens[learned + 1]], axis=1)
        return {
            "unigram": Surprises(unigram_nats(train, told[:, 1], size), self._tokens_per_character),
            "bigram": Surprises(bigram_nats(pairs, train, told, size), self._tokens_per_character),
        }

    def rescaled(self, cases: Surprises) -> Surprises:
        """Tokens have no units."""
        return cases

    def score(self, name: MetricName, cases: Surprises) -> float:
        """One metric over every told token."""
        return TOKEN_METRICS[name](cases)

    def unit(self) -> str:
        """Tokens have no unit."""
        return ""

    def details(self, _scored: Mapping[str, Surprises], /) -> dict[str, Any]:
        """`text`: how many tokens are told, how many of them the vocabulary does not know, and characters per token."""
        unknown = int((self._tokens[_rows(self.examples) + 1] == 0).sum())
        return {"text": {"told": self.count, "unknown": unknown, "tokens_per_character": self._tokens_per_character}}

    def series(self, _scored: Mapping[str, Surprises], /) -> None:
        """A text has no score by itself here; `rnn predict` gives one for each."""

    def predictions(self, made: Mapping[str, Surprises]) -> pl.DataFrame:
        """One line per told token: its text, its place there (from 1), the token, nats of the model and baselines."""
        rows = _rows(self.examples) + 1
        sequence = np.repeat(self.examples.sequence, self.examples.length)
        words = pl.Series(self.predictor.classes or (), dtype=pl.String)
        return pl.DataFrame(
            {
                "part": pl.Series([self.part.name], dtype=pl.String).gather(np.zeros(self.count, np.int64)),
                "key": self.data.sequences["key"].gather(sequence),
                "place": rows - self.data.offsets[sequence] + 1,
                "token": words.gather(self._tokens[rows]),
                **{"nats" if by == "model" else by: cases.nats for by, cases in made.items()},
            }
        )

    def _stretches(self, part: PartOf) -> Examples:
        return token_stretches(self.data, part, (self.data.about.window or {}).get("context"))

    @cached_property
    def _tokens(self) -> Int64[ndarray, " row"]:
        return self.data.raw[:, token_column(self.data)].astype(np.int64)

    @cached_property
    def _tokens_per_character(self) -> float:
        tokens = int(self.data.rows_of(self.part).sum())
        return tokens / self.data.about.characters.get(self.part.name, tokens)


def _rows(examples: Examples) -> Int64[ndarray, " step"]:
    """The row of every step of the examples."""
    before = np.cumsum(examples.length) - examples.length
    steps = np.arange(int(examples.length.sum()))
    return np.asarray(steps + np.repeat(examples.start - before, examples.length))
