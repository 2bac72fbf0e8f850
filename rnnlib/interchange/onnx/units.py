"""Data units at both ends of the graph, where the fitted transforms are ones that ONNX can hold."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from rnnlib.data.about import About
from rnnlib.data.normalizers import fitted
from rnnlib.data.normalizers.affine import Affine
from rnnlib.errors import ModelError
from rnnlib.interchange.onnx.graph import Graph


class Scale:
    """z = (x − shift) / scale for some columns side by side."""

    def __init__(self, shift: Float64[ndarray, " columns"], scale: Float64[ndarray, " columns"]) -> None:
        self.shift, self.scale = shift, scale

    def apply(self, graph: Graph, x: str) -> str:
        """Data units to model units; the difference is taken before the division, so that large levels lose nothing."""
        shifted = graph.node("Sub", x, graph.constant(self.shift.astype(np.float32)))
        return graph.node("Div", shifted, graph.constant(self.scale.astype(np.float32)))

    def invert(self, graph: Graph, x: str) -> str:
        """Model units to data units."""
        scaled = graph.node("Mul", x, graph.constant(self.scale.astype(np.float32)))
        return graph.node("Add", scaled, graph.constant(self.shift.astype(np.float32)))


def scale_of(about: About, roles: Sequence[str]) -> Scale:
    """The scales of columns, each named by its role, in order; a role without a transform is left as it is.

    Raises `ModelError` where a transform is no shift and division, or differs from series to series.
    """
    places: dict[str, int] = {}
    numbers = []
    for role in roles:
        at = places.get(role, 0)
        places[role] = at + 1
        numbers.append(_of_column(about, role, at))
    pairs = np.array(numbers, np.float64).reshape(-1, 2)
    return Scale(pairs[:, 0], pairs[:, 1])


def _of_column(about: About, role: str, at: int) -> tuple[float, float]:
    if role not in about.transforms:
        return 0.0, 1.0
    state = fitted(about.transforms[role])
    if not isinstance(state, Affine) or state.groups is not None:
        rule = (
            f"a graph in data units holds transforms that shift and divide, the same for all series; that of `{role}`"
        )
        why = "differs from series to series" if isinstance(state, Affine) else f"is {type(state).__name__}"
        raise ModelError(f"{rule} {why}: export in model units (`--units model`) and transform outside")
    if len(state.columns) != sum(column.role == role for column in about.columns) and role not in ("static", "label"):
        rule = "a graph in data units scales all columns of a role"
        raise ModelError(f"{rule}: some of `{role}` hold words or tokens; export in model units (`--units model`)")
    return state.shift[0][at], state.scale[0][at]
