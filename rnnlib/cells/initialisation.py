"""How a cell's weights start: each gate's block for itself, so that the number of gates changes nothing."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor

from rnnlib.initialisation import BiasInitialisation, Gate, Initialisation


def draw_kernel(kernel: Float[Tensor, "row feature"], gates: int, how: Initialisation) -> None:
    """Draws each gate's block of rows in place.

    Keras draws the blocks of all gates as one matrix: the same for a simple RNN, narrower with Xavier's for the others.
    """
    for block in kernel.detach().chunk(gates):
        how.draw(block)


def draw_bias(bias: Float[Tensor, " row"], gates: tuple[Gate, ...], how: BiasInitialisation) -> None:
    """Draws each gate's bias in place."""
    how.draw_gates(dict(zip(gates, bias.detach().chunk(len(gates)), strict=True)))
