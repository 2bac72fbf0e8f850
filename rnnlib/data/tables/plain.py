"""Whether a delimited text may be parsed as numbers at once: no field hides something that a parser would drop.

A CSV parser reads `007` as 7, and ` 5` as 5. Both are found in the bytes, without making a text of every field.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, UInt8
from numpy import ndarray

_PIECE = 1 << 17
"""Bytes that are looked at together: few enough to stay in the processor's cache."""
_REACH = 4
_ZERO, _TEN = np.uint8(ord("0")), np.uint8(10)


def plain(text: bytes, separator: str, quote: str | None) -> bool:
    """Whether no field starts with a space, a tab or a zero before another digit (`007`, `-01.5`)."""
    characters = np.frombuffer(b"\n" + text[:_REACH] + b"\n" * _REACH, np.uint8)
    before = [ord(separator), ord("\n")]
    if quote is not None and quote.encode() in text:
        before.append(ord(quote))
    if _odd(characters, before):
        return False
    characters = np.frombuffer(text, np.uint8)
    return not any(
        _odd(characters[start : start + _PIECE + _REACH], before) for start in range(0, len(text) - _REACH, _PIECE)
    ) and not _odd(np.frombuffer(text[-_REACH:] + b"\n" * _REACH, np.uint8), before)


def _odd(characters: UInt8[ndarray, " bytes"], before: list[int]) -> bool:
    """Whether a field starts oddly in the first bytes; the last three are only looked at from there."""
    start = _starts(characters[:-3], before)
    first, second, third = characters[1:-2], characters[2:-1], characters[3:]
    odd = (first == ord(" ")) | (first == ord("\t"))
    odd |= (first == _ZERO) & (second - _ZERO < _TEN)
    signed = (second == _ZERO) & (third - _ZERO < _TEN)
    if signed.any():
        odd |= signed & ((first == ord("-")) | (first == ord("+")))
    return bool((odd & start).any())


def _starts(characters: UInt8[ndarray, " bytes"], before: list[int]) -> Bool[ndarray, " bytes"]:
    found: Bool[ndarray, " bytes"] = characters == before[0]
    for one in before[1:]:
        found |= characters == one
    return found
