"""Texts from a language model: token after token, each read before the next one is drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from jaxtyping import Float64
from numpy import ndarray
from pydantic import TypeAdapter

from rnnlib.bundle import Bundle
from rnnlib.data.encoders import AnyFittedEncoder, FittedEncoder, FittedTokenizer
from rnnlib.data.encoders.vocabulary import END
from rnnlib.errors import ModelError, Refused
from rnnlib.models import LanguageModel
from rnnlib.sampling import Sampling
from rnnlib.seeds import derived
from rnnlib.stream import Stream

START = "\n"
"""What stands before a text that begins with nothing, where the model knows it: texts begin after a line's end."""

_TOGETHER = 8
"""Tokens that are looked at to write the newest one: a character may be made of several, a space stand between two."""


class Writer:
    """Writes on from a text. Every token costs one step, however long the text has become."""

    def __init__(self, bundle: Bundle) -> None:
        """Raises `ModelError` for another model, and for one that does not run step by step."""
        if not isinstance(bundle.model, LanguageModel):
            rule = "texts are written by a language model"
            raise ModelError(f"{rule}: received a {bundle.model.kind}; train one with `kind: language_model`")
        self._stream = Stream(bundle)
        self._column = bundle.about.columns[0].name
        self._tokenizer = _tokenizer(bundle)
        self._read: list[int] = []
        self.ended = False
        """Whether the end of the text was drawn."""

    @property
    def known(self) -> tuple[str, ...]:
        """The tokens."""
        return self._tokenizer.tokens

    def read(self, text: str) -> list[str]:
        """Reads what the text begins with, and gives the tokens of it that the model does not know.

        They are read as unknown. Raises `Refused` where there is nothing to begin with, or more than the model reads.
        """
        begun = text or (START if START in self.known else "")
        points = np.frombuffer(begun.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.int64)
        cut = self._tokenizer.cut(points, np.array([0, len(points)]))
        if not len(cut.numbers):
            rule = "a text is written on from a token that the model has read, and there is none"
            raise Refused(f"{rule}: received {text!r}; give a seed text")
        most, count = self._stream.most, len(self._read) + len(cut.numbers)
        if most is not None and count > most:
            raise Refused(f"{_longest(most)}: received {count} to begin with; shorten the seed text")
        for number in cut.numbers.tolist():
            self._push(number)
        ends = [*cut.starts[1:].tolist(), len(begun)]
        unknown = [at for at, number in enumerate(cut.numbers.tolist()) if number == 0]
        return [begun[int(cut.starts[at]) : int(ends[at])].strip() or begun[int(cut.starts[at])] for at in unknown]

    def write(self, length: int, sampling: Sampling, seed: int) -> Iterator[str]:
        """At most `length` tokens more, as the text that they are; it ends before where the model says that it does.

        What is drawn is drawn from (seed, "generate") alone; a token that stands for what is unknown never is. Raises
        `Refused` where the text would become longer than the model reads texts (`encode.longest`).
        """
        most, count = self._stream.most, len(self._read)
        if most is not None and count + length > most:
            received = f"received {count}, and {length} more are asked for"
            raise Refused(f"{_longest(most)}: {received}; ask for at most {most - count}")
        return self._drawn(length, sampling, seed)

    def _drawn(self, length: int, sampling: Sampling, seed: int) -> Iterator[str]:
        draw, waiting = np.random.default_rng(derived(seed, "generate")), list[int]()
        for _ in range(length):
            number = sampling.drawn(self._logits(), draw)
            if self.known[number] == END:
                self.ended = True
                break
            self._push(number)
            waiting.append(number)
            if piece := self._written(waiting):
                waiting = []
                yield piece
        if waiting:
            yield self._text(waiting)

    def _push(self, number: int) -> None:
        self._stream.push({self._column: float(number)})
        self._read.append(number)

    def _logits(self) -> Float64[ndarray, " token"]:
        logits: Float64[ndarray, " token"] = self._stream.output()[0].double().numpy().copy()
        logits[0] = -np.inf
        return logits

    def _written(self, waiting: Sequence[int]) -> str:
        """What the newest tokens say; nothing while the last of them is a part of a character."""
        text = self._text(waiting)
        return "" if text.endswith("\N{REPLACEMENT CHARACTER}") and len(waiting) < _TOGETHER else text

    def _text(self, waiting: Sequence[int]) -> str:
        end = len(self._read) - len(waiting)
        before = self._read[max(end - _TOGETHER, 0) : end]
        return self._tokenizer.text_of([*before, *waiting])[len(self._tokenizer.text_of(before)) :]


def generate(
    bundle: Bundle, seed_text: str = "", *, length: int = 200, sampling: Sampling | None = None, seed: int = 0
) -> str:
    """A text of at most `length` tokens that goes on from `seed_text`, which is not repeated; see `Writer` for pieces.

    Raises `ModelError` for a model that is no language model or does not run step by step, `Refused` where a token of
    the seed text is not known.
    """
    writer = Writer(bundle)
    if unknown := writer.read(seed_text):
        rule = "a seed text is made of tokens that the model knows"
        raise Refused(f"{rule}: received {', '.join(map(repr, unknown[:8]))}; leave them out")
    return "".join(writer.write(length, sampling or Sampling(), seed))


def _longest(most: int) -> str:
    return f"the model reads {most} tokens of a text, where `encode.longest` cuts them, and knows nothing of later ones"


_ENCODERS: TypeAdapter[FittedEncoder] = TypeAdapter(AnyFittedEncoder)


def _tokenizer(bundle: Bundle) -> FittedTokenizer:
    found = [_ENCODERS.validate_python(state) for state in bundle.about.encoders]
    tokenizers = [one for one in found if isinstance(one, FittedTokenizer)]
    if len(tokenizers) != 1:
        raise ModelError(f"texts are written in one vocabulary: received {len(tokenizers)}; train with one `encode`")
    return tokenizers[0]
