"""What a model is made of, told without building it."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import nn

from rnnlib.layers import flows
from rnnlib.models.base import Model
from rnnlib.models.category_vectors import Embedded
from rnnlib.models.shape import Shape


class Described(NamedTuple):
    """One layer or the head: its place and kind, the width of what it gives, and its number of parameters.

    A parameter that is shared counts where it stands first.
    """

    name: str
    width: int
    parameters: int


def parameter_count(module: nn.Module, but: nn.Module | None = None) -> int:
    """How many numbers training may change, those aside that `but` has too."""
    shared = set() if but is None else {id(parameter) for parameter in but.parameters()}
    return sum(one.numel() for one in module.parameters() if one.requires_grad and id(one) not in shared)


def describe(section: Model, shape: Shape) -> list[Described]:
    """Every layer and the head of `section` on data of `shape`; allocates nothing and draws no random number."""
    with torch.device("meta"):
        module = section.assembled(shape)
    layers, head = module.get_submodule("layers"), module.get_submodule("head")
    embedded = Embedded.of(section.layers, shape, section.embed)
    vectors = [module.get_submodule("vectors")] if embedded.widths else []
    return [
        *(Described("vectors of categories", sum(embedded.widths.values()), parameter_count(one)) for one in vectors),
        *(
            Described(f"layers[{index}] {layer.kind}", flow.known, parameter_count(built))
            for index, (layer, built, flow) in enumerate(
                zip(section.layers, layers.children(), flows(section.layers, embedded.seen(shape).flow()), strict=True)
            )
        ),
        Described(f"head {section.head.kind}", section.head.width(shape), parameter_count(head, layers)),
    ]
