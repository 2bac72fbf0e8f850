"""How weights start: what an initialisation promises, and what the gates of a cell are called."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Literal

from jaxtyping import Float
from torch import Tensor

from rnnlib.errors import ModelError
from rnnlib.part import Part

Gate = Literal["input", "forget", "keep", "renew", "reset", "output", "candidate"]
"""What a block of a cell's rows does: `forget` scales the old state and `input` the candidate, each for itself;
`keep` does both, z ⊙ old + (1 − z) ⊙ candidate, and `renew` the other way round, (1 − z) ⊙ old + z ⊙ candidate;
`reset`, `output` and `candidate` have the names of their papers."""

Biases = Mapping[Gate, Float[Tensor, " unit"]]
"""The bias of each gate of a cell: views of its parameter."""

REMEMBERING: Mapping[Gate, int] = {"forget": 1, "keep": 1, "renew": -1}
"""The gates that decide how much of the old state stays, and the sign with which their bias makes it more."""


class BiasInitialisation(Part):
    """How the biases of a cell start, gate by gate."""

    @abstractmethod
    def suits(self, gates: tuple[Gate, ...]) -> None:
        """Raises `ModelError` where a cell with these gates has nothing for it to act on."""

    @abstractmethod
    def draw_gates(self, biases: Biases) -> None:
        """Draws the bias of every gate in place, from torch's default generator."""


class Initialisation(BiasInitialisation):
    """How the values of a matrix start; of a cell's matrices, each gate's block for itself. Biases too, if asked."""

    @abstractmethod
    def draw(self, matrix: Float[Tensor, "*shape"]) -> None:
        """Draws [outputs, inputs, …] in place, from torch's default generator."""

    def suits(self, gates: tuple[Gate, ...]) -> None:
        """Whatever the gates are."""

    def draw_gates(self, biases: Biases) -> None:
        """Draws every gate's bias in the same way."""
        for bias in biases.values():
            self.draw(bias)


def refuse_without_memory_gate(kind: str, gates: tuple[Gate, ...]) -> None:
    """Raises `ModelError` if none of the gates decides how much of the old state stays."""
    if not set(gates) & set(REMEMBERING):
        rule = f"{kind} sets the bias of the gate that keeps the old state"
        received = f"received a cell with {', '.join(gates) if gates else 'no gate'}, where no gate does"
        raise ModelError(f"{rule}: {received}; use zeros, or an lstm, gru or another cell with such a gate")
