"""The elements of a MATLAB file, walked before scipy reads it: its reader trusts types and lengths as it finds them."""

from __future__ import annotations

import mmap
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import NamedTuple

_HEADER = 128
_SIGNED, _UNSIGNED, _MATRIX, _COMPRESSED = 5, 6, 14, 15
_TEXTS = frozenset({1, 2, 16})
_WIDTHS: Mapping[int, int] = {1: 1, 2: 1, 3: 2, 4: 2, 5: 4, 6: 4, 7: 4, 9: 8, 12: 8, 13: 8, 16: 1, 17: 2, 18: 4}
"""Bytes of a value, by the type of an element."""
_CELLS, _STRUCTURE, _OBJECT, _CHARACTERS, _SPARSE, _FUNCTION, _OPAQUE = 1, 2, 3, 4, 5, 16, 17
_NUMBERS = range(6, 16)
_COMPLEX = 1 << 11
_MOST_DIMENSIONS, _DEEPEST = 32, 50


class Element(NamedTuple):
    """The type of an element, and where its bytes are."""

    type: int
    start: int
    stop: int

    @property
    def size(self) -> int:
        """Bytes."""
        return self.stop - self.start


def refuse_damaged(path: Path) -> None:
    """Raises `ValueError` for a file of version 5 in which an element is not what its type and its length say.

    What is of another version is left to its reader, which trusts nothing.

    Source: MathWorks, MAT-File Format: a header of 128 bytes, then elements; a matrix is an element of elements.
    """
    with path.open("rb") as stream:
        head = stream.read(_HEADER)
        if len(head) < _HEADER or 0 in head[:4] or head[125 if head[126] == ord("I") else 124] != 1:
            return
        order = "<" if head[126:] == b"IM" else ">"
        with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
            _file(content, order)


def _file(content: mmap.mmap, order: str) -> None:
    at = _HEADER
    while at < len(content):
        _need(at + 8 <= len(content), "it ends within the tag of an element", at)
        kind, size = struct.unpack_from(f"{order}II", content, at)
        start, at = at + 8, at + 8 + size
        _need(size > 0 and at <= len(content), f"an element has {size} bytes, the file {len(content) - start}", start)
        if kind == _COMPRESSED:
            matrix = zlib.decompress(content[start:at])
            _need(len(matrix) >= 8, "a compressed element holds no tag", start)
            kind, size = struct.unpack_from(f"{order}II", matrix)
            _need(size <= len(matrix) - 8, f"a matrix has {size} bytes, {len(matrix) - 8} were compressed", start)
            walk, begin = _Walk(matrix, order), 8
        else:
            walk, begin = _Walk(content, order), start
        _need(kind == _MATRIX, f"expected a matrix, received an element of type {kind}", start)
        walk.matrix(Element(kind, begin, begin + size), 1)


@dataclass(frozen=True)
class _Walk:
    """The elements of one variable."""

    content: bytes | mmap.mmap
    order: str

    def matrix(self, whole: Element, depth: int) -> None:
        """Raises `ValueError` where what a matrix consists of is not what its header says."""
        _need(depth <= _DEEPEST, f"matrices lie in each other more than {_DEEPEST} deep", whole.start)
        parts = self._parts(whole)
        _need(len(parts) >= 2 and parts[0].type == _UNSIGNED and parts[0].size == 8, "a matrix has flags", whole.start)
        flags = self._numbers(parts[0])[0]
        kind = flags & 0xFF
        if kind == _OPAQUE:
            _need(len(parts) == 5, "an opaque value has three names and a matrix", whole.start)
            self._within(parts[4:], depth)
            return
        count = self._count(parts[1])
        _need(len(parts) >= 3 and parts[2].type in _TEXTS, "a matrix has a name", whole.start)
        rest = parts[3:]
        if kind in (_STRUCTURE, _OBJECT):
            rest, count = self._fields(rest[kind == _OBJECT :], count, whole)
        if kind in (_CELLS, _STRUCTURE, _OBJECT, _FUNCTION):
            count = 1 if kind == _FUNCTION else count
            _need(len(rest) == count, f"it has {len(rest)} cells or fields, its header says {count}", whole.start)
            self._within(rest, depth)
            return
        halves = 2 if flags & _COMPLEX else 1
        indices = 2 if kind == _SPARSE else 0
        _need(kind in _NUMBERS or kind in (_SPARSE, _CHARACTERS), f"a matrix of class {kind}", whole.start)
        _need(len(rest) == indices + (1 if kind == _CHARACTERS else halves), "parts are missing", whole.start)
        for part in rest:
            _need(part.type in _WIDTHS, f"values are of type {part.type}, which there is not", part.start)
            if kind in _NUMBERS:
                held = part.size / _WIDTHS[part.type]
                _need(held == count, f"it has {held:g} values, its header says {count}", part.start)

    def _within(self, parts: list[Element], depth: int) -> None:
        for part in parts:
            _need(part.type == _MATRIX, f"expected a matrix, received an element of type {part.type}", part.start)
            if part.size:
                self.matrix(part, depth + 1)

    def _fields(self, parts: list[Element], count: int, whole: Element) -> tuple[list[Element], int]:
        """The values of a structure's fields, and how many there must be."""
        _need(
            len(parts) >= 2 and parts[0].type == _SIGNED and parts[0].size == 4, "a structure has fields", whole.start
        )
        width, names = self._numbers(parts[0])[0], parts[1]
        _need(0 < width <= 1024 and names.type in _TEXTS and names.size % width == 0, "names of fields", names.start)
        text = self.content[names.start : names.stop]
        closed = all(0 in text[start : start + width] for start in range(0, len(text), width))
        _need(closed, "a field's name does not end", names.start)
        return parts[2:], count * (names.size // width)

    def _count(self, part: Element) -> int:
        """How many values the dimensions make."""
        known = part.type in (_SIGNED, _UNSIGNED) and part.size % 4 == 0 and 8 <= part.size <= 4 * _MOST_DIMENSIONS
        _need(known, f"a matrix has 2 to {_MOST_DIMENSIONS} dimensions", part.start)
        dimensions = self._numbers(part, signed=True)
        _need(min(dimensions) >= 0, f"dimensions of {list(dimensions)}", part.start)
        return prod(dimensions)

    def _parts(self, whole: Element) -> list[Element]:
        """The elements that an element consists of; none reaches beyond it."""
        found, at = [], whole.start
        while at < whole.stop:
            _need(at + 8 <= whole.stop, "it ends within the tag of an element", at)
            kind, size = struct.unpack_from(f"{self.order}II", self.content, at)
            start, at = at + 8, at + 8 + size + -size % 8
            if kind >> 16:  # a small element: two numbers of 16 bits, then its value within the tag
                kind, size, start, at = kind & 0xFFFF, kind >> 16, start - 4, start
                _need(size <= 4, f"a small element of {size} bytes", start)
            _need(start + size <= whole.stop, f"an element of {size} bytes reaches beyond its matrix", start)
            found.append(Element(kind, start, start + size))
        return found

    def _numbers(self, part: Element, *, signed: bool = False) -> tuple[int, ...]:
        return struct.unpack_from(f"{self.order}{part.size // 4}{'i' if signed else 'I'}", self.content, part.start)


def _need(holds: bool, said: str, at: int) -> None:
    if not holds:
        raise ValueError(f"damaged at byte {at}: {said}")
