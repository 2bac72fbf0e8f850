"""What modules that weigh share: the softmax over valid steps, and weights that can be looked at."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from rnnlib.layer import Lengths
from rnnlib.padding import valid_steps


class Attends(ABC):
    """A module that weighs: what its forward pass weighs by can be looked at."""

    axes: ClassVar[tuple[str, ...]]
    """What the axes of the weights behind the batch are: `step` is a step of what comes in, `column` one of its values,
    `head` one of several maps, `ahead` a step of the horizon. The last one is what is weighed."""

    @abstractmethod
    def weights(self, *given: Any) -> Tensor:
        """The weights that the forward pass on the same arguments uses, in evaluation; 0 at padding."""


def shares(scores: Float[Tensor, "batch asked time"], lengths: Lengths) -> Float[Tensor, "batch asked time"]:
    """The softmax of the scores over the valid steps; 0 at padding."""
    if lengths is not None:
        scores = scores.masked_fill(~valid_steps(lengths, scores.shape[2])[:, None], -torch.inf)
    return scores.softmax(dim=2)


class Seen(dict[str, list[tuple[Tensor, Lengths]]]):
    """Weights by the name of the module, one entry for each call: they, and the lengths of the steps they are of."""


@contextmanager
def watching(model: nn.Module) -> Iterator[Seen]:
    """Collects the weights of every module of `model` that attends, at every call until the end of the block."""
    seen, hooks = Seen(), []

    def look(name: str, module: Attends) -> Callable[[nn.Module, tuple[Any, ...]], None]:
        def collect(_: nn.Module, given: tuple[Any, ...]) -> None:
            lengths = given[1] if len(given) > 1 else None
            seen.setdefault(name, []).append((module.weights(*given).detach(), lengths))

        return collect

    for name, module in model.named_modules():
        if isinstance(module, Attends):
            hooks.append(model.get_submodule(name).register_forward_pre_hook(look(name, module)))
    try:
        yield seen
    finally:
        for hook in hooks:
            hook.remove()
