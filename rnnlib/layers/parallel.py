"""Branches of layers side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal, cast

import torch
from jaxtyping import Float
from pydantic import Field
from torch import Tensor, nn

from rnnlib.errors import ModelError
from rnnlib.layer import Flow, Layer, Lengths, Memory, Streams
from rnnlib.layers.stack import Stack, flows

if TYPE_CHECKING:
    from rnnlib.layers import AnyLayer

Join = Literal["concat", "sum"]


class Parallel(Layer):
    """Every branch reads what comes in; what they give stands side by side, or is added up.

    y_t = [f_1(x)_t, …, f_n(x)_t]  or  Σ_j f_j(x)_t

    Source: a convolutional branch beside a recurrent one, Karim et al. 2018, arXiv:1709.05206 (LSTM-FCN).
    """

    kind: Literal["parallel"] = "parallel"
    branches: tuple[Annotated[tuple[AnyLayer, ...], Field(min_length=1, max_length=64)], ...] = Field(
        ..., min_length=2, max_length=32, description="the branches, each a list of layers"
    )
    join: Join = Field("concat", description="what becomes of the branches' values: side by side, or their sum")

    def after(self, before: Flow) -> Flow:
        """The branches' widths together; raises `ModelError` where they give different steps, or widths to add up."""
        found = [self._of_branch(place, before) for place in range(len(self.branches))]
        for place, flow in enumerate(found[1:], start=1):
            if (flow.steps, flow.aligned) != (found[0].steps, found[0].aligned):
                rule = "branches give the same steps"
                received = f"received {_steps(found[0])} from the first and {_steps(flow)} from this one"
                raise ModelError(
                    f"{rule}: {received}; give them the same padding, stride and pooling", at=self._at(place)
                )
            if self.join == "sum" and None not in (flow.width, found[0].width) and flow.width != found[0].width:
                rule = f"branches that are added up are equally wide, and the first gives {found[0].width}"
                raise ModelError(
                    f"{rule}: received {flow.width}; make them agree, or use join: concat", at=self._at(place)
                )
        widths = [flow.width for flow in found]
        if self.join == "sum":
            width = next((width for width in widths if width is not None), None)
        else:
            width = None if None in widths else sum(width for width in widths if width is not None)
        return found[0]._replace(width=width)

    @property
    def one_way(self) -> bool:
        """Where all branches are."""
        return all(layer.one_way for branch in self.branches for layer in branch)

    def build(self, before: Flow) -> ParallelSteps:
        """The module."""
        self.after(before)
        branches = [Stack(branch, before) for branch in self.branches]
        streams = all(branch.streams for branch in branches)
        return (StreamingParallel if streams else ParallelSteps)(branches, self.join)

    def _of_branch(self, place: int, before: Flow) -> Flow:
        try:
            return flows(self.branches[place], before)[-1]
        except ModelError as error:  # the branch is a list of layers itself
            raise ModelError(error.message, at=("branches", place, *error.at[1:])) from error

    def _at(self, place: int) -> tuple[str | int, ...]:
        return ("branches", place, len(self.branches[place]) - 1)


def _steps(flow: Flow) -> str:
    number = "" if flow.steps is None else f"{flow.steps} "
    return f"{number}steps of the input" if flow.aligned else f"{number}other steps than the input's"


class ParallelSteps(nn.Module):
    """Branches over the same steps."""

    def __init__(self, branches: Sequence[Stack], join: Join) -> None:
        super().__init__()
        self.branches, self.join = nn.ModuleList(branches), join

    def forward(
        self, x: Float[Tensor, "batch time feature"], lengths: Lengths = None
    ) -> tuple[Float[Tensor, "batch steps unit"], Lengths]:
        """The branches' values, joined; raises `ModelError` where they give different steps after all."""
        found = [branch(x, lengths) for branch in self._all()]
        after = found[0][1]
        for values, steps in found[1:]:
            if values.shape[1] != found[0][0].shape[1] or not _same(steps, after):
                rule = "branches give the same steps"
                received = f"received {found[0][0].shape[1]} and {values.shape[1]}"
                raise ModelError(f"{rule}: {received}; give them the same padding, stride and pooling")
        return joined([values for values, _ in found], self.join), after

    def _all(self) -> list[Stack]:
        return cast("list[Stack]", list(self.branches))


class StreamingParallel(ParallelSteps, Streams):
    """The same, of branches that run step by step."""

    def start(self, batch: int) -> Memory:
        """What every branch starts with."""
        return tuple(branch.start(batch) for branch in self._all())

    def step(self, x: Float[Tensor, "batch feature"], memory: Memory) -> tuple[Float[Tensor, "batch unit"], Memory]:
        """The branches' values for this step, joined."""
        found = [branch.step(x, before) for branch, before in zip(self._all(), memory, strict=True)]
        return joined([values for values, _ in found], self.join), tuple(after for _, after in found)


def joined(values: Sequence[Float[Tensor, "*batch _"]], join: Join) -> Float[Tensor, "*batch unit"]:
    """Side by side, or their sum."""
    return torch.cat(list(values), dim=-1) if join == "concat" else torch.stack(list(values)).sum(dim=0)


def _same(one: Lengths, other: Lengths) -> bool:
    return (one is None and other is None) or (one is not None and other is not None and torch.equal(one, other))
