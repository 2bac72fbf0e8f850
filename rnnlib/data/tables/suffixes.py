"""Which source reads a file, by the end of its name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rnnlib.data.tables.arrow import Arrow
from rnnlib.data.tables.base import TableSource
from rnnlib.data.tables.csv import Csv
from rnnlib.data.tables.ndjson import Ndjson
from rnnlib.data.tables.parquet import Parquet
from rnnlib.data.tables.tsv import Tsv

BY_SUFFIX: Mapping[str, type[TableSource]] = {
    ".csv": Csv,
    ".tsv": Tsv,
    ".parquet": Parquet,
    ".arrow": Arrow,
    ".feather": Arrow,
    ".ipc": Arrow,
    ".ndjson": Ndjson,
    ".jsonl": Ndjson,
}
SUFFIXES = f"{', '.join(list(BY_SUFFIX)[:-1])} or {list(BY_SUFFIX)[-1]}"
"""As a message lists them."""


def table_of(path: Path, shown: str) -> TableSource | None:
    """The source that reads a table in `path`, which a spec names as `shown`; none where the suffix is another."""
    kind = BY_SUFFIX.get(path.suffix.lower())
    return None if kind is None else kind(path=shown)
