"""minLSTM: a long short-term memory whose gates do not read the state."""

from __future__ import annotations

from typing import ClassVar, Literal

from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from rnnlib.cells.base import Cell
from rnnlib.cells.minimal import MinimalLayer, Renewal
from rnnlib.initialisation import Gate


class MinLSTM(Cell):
    r"""minLSTM.

    i = σ(W_i x + b_i),  f = σ(W_f x + b_f),  n = g(W_n x + b_n),
    h' = f / (f + i) ⊙ h + i / (f + i) ⊙ n,
    g(a) = a + ½ where a ≥ 0, σ(a) elsewhere

    x: [batch, inputs], h: [batch, units], each W: [units, inputs], b: [units]; 3 · units · (inputs + 1) parameters a
    layer. The gates are divided by their sum, so that the size of h does not depend on the length of the sequence.

    Source: Feng et al. 2024, arXiv:2410.01201 (algorithm 8, without its logarithms).
    """

    gates: ClassVar[tuple[Gate, ...]] = ("input", "forget", "candidate")

    kind: Literal["min_lstm"] = "min_lstm"

    @property
    def width(self) -> int:
        """The hidden state is shown."""
        return self.units

    def layer(self, inputs: int) -> MinLSTMLayer:
        """One layer of it."""
        return MinLSTMLayer(inputs, self)


class MinLSTMLayer(MinimalLayer):
    """The weights of one minLSTM layer: `kernel` W, `bias` b; rows in the order i, f, n."""

    def renewal(self, read: Float[Tensor, "*steps row"]) -> Renewal:
        """i / (f + i) = σ(log i − log f), which stands where both gates are shut: 0 / 0 does not."""
        i, f, n = read.chunk(3, dim=-1)
        return Renewal(F.logsigmoid(i) - F.logsigmoid(f), n)
