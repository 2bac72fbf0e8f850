"""minGRU: a gated recurrent unit whose gate does not read the state."""

from __future__ import annotations

from typing import ClassVar, Literal

from jaxtyping import Float
from torch import Tensor

from rnnlib.cells.base import Cell
from rnnlib.cells.minimal import MinimalLayer, Renewal
from rnnlib.initialisation import Gate


class MinGRU(Cell):
    r"""minGRU.

    z = σ(W_z x + b_z),  n = g(W_n x + b_n),  h' = (1 − z) ⊙ h + z ⊙ n,
    g(a) = a + ½ where a ≥ 0, σ(a) elsewhere

    x: [batch, inputs], h: [batch, units], each W: [units, inputs], b: [units]; 2 · units · (inputs + 1) parameters a
    layer. Without a matrix on h, what is learned of order comes from stacking layers: 2 or 3 are usual.

    Source: Feng et al. 2024, arXiv:2410.01201 (algorithm 6, without its logarithms).
    """

    gates: ClassVar[tuple[Gate, ...]] = ("renew", "candidate")

    kind: Literal["min_gru"] = "min_gru"

    @property
    def width(self) -> int:
        """The hidden state is shown."""
        return self.units

    def layer(self, inputs: int) -> MinGRULayer:
        """One layer of it."""
        return MinGRULayer(inputs, self)


class MinGRULayer(MinimalLayer):
    """The weights of one minGRU layer: `kernel` W, `bias` b; rows in the order z, n."""

    def renewal(self, read: Float[Tensor, "*steps row"]) -> Renewal:
        """z = σ(a)."""
        return Renewal(*read.chunk(2, dim=-1))
