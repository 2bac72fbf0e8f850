"""A bias that lets a new cell remember."""

from __future__ import annotations

from typing import Literal

from pydantic import Field
from torch import nn

from rnnlib.initialisation.base import (
    REMEMBERING,
    Biases,
    BiasInitialisation,
    Gate,
    refuse_without_memory_gate,
)


class ForgetBias(BiasInitialisation):
    r"""The gate that keeps the old state starts open; every other bias starts at 0.

    b_f = value in an LSTM, b_z = value in a GRU (its z keeps), b_z = −value in a minGRU (its z renews)

    A value b makes the state shrink by σ(b) a step at the start: 1 remembers about 4 steps, 5 about 150.

    Source: Gers et al. 2000, doi:10.1162/089976600300015015; Jozefowicz et al. 2015, "An empirical exploration of
    recurrent network architectures".
    """

    kind: Literal["forget_bias"] = "forget_bias"
    value: float = Field(1.0, ge=-100, le=100, description="bias of the gate that keeps the old state")

    def suits(self, gates: tuple[Gate, ...]) -> None:
        """Raises `ModelError` if no gate keeps the old state."""
        refuse_without_memory_gate(self.kind, gates)

    def draw_gates(self, biases: Biases) -> None:
        """b_f = value, 0 elsewhere."""
        for gate, bias in biases.items():
            nn.init.constant_(bias, REMEMBERING.get(gate, 0) * self.value)
