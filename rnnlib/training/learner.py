"""What learns: a module, its optimizer, and where they stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from rnnlib.models import Shape
from rnnlib.seeds import derived
from rnnlib.training.section import Training
from rnnlib.training.state import State, copied


@dataclass
class Learner:
    """All that a checkpoint holds, in its living form."""

    model: nn.Module
    optimizer: torch.optim.Optimizer
    state: State = field(default_factory=State)

    @classmethod
    def fresh(cls, section: Training, shape: Shape, seed: int) -> Learner:
        """A learner before its first step; the weights are drawn from (seed, "weights")."""
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(derived(seed, "weights"))
            model = section.model.build(shape)
        return cls(model, section.optimizer.build(model.parameters()))

    def weights(self) -> dict[str, Tensor]:
        """The weights as they are now."""
        return copied(self.model.state_dict())

    def optimizer_tensors(self) -> dict[str, Tensor]:
        """The tensors of the optimizer's state: `<number of the weight>.<name>`."""
        state = self.optimizer.state_dict()["state"]
        return {
            f"{weight}.{name}": value.detach().clone(memory_format=torch.contiguous_format)
            for weight, values in state.items()
            for name, value in values.items()
            if isinstance(value, Tensor)
        }

    def optimizer_facts(self) -> dict[str, Any]:
        """The rest of the optimizer's state, as JSON."""
        state = self.optimizer.state_dict()
        others = {
            str(weight): {name: value for name, value in values.items() if not isinstance(value, Tensor)}
            for weight, values in state["state"].items()
        }
        return {"groups": state["param_groups"], "others": others}

    def load(self, weights: dict[str, Tensor], tensors: dict[str, Tensor], facts: dict[str, Any], state: State) -> None:
        """Puts everything back as it was."""
        values: dict[int, dict[str, Any]] = {int(weight): dict(rest) for weight, rest in facts["others"].items()}
        for place, tensor in tensors.items():
            weight, _, name = place.partition(".")
            values[int(weight)][name] = tensor
        self.model.load_state_dict(weights, strict=True)
        self.optimizer.load_state_dict({"state": values, "param_groups": facts["groups"]})
        self.state = state
