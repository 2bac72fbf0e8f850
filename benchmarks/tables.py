"""Tables as Markdown, and results that are kept from run to run."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Record = dict[str, Any]


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; every row is as wide as its head."""
    for row in rows:
        if len(row) != len(head):
            raise ValueError(f"a row has the {len(head)} columns of the head: received {len(row)} in {list(row)}")
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(str(cell).replace('|', '/') for cell in line)} |" for line in lines)


def number(value: float, digits: int = 3) -> str:
    """`digits` significant digits, thousands separated; a dash for nothing."""
    if math.isnan(value):
        return "–"
    if value == 0:
        return "0"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    return f"{value:,.{places}f}"


def merged(before: Sequence[Record], found: Sequence[Record], key: Sequence[str]) -> list[Record]:
    """The records of both; where two agree in all of `key`, the one of `found`. The order of `before` is kept."""
    newest = {_identity(record, key): record for record in (*before, *found)}
    return list(newest.values())


def renewed(before: Sequence[Record], found: Sequence[Record], key: Sequence[str]) -> list[Record]:
    """The records of `found`, behind those of `before` that agree with none of them in all of `key`."""
    over = {_identity(record, key) for record in found}
    return [*(record for record in before if _identity(record, key) not in over), *found]


def read_records(file: Path) -> list[Record]:
    """The records in a file of JSON lines; none where there is no file."""
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def write_records(file: Path, records: Sequence[Record]) -> None:
    """One JSON object a line, so that two runs' results merge in a diff."""
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".partial")
    partial.write_text("".join(f"{json.dumps(record, sort_keys=True)}\n" for record in records))
    partial.replace(file)


def _identity(record: Mapping[str, Any], key: Sequence[str]) -> str:
    return json.dumps([record.get(name) for name in key])
