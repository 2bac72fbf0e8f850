"""Perplexity."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from rnnlib.metrics.cases import Surprises
from rnnlib.metrics.metric import TokenMetric


class Perplexity(TokenMetric):
    """Perplexity: among how many equally likely tokens the model would be as uncertain as it is.

    perplexity = exp(−1/n Σ_t log p(x_{t+1} | x_1 … x_t)) over n told tokens

    Source: Jelinek, Mercer, Bahl and Baker 1977, "Perplexity: a measure of the difficulty of speech recognition tasks".
    """

    name: ClassVar[Literal["perplexity"]] = "perplexity"

    def __call__(self, cases: Surprises) -> float:
        """From 1 up; NaN where nothing was told."""
        with np.errstate(over="ignore"):
            return float(np.exp(cases.nats_per_step))
