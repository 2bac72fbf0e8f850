"""Layers in a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from jaxtyping import Float
from torch import Tensor, nn

from rnnlib.errors import ModelError
from rnnlib.layer import Flow, Layer, Lengths, Memory, Streams


def flows(layers: Sequence[Layer], before: Flow) -> list[Flow]:
    """What stands behind every layer, from the sections alone; sizes as far as `before` lets them be known.

    Raises `ModelError` at `("layers", i, …)` where a layer cannot stand on the one before it.
    """
    found: list[Flow] = []
    for index, layer in enumerate(layers):
        try:
            after = layer.after(before)
        except ModelError as error:
            raise ModelError(error.message, at=("layers", index, *error.at)) from error
        before = after if layer.passes_tokens else after._replace(tokens=(), frame=None)
        found.append(before)
    return found


class Stack(nn.ModuleList, Streams):
    """Modules in a row, each reading what the one before gives: [batch, time, inputs] to [batch, time, width]."""

    def __init__(self, layers: Sequence[Layer], before: Flow) -> None:
        after = flows(layers, before)
        super().__init__(layer.build(flow) for layer, flow in zip(layers, [before, *after[:-1]], strict=True))
        self.flow = after[-1]
        self._summary = next((at for at, flow in enumerate(after) if flow.steps == 1 and not flow.aligned), len(after))

    def forward(
        self, x: Float[Tensor, "batch time feature"], lengths: Lengths = None
    ) -> tuple[Float[Tensor, "batch steps unit"], Lengths]:
        """What the last layer gives."""
        for layer in self:
            x, lengths = layer(x, lengths)
        return x, lengths

    @property
    def streams(self) -> bool:
        """Whether every layer can run one step at a time."""
        return all(isinstance(layer, Streams) for layer in self)

    def start(self, batch: int) -> Memory:
        """The memory of every layer before the first step."""
        return tuple(layer.start(batch) for layer in self.one_by_one())

    def step(self, x: Float[Tensor, "batch feature"], memory: Memory) -> tuple[Float[Tensor, "batch unit"], Memory]:
        """One step through all layers."""
        after = []
        for at, (layer, before) in enumerate(zip(self.one_by_one(), memory, strict=True)):
            x, kept = layer.step(x, layer.start(len(x)) if self.begins_anew(at) else before)
            after.append(kept)
        return x, tuple(after)

    def begins_anew(self, at: int) -> bool:
        """Whether the layer at this place reads one step that sums up a sequence: each is then the first that it sees.

        Step by step, what was summed up so far is replaced, and does not go on.
        """
        return at > self._summary

    def one_by_one(self) -> list[Streams]:
        """The layers, each of which can run step by step; raises `ModelError` for one that cannot."""
        for position, layer in enumerate(self):
            if not isinstance(layer, Streams):
                rule = "a model runs step by step if each of its layers does"
                received = f"received {type(layer).__name__} as layer {position}, which reads a whole sequence"
                raise ModelError(f"{rule}: {received}; use causal, one-way layers", at=("layers", position))
        return cast("list[Streams]", list(self))
