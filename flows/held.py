"""What columns hold that are no numbers, in a few facts: texts, words, recordings, frames."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

import numpy as np

from rnnlib.data.about import Holds
from rnnlib.data.dataset import DataSet
from rnnlib.data.encoders.tokenizer import texts_between
from rnnlib.figures import figure

_MOST, _EXAMPLES, _CUT, _READ = 12, 3, 60, 20_000
_FULL, _FLOOR = 1 - 2**-15, 1e-6


def held(data: DataSet) -> dict[str, dict[str, str]]:
    """By the name of a column, or of frames that of their first: a fact's name, and what is so.

    A closed list of categories is told by the contract.
    """
    assert data.about.contract is not None, "every load describes what it saw"
    closed = {column.name for column in data.about.contract.columns if column.categories is not None}
    found: dict[str, dict[str, str]] = {}
    for at, column in enumerate(data.about.columns):
        tell = _TOLD.get(column.holds)
        named = column.name in data.about.types or column.holds != "words"  # those of calendars are known
        if tell is not None and named and column.name not in closed and not (column.holds == "pixels" and found):
            found[column.name] = {name: fact for name, fact in tell(data, at).items() if fact}
    return found


def _texts(data: DataSet, at: int) -> dict[str, str]:
    last = min(len(data.lengths), _READ)
    texts = list(texts_between(data.raw[:, at].astype(np.int64), data.offsets[: last + 1]))
    words = [text.split() for text in texts]
    return {
        "texts": f"{len(data.lengths):,}",
        "characters of each": _spread(data.lengths),
        "words of each": _spread([len(one) for one in words]),
        "different characters": f"{len(np.unique(data.raw[:, at])):,}",
        "most frequent characters": _frequent(_visible(one) for text in texts for one in text),
        "most frequent words": _frequent(printable(word) for one in words for word in one),
        **_examples(data, texts),
    }


def _words(data: DataSet, at: int) -> dict[str, str]:
    words, codes = data.about.words[data.about.columns[at].name], data.raw[:, at]
    known = codes[~np.isnan(codes)].astype(np.int64)
    few = range(min(_EXAMPLES, len(data.lengths)))
    rows = [codes[data.offsets[one] : data.offsets[one + 1]] for one in few]
    counts = np.bincount(known, minlength=len(words))
    order = np.argsort(-counts, kind="stable")[:_MOST]
    share = ", ".join(f"{words[one]} {100 * counts[one] / max(len(known), 1):.3g} %" for one in order if counts[one])
    return {
        "different words": f"{int((counts > 0).sum()):,}, of which {int((counts == 1).sum()):,} come once",
        "words of each": _spread(data.lengths),
        "most frequent words": share,
        **_examples(data, [" ".join(words[int(one)] for one in row if not np.isnan(one)) for row in rows]),
    }


def _recordings(data: DataSet, at: int) -> dict[str, str]:
    sound, starts = np.abs(np.asarray(data.raw[:, at])), data.offsets[:-1]
    rate = data.about.rate or 1.0
    power = np.add.reduceat(sound**2, starts) / data.lengths
    full = np.maximum.reduceat(sound, starts) >= _FULL
    return {
        "rate": f"{rate:g} Hz",
        "seconds of each": _spread(data.lengths / rate),
        "seconds together": f"{figure(data.rows / rate)}",
        "loudness (RMS)": f"{_spread(10 * np.log10(np.maximum(power, _FLOOR**2)))} dB of full scale",
        "silent": f"{int((power < _FLOOR**2).sum()):,} of {len(starts):,}",
        "at full scale": f"{int(full.sum()):,} of {len(starts):,} reach it, and may be clipped",
    }


def _frames(data: DataSet, _at: int) -> dict[str, str]:
    pixels = [place for place, column in enumerate(data.about.columns) if column.holds == "pixels"]
    some = data.raw[np.linspace(0, data.rows - 1, min(data.rows, 1000)).astype(np.int64)][:, pixels]
    height, width, channels = data.about.frame or (1, len(pixels), 1)
    return {
        "frames": f"{height} × {width} pixels, {'grey' if channels == 1 else f'{channels} channels'}",
        "frames a second": "" if data.about.rate is None else f"{data.about.rate:g}",
        "frames of each": _spread(data.lengths),
        "pixels": f"{figure(float(some.min()))} to {figure(float(some.max()))}",
        "brightness": _spread(some.mean(axis=1)),
    }


_TOLD: Mapping[Holds, Callable[[DataSet, int], dict[str, str]]] = {
    "characters": _texts,
    "words": _words,
    "samples": _recordings,
    "pixels": _frames,
}


def _spread(values: Iterable[float]) -> str:
    least, middle, most = np.quantile(np.asarray(list(values), float), (0, 0.5, 1))
    return figure(least) if least == most else f"{figure(least)} to {figure(most)} (median {figure(middle)})"


def _frequent(found: Iterable[str]) -> str:
    counts = Counter(found)
    total = sum(counts.values())
    return ", ".join(f"{name} {100 * count / total:.3g} %" for name, count in counts.most_common(_MOST))


def _visible(character: str) -> str:
    return character if character.isprintable() and not character.isspace() else f"U+{ord(character):04X}"


def _examples(data: DataSet, texts: list[str]) -> dict[str, str]:
    """A few, cut: whatever cannot be printed is written as Python does."""
    shown = (text if len(text) <= _CUT else f"{text[: _CUT - 1]}…" for text in texts[:_EXAMPLES])
    return {f"`{data.sequences['key'][at]}`": printable(text) for at, text in enumerate(shown)}


def printable(text: str) -> str:
    """The text on one line, without signs that steer a terminal."""
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)
