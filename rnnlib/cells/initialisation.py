"""How a cell's weights start: each gate's block for itself, so that the number of gates changes nothing."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor, nn


def glorot_by_gate(kernel: Float[Tensor, "rows feature"], gates: int) -> None:
    """Draws each gate's block from U(−a, a), a = √(6 / (inputs + units)), in place.

    Keeps the variance of values and of gradients about the same from layer to layer. Keras draws the blocks of all
    gates as one matrix, with a = √(6 / (inputs + gates · units)): the same for a simple RNN, narrower for the others.

    Source: Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks".
    """
    for block in kernel.detach().chunk(gates):
        nn.init.xavier_uniform_(block)


def orthogonal_by_gate(recurrent: Float[Tensor, "rows unit"], gates: int) -> None:
    """Draws each gate's square block as a random orthogonal matrix, in place.

    Every singular value is 1: repeated over time, the product neither shrinks nor grows by itself.

    Source: Saxe et al. 2013, arXiv:1312.6120.
    """
    for block in recurrent.detach().chunk(gates):
        nn.init.orthogonal_(block)
