"""Parts of words as tokens: pairs that stand beside each other often are made one, again and again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
from jaxtyping import Int64
from numpy import ndarray
from pydantic import Field

from rnnlib.data.dataset import DataSet
from rnnlib.data.encoders.tokenizer import Cut, FittedTokenizer, Tokenizer, texts_between, train_texts
from rnnlib.data.encoders.vocabulary import END, UNKNOWN
from rnnlib.errors import Refused

if TYPE_CHECKING:
    from tokenizers import Tokenizer as Machine
    from tokenizers.models import Model
    from tokenizers.trainers import Trainer

BYTES = 256
"""Every byte is a token from the beginning, so that nothing is unknown."""


class FittedBytePair(FittedTokenizer):
    """The tokens, and the pairs that were made one, in their order.

    Bytes are written as the library writes them: a printable character for each, `Ġ` for a space.
    """

    kind: Literal["byte_pair"] = "byte_pair"
    merges: tuple[tuple[str, str], ...] = Field(description="the pairs that become one, the most frequent first")

    @cached_property
    def _machine(self) -> Machine:
        from tokenizers.models import BPE

        known = {token: number for number, token in enumerate(self.tokens)}
        return _machine(BPE(known, list(self.merges)))

    def cut(self, points: Int64[ndarray, " characters"], bounds: Int64[ndarray, " texts_and_one"]) -> Cut:
        """The number of each part of a word."""
        texts = [text.encode("utf-8", "replace").decode() for text in texts_between(points, bounds)]  # lone surrogates
        found = self._machine.encode_batch(texts, add_special_tokens=False)
        numbers = [np.array(one.ids, np.int64) for one in found]
        within = [np.array([at for at, _ in one.offsets], np.int64) for one in found]
        starts = [first + one for first, one in zip(bounds[:-1], within, strict=True)]
        return Cut(np.concatenate(numbers), np.concatenate(starts))

    def text_of(self, numbers: Sequence[int]) -> str:
        """The text; bytes that are no whole character at its end are shown as U+FFFD."""
        silent = {number for number, token in enumerate(self.tokens[:2]) if token in (UNKNOWN, END)}
        return str(self._machine.decode([int(one) for one in numbers if int(one) not in silent]))


class BytePair(Tokenizer):
    """Frequent words are one token, rare ones several, and nothing is unknown: in the end every byte is a token.

    Source: Sennrich et al. 2016, "Neural machine translation of rare words with subword units", arXiv:1508.07909; over
    bytes: Radford et al. 2019, "Language models are unsupervised multitask learners".
    """

    kind: Literal["byte_pair"] = "byte_pair"
    most: int = Field(
        4096, ge=BYTES + 2, le=1_000_000, description="how many tokens there are at most, the 256 bytes among them"
    )
    at_least: int = Field(
        2, ge=1, le=10**9, description="how often a pair occurs in the train part, at least, to be made one"
    )

    def fit(self, data: DataSet) -> FittedBytePair:
        """The pairs of the train part. Raises `Refused` where the library `tokenizers` is not installed."""
        trainer, machine = _learning(self)
        machine.train_from_iterator(train_texts(data), trainer)
        return _fitted(machine)


def _learning(section: BytePair) -> tuple[Trainer, Machine]:
    try:
        from tokenizers.models import BPE
        from tokenizers.pre_tokenizers import ByteLevel
        from tokenizers.trainers import BpeTrainer
    except ImportError as error:
        rule = "pairs of bytes are learned by the library `tokenizers`, which is not installed"
        raise Refused(f'{rule}: pip install "rnnlib[text]"') from error
    trainer = BpeTrainer(
        vocab_size=section.most,
        min_frequency=section.at_least,
        special_tokens=[UNKNOWN, *section.further],
        initial_alphabet=sorted(ByteLevel.alphabet()),
        show_progress=False,
    )
    return trainer, _machine(BPE())


def _machine(model: Model) -> Machine:
    from tokenizers import Tokenizer as Machine
    from tokenizers.decoders import ByteLevel as Decoder
    from tokenizers.pre_tokenizers import ByteLevel

    machine = Machine(model)
    machine.pre_tokenizer = ByteLevel(add_prefix_space=False)
    machine.decoder = Decoder()
    return machine


def _fitted(machine: Machine) -> FittedBytePair:
    """The library's own state, as small values."""
    model = json.loads(machine.to_str())["model"]
    tokens = sorted(model["vocab"], key=model["vocab"].get)
    return FittedBytePair(tokens=tuple(tokens), merges=tuple((one, other) for one, other in model["merges"]))
