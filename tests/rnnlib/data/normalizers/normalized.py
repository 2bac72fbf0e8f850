"""A small example of every normalizer: what conformance suites run over."""

from typing import Any

from rnnlib.data.normalizers import AnyNormalizer, Normalizer
from tests.rnnlib.families import members

MEMBERS = members(AnyNormalizer)
NEEDED: dict[str, dict[str, Any]] = {
    "seasonal_difference": {"lag": 2},
    "chain": {"of": [{"kind": "log1p"}, {"kind": "difference"}, {"kind": "standard", "constant": "center"}]},
}
"""What a kind cannot be without."""

LENIENT = {"box_cox": "keep", "yeo_johnson": "keep"}
"""How `constant` is spelled where a constant column is let through, if not `center`."""


def normalizer(kind: str, column: str = "a", **fields: Any) -> Normalizer:
    """An example; `column` is the one that a mapping of columns names."""
    needed = {"of": {column: {"kind": "minmax", "constant": "center"}}} if kind == "columns" else NEEDED.get(kind, {})
    return MEMBERS[kind](**{**needed, **fields})


def lenient(kind: str, column: str = "a", **fields: Any) -> Normalizer:
    """One that takes a constant column."""
    allowed = {"constant": LENIENT.get(kind, "center")} if "constant" in MEMBERS[kind].model_fields else {}
    return normalizer(kind, column, **allowed, **fields)
