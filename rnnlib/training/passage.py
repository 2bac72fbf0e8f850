"""How a state passes along time: whole, as a cell has it, or by way of something that training wants to do with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor, nn

from rnnlib.cells import CellLayer, State

Run = Callable[[Tensor, State], tuple[Tensor, State]]
"""A layer over a sequence, time first, from a given state: its outputs, and the state after the last step."""

Over = Callable[[str, CellLayer, Run, Tensor, State], tuple[Tensor, State]]
"""The same by way of something else; it is told the layer's name in the model, and the layer."""


@contextmanager
def passing(model: nn.Module, over: Over) -> Iterator[None]:
    """Within it every recurrent layer of `model`, wherever it stands, runs its sequences by way of `over`."""
    layers = dict(recurrent_layers(model))
    before = {name: layer.__dict__.get("sequence") for name, layer in layers.items()}
    for name, layer in layers.items():
        layer.__dict__["sequence"] = partial(over, name, layer, layer.sequence)
    try:
        yield
    finally:
        for name, layer in layers.items():
            layer.__dict__.pop("sequence")
            if before[name] is not None:
                layer.__dict__["sequence"] = before[name]


def recurrent_layers(model: nn.Module) -> Iterator[tuple[str, CellLayer]]:
    """Every layer of a cell in `model`, with its name."""
    return ((name, module) for name, module in model.named_modules() if isinstance(module, CellLayer))


def stretches(x: Float[Tensor, "time batch feature"], most: int) -> tuple[Float[Tensor, "_ batch feature"], ...]:
    """The sequence in stretches of `most` steps; what is left over stands first, so that the last one is whole."""
    steps = len(x)
    first = steps % most
    return torch.split_with_sizes(x, [*([first] if first else []), *[most] * (steps // most)])


def detached(state: State) -> State:
    """The same values, through which no gradient flows back."""
    return tuple(member.detach() for member in state)
