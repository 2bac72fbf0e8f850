"""What a tagger tells of the steps of several sequences."""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Float64, Int64
from numpy import ndarray


@dataclass(frozen=True)
class StepPredictions:
    """The steps of sequences, one after another; what is told at a step is of the step `ahead` rows later."""

    offsets: Int64[ndarray, " sequences_and_one"]
    best: Int64[ndarray, "step value"]
    """One column with the place of the class, or for every column of tags whether it is held to be 1."""
    probabilities: Float64[ndarray, "step value_"]
    """Of every class, or that each column is 1."""
    ahead: int = 0
