"""Bits per character."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

from rnnlib.metrics.cases import Surprises
from rnnlib.metrics.metric import TokenMetric


class BitsPerCharacter(TokenMetric):
    """Bits per character: how long the text would be if the model compressed it; the same question for any tokens.

    bits = mean nats per token / log 2 · tokens / characters of the part's texts, as they were before they were encoded

    Source: Shannon 1951, "Prediction and entropy of printed English"; Graves 2013, arXiv:1308.0850.
    """

    name: ClassVar[Literal["bits_per_character"]] = "bits_per_character"

    def __call__(self, cases: Surprises) -> float:
        """From 0 up; NaN where nothing was told."""
        return cases.nats_per_step / math.log(2) * cases.tokens_per_character
