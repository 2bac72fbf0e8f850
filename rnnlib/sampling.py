"""How the next token is drawn from what a language model gives for it."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float64
from numpy import ndarray
from pydantic import Field

from rnnlib.part import Facts

Shares = Float64[ndarray, " token"]


class Sampling(Facts):
    r"""From logits to the probabilities that are drawn from: temperature, then `top_k`, then `top_p`.

    p_i ∝ exp(z_i / T) over the k most probable tokens, of these over the fewest whose shares make p together; of equal
    ones the first counts as more probable. T = 0 takes the most probable token.

    Source: temperature, Ackley, Hinton and Sejnowski 1985; top-k, Fan, Lewis and Dauphin 2018, arXiv:1805.04833;
    top-p (nucleus), Holtzman et al. 2020, arXiv:1904.09751.
    """

    temperature: float = Field(1.0, ge=0, le=100, description="T: below 1 for what is likely, above 1 for surprises")
    top_k: int | None = Field(None, ge=1, le=10_000_000, description="how many tokens may come at most")
    top_p: float | None = Field(None, gt=0, le=1, description="the share that the tokens that may come make at least")

    def shares(self, logits: Shares) -> Shares:
        """The probability of every token; some are 0."""
        if self.temperature == 0:
            found = np.zeros(len(logits))
            found[int(logits.argmax())] = 1
            return found
        with np.errstate(over="ignore"):  # next to T = 0 the less probable ones are infinitely far away
            scaled = (logits - logits.max()) / self.temperature
        shares = np.exp(scaled)
        order = np.argsort(-scaled, kind="stable")
        if self.top_k is not None:
            shares[order[self.top_k :]] = 0
        shares = shares / shares.sum()
        if self.top_p is not None:
            before = np.cumsum(shares[order]) - shares[order]
            shares[order[before >= self.top_p]] = 0
        return np.asarray(shares / shares.sum())

    def drawn(self, logits: Shares, generator: np.random.Generator) -> int:
        """A token, from one number of the generator."""
        upto = np.cumsum(self.shares(logits))
        return int(np.searchsorted(upto, generator.random() * upto[-1], side="right"))
