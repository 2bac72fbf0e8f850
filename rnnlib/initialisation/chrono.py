"""Biases that spread a cell's memory over a range of times."""

from __future__ import annotations

from typing import Literal

import torch
from pydantic import Field
from torch import nn

from rnnlib.initialisation.base import (
    REMEMBERING,
    Biases,
    BiasInitialisation,
    Gate,
    refuse_without_memory_gate,
)


class Chrono(BiasInitialisation):
    r"""Each unit starts with a memory of its own length, between 1 step and `longest`; every other bias starts at 0.

    b_f ~ log U(1, longest − 1),  b_i = −b_f                              in an LSTM
    b_z ~ log U(1, longest − 1) where z keeps the old state (GRU), its negative where z renews it (minGRU)

    A bias of log(T − 1) keeps σ(b) = 1 − 1/T of the state a step: it is forgotten over T steps.

    Source: Tallec and Ollivier 2018, arXiv:1804.11188.
    """

    kind: Literal["chrono"] = "chrono"
    longest: int = Field(..., ge=3, le=10**9, description="longest time that is to be remembered, in steps")

    def suits(self, gates: tuple[Gate, ...]) -> None:
        """Raises `ModelError` if no gate keeps the old state."""
        refuse_without_memory_gate(self.kind, gates)

    @torch.no_grad()
    def draw_gates(self, biases: Biases) -> None:
        """b_f ~ log U(1, longest − 1) and b_i = −b_f, 0 elsewhere."""
        for bias in biases.values():
            nn.init.zeros_(bias)
        for gate in biases.keys() & REMEMBERING.keys():
            lasting = nn.init.uniform_(torch.empty_like(biases[gate]), 1, self.longest - 1).log_()
            biases[gate].copy_(REMEMBERING[gate] * lasting)
            if "input" in biases:
                biases["input"].copy_(-lasting)
