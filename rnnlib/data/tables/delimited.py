"""Delimited text: bytes in, a table out.

No value is guessed from the first rows: what they seem to be is tried on all rows, and where one does not fit, or says
more than a number can hold, everything is read as text and looked at as such. So an error can name its row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
from jaxtyping import Int64
from numpy import ndarray

from rnnlib.data.tables.plain import plain
from rnnlib.data.text_types import SAMPLE, in_range, typed
from rnnlib.errors import DataError
from rnnlib.place import File

_MARK = b"\xef\xbb\xbf"
_PACKED: Mapping[bytes, str] = {
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"PK\x03\x04": "zip, or a spreadsheet",
}
"""How packed files begin."""


class Delimited(NamedTuple):
    """How a delimited file is written."""

    separator: str
    quote: str | None
    null_values: tuple[str, ...]
    encoding: str

    def read(self, files: Sequence[File]) -> list[pl.DataFrame]:
        """Every file as a table, missing values null; a column has the type of all its values in all files.

        Raises `DataError` for an empty file, bytes of another encoding, NUL bytes, ragged rows, a column named twice.
        """
        texts = [self._text(file) for file in files]
        frames = self._at_once(texts, files)
        if frames is None:
            frames = [self._frame(text, file.shown, None) for text, file in zip(texts, files, strict=True)]
        return frames

    def as_written(self, file: File) -> pl.DataFrame:
        """The same of one file with every value as its text; raises as `read` does."""
        return self._frame(self._text(file), file.shown, None)

    def _text(self, file: File) -> bytes:
        text = _decoded(file.path.read_bytes(), self.encoding, file.shown)
        if not text:
            raise DataError("the file is empty: it needs a header and rows", file=file.shown)
        self._quotes_in_pairs(text, file.shown)
        header = self._parsed(text, file.shown, null_values=(), rows=1, header=False).row(0)
        if any("\ufffd" in (name or "") for name in header):  # the only row that polars does not check
            _refuse_other_encoding(text, file.shown)
        _named(header, file.shown)
        return text

    def _at_once(self, texts: Sequence[bytes], files: Sequence[File]) -> list[pl.DataFrame] | None:
        """The files parsed with the types that the first rows seem to have; none where a row does not bear them out."""
        if "" not in self.null_values or not all(plain(text, self.separator, self.quote) for text in texts):
            return None
        sample = self._parsed(texts[0], files[0].shown, null_values=self.null_values, rows=SAMPLE, header=True)
        schema = {
            name: dtype for name, dtype in typed(sample).schema.items() if sample[name].null_count() < len(sample)
        }
        try:
            frames = [self._frame(text, file.shown, schema) for text, file in zip(texts, files, strict=True)]
        except pl.exceptions.PolarsError:
            return None
        whole = all(in_range(frame) for frame in frames)
        return frames if whole else None

    def _frame(self, text: bytes, shown: str, schema: Mapping[str, pl.DataType] | None) -> pl.DataFrame:
        frame = self._parsed(text, shown, null_values=self.null_values, rows=None, header=True, schema=schema)
        # polars fills up short rows without a word; they end in an empty value, so only then is it worth a look
        last = frame.to_series(frame.width - 1)
        if frame.width > 1 and (last.null_count() or (last.dtype == pl.String and (last == "").any())):
            self._even(text, shown)
        return frame

    def _parsed(
        self,
        text: bytes,
        shown: str,
        *,
        null_values: tuple[str, ...],
        rows: int | None,
        header: bool,
        schema: Mapping[str, pl.DataType] | None = None,
    ) -> pl.DataFrame:
        try:
            return pl.read_csv(
                text,
                separator=self.separator,
                quote_char=self.quote,
                null_values=list(null_values),
                empty_string_is_null="" in null_values,
                infer_schema=False,
                schema_overrides=schema,
                has_header=header,
                n_rows=rows,
            )
        except pl.exceptions.PolarsError as error:
            if schema is not None:
                raise
            _refuse_other_encoding(text, shown)
            self._even(text, shown)
            reason = str(error).partition("\n")[0]
            raise DataError(f"cannot be read as delimited text, check its quotes: {reason}", file=shown) from error

    def _quotes_in_pairs(self, text: bytes, shown: str) -> None:
        if self.quote is not None and text.count(self.quote.encode()) % 2:
            row = _fields(text, self.separator, self.quote).size - 1
            rule = f"quotes ({self.quote}) come in pairs, and the last one that opens in this row is never closed"
            raise DataError(f"{rule}: close it, double it, or name another `quote`", file=shown, row=row)

    def _even(self, text: bytes, shown: str) -> None:
        fields = _fields(text, self.separator, self.quote)
        odd = np.flatnonzero(fields != fields[0])
        if odd.size:
            found, row = int(fields[odd[0]]), int(odd[0])
            rule = f"a row has as many fields as the header, {fields[0]}: received {found}"
            raise DataError(f"{rule}; check the separator, the quotes and the end of the file", file=shown, row=row)


def _decoded(content: bytes, encoding: str, shown: str) -> bytes:
    """The text as UTF-8, without a byte order mark and without empty lines at its ends."""
    if packed := next((name for begin, name in _PACKED.items() if content.startswith(begin)), None):
        raise DataError(f"this is no text ({packed}): unpack it, or save it as text", file=shown)
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise DataError("this is UTF-16: save the file as UTF-8", file=shown)
    if (nul := content.find(b"\0")) >= 0:
        raise DataError(f"line {_line(content, nul)} holds a NUL byte: the file is damaged or no text", file=shown)
    if encoding == "latin-1" and content.startswith(_MARK):
        raise DataError("this is UTF-8, as its first bytes say: leave `encoding` out", file=shown)
    if encoding == "latin-1":
        content = content if content.isascii() else content.decode("latin-1").encode()
    content = content.removeprefix(_MARK)
    if b"\n" not in content and b"\r" in content:
        raise DataError("its lines end as on an old Mac, in `\\r`: save it with ends of `\\n`", file=shown)
    # one end of a line needs no copy of the whole
    blank = content[:1] in (b"\r", b"\n") or content[-3:].rstrip(b"\r\n") == b"" or content[-2:] == b"\n\n"
    return content.strip(b"\r\n") if blank else content


def _refuse_other_encoding(text: bytes, shown: str) -> None:
    """polars says that there is another byte; this says where."""
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        rule = f"line {_line(text, error.start)} holds the byte 0x{text[error.start]:02x}, which is no UTF-8"
        raise DataError(f"{rule}: save the file as UTF-8 or name its `encoding: latin-1`", file=shown) from error


def _line(content: bytes, position: int) -> int:
    return content.count(b"\n", 0, position) + 1


def _named(header: tuple[str | None, ...], shown: str) -> None:
    for position, name in enumerate(header):
        if not name:
            raise DataError(f"column {position + 1} of the header has no name: give it one", file=shown)
        if name in header[:position]:
            raise DataError("two columns have this name: rename one", file=shown, column=name)


def _fields(text: bytes, separator: str, quote: str | None) -> Int64[ndarray, " records"]:
    """The number of fields of every record, the header's first."""
    characters = np.frombuffer(text.rstrip(b"\r\n"), np.uint8)
    outside = np.ones(characters.size, bool)
    if quote is not None and quote.encode() in text:
        outside = np.bitwise_xor.accumulate(characters == ord(quote)) == 0
    ends = np.append(np.flatnonzero((characters == ord("\n")) & outside), characters.size)
    between = np.flatnonzero((characters == ord(separator)) & outside)
    return np.diff(np.searchsorted(between, ends), prepend=0) + 1
