"""The layers' own steps as the forecast."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from jaxtyping import Float
from torch import Tensor, nn

from rnnlib.data.batching.batch import Batch
from rnnlib.errors import ModelError
from rnnlib.layer import Flow, Lengths
from rnnlib.models.heads.base import Head
from rnnlib.models.shape import Shape


class Steps(Head):
    """What a layer that writes the horizon gives is the forecast: the target columns of its steps.

    ŷ_t = h_t in the columns of the targets,  t = 1 … horizon

    It has no weights: put it upon a layer that writes as many steps as the horizon has, as wide as the inputs are.

    Source: Lin et al. 2023, arXiv:2308.11200 (the segments that come out are the forecast).
    """

    gives: ClassVar[str] = "values"
    kind: Literal["steps"] = "steps"

    def width(self, shape: Shape) -> int:
        """horizon · targets; raises `ModelError` where a target is not among the inputs."""
        if shape.horizon is None or shape.targets is None or len(shape.target_columns) != shape.targets:
            rule = "the head `steps` takes the target columns of steps of the horizon"
            received = f"received horizon {shape.horizon}, {shape.targets} targets, columns {shape.target_columns}"
            raise ModelError(f"{rule}: {received}; use the head `point`", at=("head",))
        return shape.horizon * shape.targets

    def build(self, before: Flow, shape: Shape) -> StepsHead:
        """The module: [batch, horizon, targets]; raises `ModelError` where the layers give other steps or columns."""
        self.width(shape)
        if before.aligned or before.steps != shape.horizon or before.width != shape.inputs:
            rule = f"the head `steps` needs layers that write {shape.horizon} steps of {shape.inputs} values"
            received = f"received {before.steps} steps of {before.width} values" + ", the context's" * before.aligned
            raise ModelError(f"{rule}: {received}; put a `segment` layer last, or use the head `point`", at=("head",))
        if shape.future or shape.static:
            rule = "the head `steps` reads what the layers give and nothing beside it"
            received = f"received {shape.future} future and {shape.static} static columns"
            raise ModelError(f"{rule}: {received}; leave them out of the roles, or use the head `point`", at=("head",))
        return StepsHead(shape.target_columns)


class StepsHead(nn.Module):
    """The columns of the targets."""

    def __init__(self, target_columns: Sequence[int]) -> None:
        super().__init__()
        self.target_columns = list(target_columns)

    def forward(
        self,
        states: Float[Tensor, "batch horizon unit"],
        lengths: Lengths,  # noqa: ARG002 - a forecast has no padding
        batch: Batch,  # noqa: ARG002 - what is known beside the steps is refused
    ) -> Float[Tensor, "batch horizon target"]:
        """The forecast, in model units."""
        return states[..., self.target_columns]
