"""What people see: rich tables on a terminal, plain text in a pipe, no colour with `NO_COLOR`."""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from rnnlib.errors import Notice, Refused
from rnnlib.figures import figure

# What is printed is the data's: `[kwh]` is no style of rich's, `:boom:` no picture. A pipe has no width to keep to.
out = Console(markup=False, emoji=False, highlight=False, width=None if sys.stdout.isatty() else 10_000)
err = Console(stderr=True, markup=False, emoji=False, highlight=False, soft_wrap=True)

_NAME = 30
"""Characters that a name in the first column of a table keeps on one line, however short the line is."""


def say(line: str = "") -> None:
    """A line of output, never wrapped: paths stay in one piece."""
    out.print(Text(line), soft_wrap=True)


def complain(refusal: Refused | str) -> None:
    """A refusal, on stderr."""
    for line in str(refusal).splitlines():
        err.print(Text(line))


@contextmanager
def notices() -> Iterator[None]:
    """What its body has to tell beside its result (`Notice`) stands on stderr, a line each and nothing else."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", Notice)
        yield
    for one in told:
        if issubclass(one.category, Notice):
            err.print(Text(f"notice: {one.message}"))
        else:
            warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)


def as_json(value: Any) -> None:
    """One JSON document on stdout, for programs."""
    print(json.dumps(value, indent=1, ensure_ascii=False, default=str))


def table(title: str, header: Sequence[str], rows: Iterable[Sequence[str | Text]], *, numbers: int = 0) -> None:
    """A table below its title; the last `numbers` columns are aligned to the right, empty heads left out."""
    if title:
        out.print(Text(title, style="bold"), soft_wrap=True)  # as a title of rich's it is cut to the table's width
    grid = Table(
        show_header=any(header),
        header_style="dim",
        box=None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
    )
    lines = list(rows)
    named = max((len(line[0]) for line in lines), default=0)  # a name in two pieces is none
    for position, name in enumerate(header):
        right, least = position >= len(header) - numbers, min(named, _NAME) if position == 0 else None
        grid.add_column(
            Text(name), justify="right" if right else "left", overflow="fold", no_wrap=right, min_width=least
        )
    for line in lines:
        grid.add_row(*line)
    out.print(grid)


def number(value: float | None) -> str:
    """A score in four significant digits."""
    return "–" if value is None else figure(value)


def duration(seconds: float) -> str:
    """Seconds as people say them."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"
