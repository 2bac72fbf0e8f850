"""RNN, GRU and LSTM as stages of a stream: a product and a few operations in place."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from rnnlib.cells.streaming import Packed


class RNNStage(Packed):
    """h' = φ(gates)."""

    def __init__(
        self, kernel: Tensor, recurrent: Tensor, bias: Tensor, h: Tensor, activation: Callable[[Tensor], Tensor]
    ) -> None:
        super().__init__(kernel, recurrent, bias, (h,))
        self.activation = activation

    def advance(self) -> None:
        """h' = φ(gates)."""
        self.h.copy_(self.activation(self.gates))


class GRUStage(Packed):
    """r acts on U_n h + c alone: W_n x + b_n has a block of rows of its own before it."""

    def __init__(self, kernel: Tensor, recurrent: Tensor, bias: Tensor, reset_bias: Tensor, h: Tensor) -> None:
        units = len(reset_bias)
        of_x = torch.cat([kernel, kernel.new_zeros(units, kernel.shape[1])])
        of_gates, of_candidate = recurrent.split_with_sizes((2 * units, units))
        of_h = torch.cat([of_gates, torch.zeros_like(of_candidate), of_candidate])
        super().__init__(of_x, of_h, torch.cat([bias, reset_bias]), (h,))
        self.r, self.z, self.n, self.q = self.gates.chunk(4, 1)
        self.rz = self.gates[:, : 2 * units]

    def advance(self) -> None:
        """n = tanh(n + r ⊙ q),  h' = n + z ⊙ (h − n)."""
        self.rz.sigmoid_()
        self.n.addcmul_(self.r, self.q).tanh_()
        torch.lerp(self.n, self.h, self.z, out=self.h)


class LSTMStage(Packed):
    """The rows of g come last, so that one call does all three gates."""

    def __init__(self, kernel: Tensor, recurrent: Tensor, bias: Tensor, state: tuple[Tensor, Tensor]) -> None:
        units = state[1].shape[1]
        order = torch.arange(4 * units, device=bias.device).view(4, units)[[0, 1, 3, 2]].flatten()
        super().__init__(kernel[order], recurrent[order], bias[order], state)
        self.ifo, self.g = self.gates.split_with_sizes((3 * units, units), 1)
        self.i, self.f, self.o = self.ifo.chunk(3, 1)
        self.c, self.shown = self.kept[1], torch.empty_like(self.kept[1])

    def advance(self) -> None:
        """c' = f ⊙ c + i ⊙ g,  h' = o ⊙ tanh(c')."""
        self.ifo.sigmoid_()
        self.c.mul_(self.f).addcmul_(self.i, self.g.tanh_())
        torch.mul(self.o, torch.tanh(self.c, out=self.shown), out=self.h)
