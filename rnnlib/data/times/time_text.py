"""Times written as text: ISO 8601, or a pattern that the spec names. All times of a column are written alike."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import polars as pl

from rnnlib.data.about import TimeAxis
from rnnlib.data.origin import SourceColumn
from rnnlib.data.times.clock import Clock
from rnnlib.data.times.zones import Times, located, microseconds, zoneless

_DATE = r"\d{4}-\d{2}-\d{2}"
_ISO = (
    (r"\d{4}-\d{2}", "%Y-%m"),
    (_DATE, "%Y-%m-%d"),
    (_DATE + r"[ T]\d{2}:\d{2}", "%Y-%m-%d %H:%M"),
    (_DATE + r"[ T]\d{2}:\d{2}:\d{2}", "%Y-%m-%d %H:%M:%S"),
    (_DATE + r"[ T]\d{2}:\d{2}:\d{2}\.\d{3}", "%Y-%m-%d %H:%M:%S.%3f"),
    (_DATE + r"[ T]\d{2}:\d{2}:\d{2}\.\d{6}", "%Y-%m-%d %H:%M:%S.%6f"),
    (_DATE + r"[ T]\d{2}:\d{2}:\d{2}\.\d+", "%Y-%m-%d %H:%M:%S%.f"),
)
_LEAP = r":60(?:\D|$)"
_TOO_FINE = r"\.\d{6}\d*[1-9]"
_OFFSET = r"(\d{2}:\d{2}[\d:.]*) ?(Z|[+-]\d{2}(?::?\d{2})?)$"

DIRECTIVES = re.compile(r"[^%]*(%([YymdbBHIMSpjzTFRf]|\.f|%)[^%]*)+")
"""The patterns that `time_format` may be."""


class Read(NamedTuple):
    """Times as numbers, how they are to be read, and the type of their column in words."""

    times: Times
    axis: TimeAxis
    type: str
    repairs: Mapping[str, int] = MappingProxyType({})


def unreadable(written: str) -> str:
    """Why no text can be read by a pattern; empty where it can."""
    try:
        _parsed(pl.Series(["x"]), written)
    except pl.exceptions.PolarsError as error:
        return str(error).partition("\n")[0].removeprefix("Invalid format string: ").rstrip(".")
    return ""


def as_iso(values: pl.Series, written: str) -> bool:
    """Whether text that should be written as a pattern is not, but in ISO 8601: the first value tells."""
    if values.dtype != pl.String or not values.len() or values[0] is None:
        return False
    first = re.sub(_OFFSET, r"\1", values[0])
    return bool(_parsed(values[:1], written).null_count()) and any(re.fullmatch(form, first) for form, _ in _ISO)


def from_text(
    column: SourceColumn, zone: str | None, written: str | None, clock: Clock, sequence: Times | None = None
) -> Read:
    """The times of a column of text, in ISO 8601 or as the pattern `written` (strptime) spells them.

    Raises `DataError` for the first one that is written otherwise, and for naive beside aware ones.
    """
    leaps = column.values.str.contains(":60", literal=True)
    if leaps.any():
        rule = "a clock shows minutes and seconds from 0 to 59: a leap second would be read as the one after it"
        column.refuse_where(leaps & column.values.str.contains(_LEAP), rule)
    if written is not None:
        return _as_written(column, zone, written, clock, sequence)
    pattern = _pattern(column)
    parsed = _parsed(column.values, pattern)
    if pattern.endswith("%.f"):
        _refuse_finer(column)
    if not parsed.null_count():
        return _naive(column, parsed, pattern, TimeAxis(zone=zone), clock, sequence)
    offsets = column.values.str.extract(_OFFSET, 2)
    if offsets.null_count() < len(offsets):
        return _with_offsets(column, offsets, pattern, zone)
    _refuse_finer(column)
    parsed = _parsed_with_fractions(column.values, pattern)
    column.refuse_where(parsed.is_null(), f"expected a time on the calendar, written like the first as `{pattern}`")
    return _naive(column, parsed, pattern, TimeAxis(zone=zone), clock, sequence)


def _as_written(column: SourceColumn, zone: str | None, written: str, clock: Clock, sequence: Times | None) -> Read:
    parsed = _parsed(column.values, written)
    column.refuse_where(parsed.is_null(), f"times are written as the `time_format` {written!r} says")
    if isinstance(parsed.dtype, pl.Datetime) and parsed.dtype.time_zone is not None:
        return Read(microseconds(parsed), TimeAxis(zone=zone or "UTC", written=written), "date-time with zone")
    return _naive(column, parsed, written, TimeAxis(zone=zone, written=written), clock, sequence)


def _naive(  # noqa: PLR0917
    column: SourceColumn, parsed: pl.Series, pattern: str, axis: TimeAxis, clock: Clock, sequence: Times | None
) -> Read:
    if not re.search(r"%[HIMSTRf.]", pattern):
        return Read(microseconds(parsed), zoneless(column, "date", axis.zone, axis.written), "date")
    times, repairs = located(column, microseconds(parsed), axis.zone, clock, sequence)
    return Read(times, axis, "date-time", repairs)


def _with_offsets(column: SourceColumn, offsets: pl.Series, pattern: str, zone: str | None) -> Read:
    aware = offsets.is_not_null()
    first = "with one" if aware[0] else "without one"
    rule = f"times are aware (with an offset from UTC) or naive, never both, and the first is {first}"
    column.refuse_where(aware != aware[0], rule)
    shifts = _minutes(offsets)
    if zone is None:
        rule = f"the times carry several offsets from UTC, first {offsets[0]}: name the `zone` that they come from"
        column.refuse_where(shifts != shifts[0], rule)
    _refuse_finer(column)
    parsed = _parsed_with_fractions(column.values.str.replace(_OFFSET, "$1"), pattern)
    column.refuse_where(parsed.is_null(), f"expected a time on the calendar, written like the first as `{pattern}`")
    times = microseconds(parsed) - shifts * 60_000_000
    return Read(times, TimeAxis(zone=zone or "UTC"), "date-time with zone")


def _refuse_finer(column: SourceColumn) -> None:
    finer = column.values.str.contains(_TOO_FINE)
    column.refuse_where(finer, "times are kept in microseconds, and finer ones would be cut off")


def _pattern(column: SourceColumn) -> str:
    first = re.sub(_OFFSET, r"\1", str(column.values[0]))
    for form, pattern in _ISO:
        if re.fullmatch(form, first):
            return pattern.replace(" ", "T") if "T" in first else pattern
    rule = "a time is written as in ISO 8601 (`2026-01-31`, `2026-01-31 12:00:00`, with `Z` or `+01:00` where aware)"
    remedy = column.remedy(
        spec="name another form as `time_format: '%d.%m.%Y %H:%M'`",
        rows="write it as in the data that the model was trained on",
    )
    raise column.error(f"{rule}: received {column.shown(0)}; {remedy}", 0)


def _parsed_with_fractions(text: pl.Series, pattern: str) -> pl.Series:
    """As `_parsed`; whole seconds and fractions may stand side by side (Python writes no `.000000`)."""
    return _parsed(text, re.sub(r"%S.*", "%S%.f", pattern))


def _parsed(text: pl.Series, pattern: str) -> pl.Series:
    """Date-times, null where the text does not follow the pattern. A missing day is the first, a missing minute 0."""
    if not re.search(r"%[djF]", pattern):
        text, pattern = "01 " + text, "%d " + pattern
    if re.search(r"%[HI]", pattern) and "%M" not in pattern:
        text, pattern = "00 " + text, "%M " + pattern
    pattern = pattern.replace(".%f", "%.f")  # polars reads %f as so many nanoseconds: .5 would be 5 of them
    if "%f" in pattern:
        tried = [_parsed(text, pattern.replace("%f", f"%{digits}f")) for digits in (3, 6, 9)]
        return min(tried, key=pl.Series.null_count)
    return text.str.to_datetime(pattern, strict=False, time_unit="us")


def _minutes(offsets: pl.Series) -> Times:
    different = offsets.unique().to_list()
    return offsets.replace_strict(different, list(map(_shift, different)), return_dtype=pl.Int64).to_numpy()


def _shift(offset: str) -> int:
    digits = offset[1:].replace(":", "").ljust(4, "0")
    return 0 if offset == "Z" else (-1 if offset[0] == "-" else 1) * (int(digits[:2]) * 60 + int(digits[2:]))
