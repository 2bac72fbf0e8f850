"""A header that is one column because another sign separates its names."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rnnlib.errors import DataError

_SIGNS = {",": ",", ";": ";", "\t": "\\t", "|": "|"}
"""What separates columns, and how a message and a spec write it."""


def refuse_unseparated(
    columns: Sequence[str], needed: Collection[str], file: str | None, *, trained: bool = False
) -> None:
    """Raises `DataError` where a table is one column that nothing needs, whose name is a list of names.

    `trained` says that the rows are for a trained model: no spec says then how they are separated.
    """
    if len(columns) != 1 or columns[0] in needed:
        return
    count = {sign: columns[0].count(sign) for sign in _SIGNS}
    sign = max(count, key=lambda one: count[one])
    if count[sign]:
        shown = columns[0].replace("\t", "\\t")[:60]
        rule = f"the header is one column, `{shown}`, and none that is needed: its names stand between `{_SIGNS[sign]}`"
        spec = f"say so with `separator: '{_SIGNS[sign]}'`".replace("'\\t'", '"\\t"')
        remedy = "write it as other csv files, with commas, or as .tsv or .parquet" if trained else spec
        raise DataError(f"{rule}; {remedy}", file=file, at=("source", "separator"))
