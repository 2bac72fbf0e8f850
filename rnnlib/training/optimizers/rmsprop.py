"""RMSprop: each step divided by the running size of the gradient."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal, cast, overload

import torch
from pydantic import Field
from torch import Tensor, nn

from rnnlib.training.optimizers.base import Optimizer


class RMSprop(Optimizer):
    r"""Root mean square propagation, in Keras' form and with Keras' defaults.

    v ← ρ v + (1 − ρ) g²,  θ ← θ − η g / √(v + ε);  with momentum: b ← μ b + η g / √(v + ε),  θ ← θ − b

    with g ← g + λ θ before. ε stands under the root, as in Keras; torch's own RMSprop adds it after the root, which is
    a much smaller floor (1e-7 beside 3e-4) and gives other weights.
    Source: Tieleman and Hinton 2012, Coursera lecture 6.5; keras.optimizers.RMSprop.
    """

    kind: Literal["rmsprop"] = "rmsprop"
    decay: float = Field(0.9, ge=0, lt=1, description="ρ, how much of the mean squared gradient is kept at a step")
    epsilon: float = Field(1e-7, gt=0, le=1, description="ε, keeps the division finite")
    momentum: float = Field(0.0, ge=0, lt=1, description="μ, how much of the last step is kept")

    def build(self, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
        """RMSprop over `parameters`."""
        return _RMSprop(parameters, self)


class _RMSprop(torch.optim.Optimizer):
    def __init__(self, parameters: Iterable[nn.Parameter], section: RMSprop) -> None:
        defaults = {
            "lr": section.learning_rate,
            "decay": section.decay,
            "epsilon": section.epsilon,
            "momentum": section.momentum,
            "weight_decay": section.weight_decay,
        }
        super().__init__(parameters, defaults)

    @overload
    def step(self, closure: None = None) -> None: ...
    @overload
    def step(self, closure: Callable[[], float]) -> float: ...
    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:
        """One step over every weight that has a gradient; torch's protocol."""
        if closure is not None:
            raise ValueError("RMSprop takes no closure: compute the gradients, then call `step()`")
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is not None:
                    _update(weight, cast(dict[str, Tensor], self.state[weight]), group)
        return None


def _update(weight: Tensor, state: dict[str, Tensor], group: dict[str, Any]) -> None:
    if not state:
        state["mean_square"] = torch.zeros_like(weight)
        if group["momentum"] > 0:
            state["momentum"] = torch.zeros_like(weight)
    assert weight.grad is not None, "only weights with a gradient are stepped"
    gradient = weight.grad.add(weight, alpha=group["weight_decay"]) if group["weight_decay"] else weight.grad
    mean_square = state["mean_square"].mul_(group["decay"]).addcmul_(gradient, gradient, value=1 - group["decay"])
    root = (mean_square + group["epsilon"]).sqrt_()
    if group["momentum"] > 0:
        momentum = state["momentum"].mul_(group["momentum"]).addcdiv_(gradient, root, value=group["lr"])
        weight.sub_(momentum)
    else:
        weight.addcdiv_(gradient, root, value=-group["lr"])
