"""Values as YAML 1.2 reads them back."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from rnnlib.data.sources import TableSource

_PLAIN = re.compile(r"(?:\.\./)*[A-Za-z_][A-Za-z0-9_./-]*(?: [A-Za-z0-9_./-]+)*")
_WORDS = frozenset({"true", "false", "null", "True", "False", "Null", "TRUE", "FALSE", "NULL"})


def quoted(text: str) -> str:
    """Text, in quotes where it would be read as something else."""
    if _PLAIN.fullmatch(text) and text not in _WORDS:
        return text
    return "".join(map(_visible, json.dumps(text, ensure_ascii=False)))


def _visible(character: str) -> str:
    """YAML folds some line separators that JSON leaves as they are, and reads others as the end of a comment."""
    if character.isprintable():
        return character
    return f"\\u{ord(character):04x}" if ord(character) < 0x10000 else f"\\U{ord(character):08x}"


def list_text(names: Sequence[str]) -> str:
    """A list in one line."""
    return f"[{', '.join(map(quoted, names))}]"


def mapping_of(name: str, values: Sequence[str]) -> str:
    """A mapping of one list in one line."""
    return f"{{{name}: {list_text(values)}}}"


def source_text(source: TableSource) -> str:
    """A source in one line, without the fields that are as they would be anyway."""
    given = source.model_dump(mode="json", exclude_defaults=True)
    fields = {"kind": source.model_dump()["kind"], "path": source.path, **given}
    return "{" + ", ".join(f"{name}: {_value(value)}" for name, value in fields.items()) + "}"


def _value(value: object) -> str:
    return list_text(value) if isinstance(value, list) else quoted(str(value))
