"""The size that frames are scaled to, as a spec says it."""

from __future__ import annotations

from rnnlib.errors import misplaced


def refuse_one_side(height: int | None, width: int | None) -> None:
    """Raises a `ValueError` at the side that is lacking where only one is given."""
    if (height is None) != (width is None):
        lacking = "width" if width is None else "height"
        raise misplaced(f"frames are scaled to `height` × `width`: received no `{lacking}`; give both", lacking)
