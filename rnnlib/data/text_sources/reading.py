"""Files of text: decoded, cut into lines, and their rows put behind each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import polars as pl

from rnnlib.data.tables.base import FILE
from rnnlib.errors import DataError
from rnnlib.place import File

Encoding = Literal["utf8", "latin-1"]

SENTENCE = "sentence"
"""The column that numbers the sentences of all files, from 1."""

_MARK = b"\xef\xbb\xbf"


def read_text(file: File, encoding: Encoding) -> str:
    """The content of a file; a byte order mark is skipped.

    Raises `DataError` for an empty file, and for bytes that are no text of this encoding.
    """
    content = file.path.read_bytes()
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise DataError("this is UTF-16: save the file as UTF-8", file=file.shown)
    if encoding == "latin-1" and content.startswith(_MARK):
        raise DataError("this is UTF-8, as its first bytes say: leave `encoding` out", file=file.shown)
    if (nul := content.find(b"\0")) >= 0:
        line = content.count(b"\n", 0, nul) + 1
        raise DataError(f"line {line} holds a NUL byte: the file is damaged or no text", file=file.shown)
    content = content.removeprefix(_MARK)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        rule = f"line {line} holds the byte 0x{content[error.start]:02x}, which is no UTF-8"
        raise DataError(f"{rule}: write `encoding: latin-1`, or save the file as UTF-8", file=file.shown) from error
    if not text.strip():
        raise DataError("the file is empty: it needs text", file=file.shown)
    return text


def read_lines(file: File, encoding: Encoding) -> list[str]:
    """The lines of a file without their ends; empty ones at the end of the file are none."""
    lines = [line.removesuffix("\r") for line in read_text(file, encoding).split("\n")]
    while not lines[-1].strip():
        lines.pop()
    return lines


def joined(files: Sequence[File], frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The rows of all files; where there are several the column `file` says which, and sentences count on."""
    frame = pl.concat(frames)
    if len(files) == 1:
        return frame
    names = pl.Series([file.shown for file in files])
    of_row = np.repeat(np.arange(len(files)), [one.height for one in frames])
    if SENTENCE in frame.columns:
        counts = [one[SENTENCE].n_unique() for one in frames]
        before = np.concatenate([[0], np.cumsum(counts)[:-1]])
        frame = frame.with_columns(pl.col(SENTENCE) + pl.Series(before[of_row]))
    return frame.with_columns(names.cast(pl.Enum(names)).gather(of_row).alias(FILE))
