"""Numbers in sentences and tables that people read; files for programs keep every digit."""

from __future__ import annotations

_MOST = 1e7


def figure(value: float) -> str:
    """Four significant digits; whole up to ten millions, where four digits would be written as a power of ten."""
    written = f"{value:.4g}"
    return f"{value:,.0f}" if "e+" in written and abs(value) < _MOST else written
