"""SQL that only reads: one SELECT, said so by its text. That it is so is also held by the database itself."""

from __future__ import annotations

import re

from rnnlib.errors import Refused

_PIECES = re.compile(
    r"""--[^\n]*                          # a comment to the end of the line
    | /\*.*?\*/                           # a comment
    | '(?:[^']|'')*' | "(?:[^"]|"")*" | `[^`]*` | \[[^\]]*\]
    | (\$[A-Za-z_]*\$).*?\1               # PostgreSQL's $tag$ text $tag$
    """,
    re.VERBOSE | re.DOTALL,
)


def only_select(query: str) -> str:
    """`query` without what ends it; raises `Refused` for anything but a single SELECT (or WITH … SELECT)."""
    bare = _PIECES.sub(_blank, query)  # as long as the query: places in it are places there
    end = len(bare.rstrip())
    if bare[:end].endswith(";"):
        query = query[: end - 1] + query[end:]  # comments may follow
        bare = bare[: end - 1]
    bare = bare.strip()
    first = re.match(r"[A-Za-z]*", bare)
    if first is None or first.group().upper() not in ("SELECT", "WITH"):
        raise Refused(f"a source only reads, with one SELECT: received {query.strip()[:60]!r}")
    if ";" in bare:
        raise Refused("a source reads with one statement, and this has several: take out what follows the `;`")
    return query.rstrip()


def _blank(piece: re.Match[str]) -> str:
    """A comment as blanks, a text as quotes."""
    return (" " if piece.group().startswith(("--", "/*")) else "'") * len(piece.group())
