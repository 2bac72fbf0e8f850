"""What the letters of a word tell of it."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch
from jaxtyping import Float, Int64
from pydantic import Field
from torch import Tensor, nn

from rnnlib.errors import ModelError
from rnnlib.initialisation import Normal, Xavier
from rnnlib.layer import Flow, Layer, Lengths, Memory, Streams
from rnnlib.layers.tokens import Column, place_of
from rnnlib.padding import zeroed

NOTHING = 1
"""The token behind the last letter of a word."""


class Spelling(Layer):
    """A vector for each word, of its letters: convolutions over them, and the largest value of each.

    y_t = [the other columns of x_t, max_k tanh(Σ_d W_d e_{k+d} + b)],  e_k = the vector of the k-th letter, 0 behind
    the last

    E: [letters, width], W: [filters, width, kernel], b: [filters].

    Source: Ma and Hovy 2016, "End-to-end sequence labeling via bi-directional LSTM-CNNs-CRF", arXiv:1603.01354; with
    the tanh of Kim et al. 2016, arXiv:1508.06615.
    """

    passes_tokens: ClassVar[bool] = True

    kind: Literal["spelling"] = "spelling"
    column: Column = Field(
        0, description="the column of words whose letters are read, by name; or where the first of their letters stands"
    )
    longest: int | None = Field(
        None, ge=1, le=200, description="letters of a word; left out: as many as `encode.spelling` made"
    )
    letters: int | None = Field(
        None, ge=2, le=1_000_000, description="how many different letters there are; left out: as many as the data has"
    )
    width: int = Field(25, ge=1, le=65_536, description="values of the vector of a letter")
    filters: int = Field(30, ge=1, le=65_536, description="convolutions, each a value of the word's vector")
    kernel: int = Field(3, ge=1, le=200, description="letters that a convolution sees at once")

    def after(self, before: Flow) -> Flow:
        """The vector behind the other columns; raises `ModelError` where there are no letters."""
        if before.width is None:
            return before
        first, longest, _ = self._found(before)
        if first + longest > before.width:
            rule = f"letters stand in {longest} of the {before.width} columns"
            raise ModelError(f"{rule}: received column {first}; name the column of words", at=("column",))
        taken = range(first, first + longest)
        left = [one for one in before.tokens if one.at not in taken]
        moved = (one._replace(at=one.at - longest if one.at > first else one.at) for one in left)
        return before._replace(width=before.width - longest + self.filters, tokens=tuple(moved))

    def reads(self, before: Flow) -> tuple[str, ...]:
        """The columns of tokens that it reads."""
        first, longest, _ = self._found(before)
        return tuple(one.name for one in before.tokens if first <= one.at < first + longest)

    def _found(self, before: Flow) -> tuple[int, int, int]:
        """Where the first letter stands, how many there are of each word, and how many different ones."""
        first = place_of(f"{self.column}[0]" if isinstance(self.column, str) else self.column, before)
        known = {one.at: one for one in before.tokens}
        word = known[first].name.rpartition("[")[0] if first in known else None
        made = sum(one.name.startswith(f"{word}[") for one in before.tokens)
        size = known[first].size if first in known else None
        longest, letters = self.longest or made, self.letters or size
        if not longest or letters is None:
            rule = "a spelling needs the letters of words, and no `encode` made them in this column"
            raise ModelError(f"{rule}: received {self.column}; encode them with `spelling: {{}}`", at=("column",))
        if made and longest > made:
            rule = f"`encode.spelling` made {made} letters of a word"
            raise ModelError(f"{rule}: received {longest}; leave `longest` out", at=("longest",))
        if size is not None and letters < size:
            rule = f"the data has {size} different letters"
            raise ModelError(f"{rule}: received {letters}; leave `letters` out", at=("letters",))
        return first, longest, letters

    @property
    def one_way(self) -> bool:
        """No step sees another."""
        return True

    def build(self, before: Flow) -> SpellingSteps:
        """The module."""
        self.after(before)
        first, longest, letters = self._found(before)
        return SpellingSteps(self, first, longest, letters)


class SpellingSteps(nn.Module, Streams):
    """A table of letters, and convolutions over those of a word."""

    def __init__(self, section: Spelling, first: int, longest: int, letters: int) -> None:
        super().__init__()
        self.first, self.end, self.pad = first, first + longest, section.kernel // 2
        self.vectors = nn.Parameter(torch.empty(letters, section.width))
        self.kernel = nn.Parameter(torch.empty(section.filters, section.width, section.kernel))
        self.bias = nn.Parameter(torch.zeros(section.filters))
        Normal().draw(self.vectors)
        Xavier().draw(self.kernel)

    def forward(
        self, x: Float[Tensor, "batch time feature"], lengths: Lengths = None
    ) -> tuple[Float[Tensor, "batch time width"], Lengths]:
        """[other columns, the vector of the word]; padding is taken for unknown letters."""
        return self._told(zeroed(x, lengths)), lengths

    def start(self, batch: int) -> Memory:  # noqa: ARG002 - nothing is kept
        """Nothing."""
        return ()

    def step(self, x: Float[Tensor, "batch feature"], memory: Memory) -> tuple[Float[Tensor, "batch width"], Memory]:
        """The same for this step."""
        return self._told(x), memory

    def _told(self, x: Float[Tensor, "*batch feature"]) -> Float[Tensor, "*batch width"]:
        letters = x[..., self.first : self.end].long()
        others = torch.cat([x[..., : self.first], x[..., self.end :]], dim=-1)
        words = self._words(letters.reshape(-1, letters.shape[-1]))
        return torch.cat([others, words.reshape(*x.shape[:-1], -1)], dim=-1)

    def _words(self, letters: Int64[Tensor, "word letter"]) -> Float[Tensor, "word filter"]:
        if letters.device.type == "cpu" and (odd := letters[(letters < 0) | (letters >= len(self.vectors))]).numel():
            rule = f"letters are whole numbers from 0 to {len(self.vectors) - 1}"
            raise ModelError(f"{rule}: received {int(odd[0])}; leave these columns as they came")
        there = (letters != NOTHING)[:, None]
        vectors = nn.functional.embedding(letters, self.vectors).transpose(1, 2) * there
        found = nn.functional.conv1d(nn.functional.pad(vectors, (self.pad, self.pad)), self.kernel, self.bias)
        found = torch.tanh(found[..., : letters.shape[1]])
        return found.masked_fill(~there, -1.0).amax(dim=-1)
