"""Language models that count: what every other one is held against."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

Numbers = Int64[ndarray, " learned"]
"""Of all tokens of the train part."""


def unigram_nats(train: Numbers, told: Int64[ndarray, " token"], size: int) -> Float64[ndarray, " token"]:
    """−log p of each told token by how often it comes in train: p(b) = (n_b + 1) / (n + size), each counted once more.

    Source: Laplace's rule of succession.
    """
    found: Float64[ndarray, " token"] = -np.log(_shares(train, size)[told])
    return found


def bigram_nats(pairs: Int64[ndarray, "pair 2"], train: Numbers, told: Int64[ndarray, "token 2"], size: int) -> (
    Float64[ndarray, " token"]
):  # fmt: skip
    """−log p of each told token by the one before it, from the pairs (token, next token) of train.

    p(b | a) = (n_ab + t_a p(b)) / (n_a + t_a),  t_a: how many different tokens come behind a,  p(b) of `train`

    Source: Witten and Bell 1991, doi:10.1109/18.87000.
    """
    codes, counts = np.unique(pairs[:, 0] * size + pairs[:, 1], return_counts=True)
    behind = np.bincount(codes // size, minlength=size)
    before = np.bincount(pairs[:, 0], minlength=size)
    asked = told[:, 0] * size + told[:, 1]
    place = np.minimum(np.searchsorted(codes, asked), max(len(codes) - 1, 0))
    seen = np.where(codes[place] == asked, counts[place], 0) if len(codes) else np.zeros(len(asked))
    a, shares = told[:, 0], _shares(train, size)[told[:, 1]]
    weight = np.maximum(behind[a], before[a] == 0)  # behind a token that train never goes on from, p(b) alone
    found: Float64[ndarray, " token"] = -np.log((seen + weight * shares) / (before[a] + weight))
    return found


def _shares(train: Numbers, size: int) -> Float64[ndarray, " size"]:
    return (np.bincount(train, minlength=size) + 1) / (len(train) + size)
