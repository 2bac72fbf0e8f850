"""Typed strings of a spec: durations (`28d`), percentages (`5%`), and amounts that may be either or a count."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema


class _Written(ABC):
    """A value that a spec writes as one string, and that prints as it was written."""

    pattern: ClassVar[str]
    example: ClassVar[str]

    @classmethod
    @abstractmethod
    def read(cls, text: str) -> Self:
        """The value that `text` spells; raises `ValueError` where it spells none."""

    @classmethod
    def _validate(cls, value: object) -> Self:
        if isinstance(value, cls):
            return value
        if not isinstance(value, str) or not re.fullmatch(cls.pattern, value):
            raise ValueError(f"expected {cls.example}, received {value!r}")
        return cls.read(value)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls._validate, serialization=core_schema.plain_serializer_function_ser_schema(str, return_schema=None)
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{cls.pattern}$", "examples": [cls.example.split(" ")[-1].strip("`")]}


_MONTHS = {"mo": 1, "y": 12}
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


@dataclass(frozen=True, order=False)
class Duration(_Written):
    """A length of time: a whole number and a unit of `s m h d w mo y`.

    Months and years are calendar units: they have no fixed number of seconds, and `polars` counts them on a calendar.
    """

    count: int
    unit: str

    pattern: ClassVar[str] = r"[1-9][0-9]{0,8}(s|m|h|d|w|mo|y)"
    example: ClassVar[str] = "a duration such as `28d`"

    @classmethod
    def read(cls, text: str) -> Self:
        """The duration that `text` spells."""
        count = re.match(r"[0-9]+", text)
        if count is None:
            raise ValueError(f"expected {cls.example}, received {text!r}")
        return cls(int(count.group()), text[count.end() :])

    @property
    def calendar(self) -> bool:
        """Whether it is counted on a calendar (months and years)."""
        return self.unit in _MONTHS

    def timedelta(self) -> timedelta:
        """The fixed length; raises `ValueError` for calendar units."""
        if self.calendar:
            raise ValueError(f"`{self}` is counted on a calendar and has no fixed number of seconds")
        return timedelta(seconds=self.count * _SECONDS[self.unit])

    def __str__(self) -> str:
        return f"{self.count}{self.unit}"


@dataclass(frozen=True, order=True)
class Percent(_Written):
    """A share written in percent: `5%` has the value 0.05."""

    written: str
    pattern: ClassVar[str] = r"[0-9]{1,3}(\.[0-9]{1,6})?%"
    example: ClassVar[str] = "a percentage such as `5%`"

    @classmethod
    def read(cls, text: str) -> Self:
        """The percentage that `text` spells."""
        return cls(text)

    @property
    def value(self) -> float:
        """The share as a number: 0.05 for `5%`."""
        return float(self.written.removesuffix("%")) / 100

    def __str__(self) -> str:
        return self.written
