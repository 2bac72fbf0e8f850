"""How long gradients are: those of every layer's weights, and those of the states along time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from rnnlib.cells import CellLayer, State
from rnnlib.data.batching.batch import Batch
from rnnlib.training.gradients_seen import Along, Look
from rnnlib.training.passage import Run, passing

SINGLE = 32
"""The last steps, which are looked at one by one: a gradient that vanishes does so within a few."""
COARSE = 32
"""At most so many places among the steps before them."""

Loss = Callable[[Batch], tuple[Float[Tensor, ""], Tensor]]
"""The loss summed over the observed values of a batch, and their number."""


def look(model: nn.Module, loss: Loss, batch: Batch, *, epoch: int, number: int) -> Look:
    """The norms for one batch. Leaves weights, gradients and running statistics as they are.

    ∂L/∂h_t is the whole derivative: what the loss says of h_t itself and what comes back from the steps after it. It is
    taken in evaluation mode, without dropout; L is the mean over the batch's observed values.
    """
    marks = _Marks(_longest(batch))
    training = model.training
    model.eval()
    try:
        # cuDNN has no backward pass in evaluation mode; torch's own kernels have
        with passing(model, marks.over), torch.backends.cudnn.flags(enabled=False), torch.enable_grad():
            total, count = loss(batch)
            return Look(epoch, number, *_norms(total / count, dict(_weights(model)), marks))
    finally:
        model.train(training)


def _norms(
    mean: Float[Tensor, ""], weights: Mapping[str, nn.Parameter], marks: _Marks
) -> tuple[dict[str, float], dict[str, Along]]:
    wanted = [*weights.values(), *marks.tensors()]
    found = torch.autograd.grad(mean, wanted, allow_unused=True)
    pairs: Iterable[tuple[Tensor, Tensor | None]] = zip(wanted, found, strict=True)
    gradients = {id(one): gradient for one, gradient in pairs if gradient is not None}
    by_layer: dict[str, list[Tensor]] = {}
    for name, weight in weights.items():
        by_layer.setdefault(_layer(name), []).append(gradients.get(id(weight), torch.zeros(())))
    return {name: _norm(parts) for name, parts in by_layer.items()}, marks.along(gradients)


@dataclass
class _Marks:
    """The states of each layer at some places along time, as they stood in the forward pass."""

    rows: Bool[Tensor, " batch"]
    kept: dict[str, list[tuple[int, State, Tensor]]] = field(default_factory=dict)

    def over(self, name: str, _layer: CellLayer, sequence: Run, x: Tensor, state: State) -> tuple[Tensor, State]:
        """The layer's sequence in stretches, whose last states and outputs are kept.

        A layer that is called again may go on from where it was; else its longest sequence is kept.
        """
        outputs: list[Tensor] = []
        at, marks = 0, self.kept.get(name, [])
        if marks and state[0] is marks[-1][1][0]:
            at = marks[-1][0]
        elif marks and marks[-1][0] > len(x):
            return sequence(x, state)
        else:
            marks = self.kept[name] = []
        for stretch in torch.split_with_sizes(x, between_marks(len(x))):
            output, state = sequence(stretch, state)
            # a state may be a piece of the output: each in its own copy, what comes back to one is not counted for both
            output, state = output.clone(), tuple(member.clone() for member in state)
            outputs.append(output)
            at += len(stretch)
            marks.append((at, state, output))
        return torch.cat(outputs), state

    def tensors(self) -> list[Tensor]:
        """All that a gradient is asked of."""
        every = (tensor for marks in self.kept.values() for _, state, output in marks for tensor in (*state, output))
        return [tensor for tensor in every if tensor.requires_grad]

    def along(self, gradients: Mapping[int, Tensor]) -> dict[str, Along]:
        """The norm at each mark, over the rows that are as long as the batch."""
        return {
            name: Along([at for at, *_ in marks], [self._norm(state, output, gradients) for _, state, output in marks])
            for name, marks in self.kept.items()
        }

    def _norm(self, state: State, output: Tensor, gradients: Mapping[int, Tensor]) -> float:
        by_state = [gradients.get(id(member), torch.zeros_like(member)) for member in state]
        by_output = gradients.get(id(output), torch.zeros_like(output))[-1]
        if torch.equal(output[-1], state[0]):  # the output is the state: the two ways back from it are one
            return _norm([self._whole(by_state[0] + by_output), *map(self._whole, by_state[1:])])
        return _norm([self._whole(one) for one in (*by_state, by_output)])

    def _whole(self, gradient: Tensor) -> Tensor:
        return gradient[self.rows] if len(gradient) == len(self.rows) else gradient


def between_marks(steps: int) -> list[int]:
    """The steps from mark to mark over a sequence: a few equal stretches, then one by one to its end."""
    early = max(0, steps - SINGLE)
    stretch = -(-early // COARSE) or 1
    first = early % stretch
    return [*([first] if first else []), *[stretch] * (early // stretch), *[1] * (steps - early)]


def _longest(batch: Batch) -> Bool[Tensor, " batch"]:
    """The rows in which time ends where the batch ends."""
    return batch.lengths == batch.lengths.max()


def _weights(model: nn.Module) -> Iterable[tuple[str, nn.Parameter]]:
    return ((name, weight) for name, weight in model.named_parameters() if weight.requires_grad)


def _layer(name: str) -> str:
    """`layers.0.1.kernel` is a weight of `layers.0`, `head.output.bias` one of `head`."""
    first, *rest = name.split(".")
    return f"{first}.{rest[0]}" if rest and rest[0].isdecimal() else first


def _norm(gradients: Sequence[Tensor]) -> float:
    return float(torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(one.double()) for one in gradients])))
