"""The cases of a file of the UCR and UEA archive, in either of its two forms."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from rnnlib.errors import DataError
from rnnlib.place import File

Lines = Sequence[tuple[int, str]]
"""Lines with their numbers, counted from 1."""


class Case(NamedTuple):
    """One line of a file."""

    values: Float64[ndarray, "time dimension"]
    label: str | float | None


class _Header(NamedTuple):
    """What a `.ts` file says of its cases."""

    said: Mapping[str, str]
    """Everything by its word, in small letters."""
    labelled: bool
    target: bool
    """Whether the label is a number."""
    classes: frozenset[str]

    def true(self, name: str) -> bool:
        """Whether the file says that this is so."""
        return self.said.get(name, "").lower() == "true"

    def number(self, name: str) -> int | None:
        """A whole number, where the file says one."""
        return int(self.said[name]) if self.said.get(name, "").isdecimal() else None


def cases_of(file: File) -> list[Case]:
    """The cases of a file; raises `DataError` where it is empty, damaged, or contradicts itself."""
    lines = list(_lines(file))
    if not lines:
        raise DataError("the file is empty: it needs a case in each line", file=file.shown)
    cases = list(_of_ts(lines, file) if lines[0][1].startswith("@") else _of_txt(lines, file))
    if not cases:
        raise DataError("the file has a header and no cases", file=file.shown)
    width = cases[0].values.shape[1]
    for number, case in enumerate(cases, start=1):
        if case.values.shape[1] != width or not len(case.values):
            rule = f"every case has a step or more of as many dimensions as the first, {width}"
            raise DataError(f"{rule}: case {number} is {list(case.values.shape)}", file=file.shown)
    return cases


def _lines(file: File) -> Iterator[tuple[int, str]]:
    """The lines that say something; a comment may be of any encoding."""
    for number, line in enumerate(file.path.read_bytes().removeprefix(BOM_UTF8).splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith((b"#", b"%")):
            continue
        try:
            yield number, line.decode().strip()
        except UnicodeDecodeError as error:
            raise DataError(f"line {number} is no UTF-8: save the file as UTF-8", file=file.shown) from error


def _of_ts(lines: Lines, file: File) -> Iterator[Case]:
    """Dimensions parted by `:`, their values by commas, and the label last."""
    start = next((at for at, (_, line) in enumerate(lines) if line.lower() == "@data"), None)
    if start is None:
        raise DataError("a `.ts` file has a line `@data` before its cases: add it", file=file.shown)
    header = _header(lines[:start], file)
    length = header.number("@serieslength")
    for number, line in lines[start + 1 :]:
        dimensions = line.split(":")
        label = dimensions.pop() if header.labelled else None
        values = _together([_numbers(one.split(","), number, file) for one in dimensions])
        length = len(values) if length is None else length
        _agree(values, header, length, number, file)
        yield Case(values, None if label is None else _label(label.strip(), header, number, file))


def _header(lines: Lines, file: File) -> _Header:
    said = {name.lower(): " ".join(rest) for name, *rest in (line.split() for _, line in lines)}
    labelled, *classes = said.get("@classlabel", "").split() or [""]
    header = _Header(said, labelled.lower() == "true", False, frozenset(classes))
    if header.true("@timestamps"):
        rule = "cases with a time for each value, `(time, value)`, are not read"
        raise DataError(f"{rule}: write the values alone, or a table with a column of times", file=file.shown)
    return header._replace(labelled=True, target=True) if header.true("@targetlabel") else header


def _agree(values: Float64[ndarray, "time dimension"], header: _Header, length: int, number: int, file: File) -> None:
    """Raises `DataError` where a case is not what its file says of it: a line that was cut off is known by that."""
    steps, dimensions = values.shape
    said = 1 if header.true("@univariate") else header.number("@dimensions") or header.number("@dimension")
    if said is not None and dimensions != said:
        rule = f"the file says that a case has {said} dimensions, parted by `:`"
        raise DataError(f"{rule}: line {number} has {dimensions}", file=file.shown)
    if header.true("@equallength") and steps != length:
        rule = f"the file says that all cases have the same length, {length}"
        raise DataError(f"{rule}: that of line {number} is {steps}", file=file.shown)


def _label(text: str, header: _Header, number: int, file: File) -> str | float:
    if header.target:
        return float(_numbers([text], number, file)[0])
    if header.classes and text not in header.classes:
        rule = f"line {number} ends in its class, one of those that `@classLabel` names"
        raise DataError(f"{rule}: received `{text[:60]}`", file=file.shown)
    return text


def _of_txt(lines: Lines, file: File) -> Iterator[Case]:
    """Fields parted by blanks, the class first."""
    for number, line in lines:
        label, *fields = line.split()
        if not fields:
            rule = "a line is a class and its values, parted by blanks"
            raise DataError(f"{rule}: line {number} has one field, `{line[:60]}`", file=file.shown)
        yield Case(_numbers(fields, number, file).reshape(-1, 1), _class(label))


def _class(text: str) -> str:
    """The class as it stands; a whole number that is written `1.0000000e+00` is `1`."""
    try:
        number = float(text)
    except ValueError:
        return text
    return str(int(number)) if number.is_integer() else text


def _numbers(fields: Sequence[str], number: int, file: File) -> Float64[ndarray, " time"]:
    """Values, NaN where one is missing; none of an empty dimension."""
    if len(fields) == 1 and not fields[0].strip():
        return np.empty(0)
    try:
        return np.array([float("nan" if one.strip() == "?" else one) for one in fields])
    except ValueError as error:
        rule = f"line {number} holds something that is no number (a missing one is `?`)"
        raise DataError(f"{rule}: {error}", file=file.shown) from error


def _together(dimensions: Sequence[Float64[ndarray, " _"]]) -> Float64[ndarray, "time dimension"]:
    """Dimensions side by side; one that is shorter misses its last values."""
    values = np.full((max(map(len, dimensions), default=0), len(dimensions)), np.nan)
    for position, one in enumerate(dimensions):
        values[: len(one), position] = one
    return values
