"""Convolution over time as a layer."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from rnnlib.activations import Activation
from rnnlib.errors import ModelError, misplaced
from rnnlib.initialisation import AnyFilterInitialisation, Xavier
from rnnlib.layer import Flow, Layer
from rnnlib.layers.convolution import CausalConvolution, Convolution, Filters, Padding, Taps


class Conv1d(Layer):
    """Convolution over time.

    y_t = φ(Σ_k W_k x_{t·stride + (k − p)·dilation} + b),  k = 0 … kernel − 1

    p counts the taps in front: all but the last with `causal` padding, half of them with `same`, none with `valid`,
    which gives no step that would read beyond an end. Beyond its ends a sequence is zero.
    x: [batch, time, inputs], W_k: [filters, inputs / groups], b: [filters].

    Source: LeCun et al. 1989, "Backpropagation applied to handwritten zip code recognition"; causal and dilated: van
    den Oord et al. 2016, arXiv:1609.03499.
    """

    kind: Literal["conv1d"] = "conv1d"
    filters: int = Field(..., ge=1, le=65_536, description="width of what comes out")
    kernel: int = Field(..., ge=1, le=10_000, description="steps that are read for one that comes out")
    stride: int = Field(1, ge=1, le=10_000, description="steps from one place of the kernel to the next")
    dilation: int = Field(1, ge=1, le=10_000, description="steps between those that are read")
    groups: int = Field(1, ge=1, le=65_536, description="how many groups inputs and filters are dealt out to")
    padding: Padding = Field("same", description="what stands in for steps beyond the ends: zeros around, before, none")
    activation: Activation = Field("linear", description="φ of the equation")
    bias: bool = Field(True, description="whether b is added")
    initialisation: AnyFilterInitialisation = Field(Xavier(), description="how W starts; b starts at 0")

    @model_validator(mode="after")
    def _filters_are_dealt_out_evenly(self) -> Self:
        if self.filters % self.groups:
            rule = f"filters are dealt out to {self.groups} groups evenly"
            raise misplaced(f"{rule}: received {self.filters}; use a multiple of {self.groups}", "filters")
        return self

    def after(self, before: Flow) -> Flow:
        """`filters` wide; fewer steps with a stride or without padding. Raises `ModelError` for a misfit."""
        if before.width is not None and before.width % self.groups:
            rule = f"inputs are dealt out to {self.groups} groups evenly"
            raise ModelError(f"{rule}: received {before.width} inputs; use groups that divide them", at=("groups",))
        taps = self._taps()
        steps = None if before.steps is None else taps.steps(before.steps)
        in_place = self.stride == 1 and (self.padding != "valid" or self.kernel == 1)
        return before._replace(width=self.filters, steps=steps, aligned=before.aligned and in_place)

    @property
    def one_way(self) -> bool:
        """Where it is causal and keeps every step."""
        return self.stride == 1 and (self.padding == "causal" or self.kernel == 1)

    def build(self, before: Flow) -> Convolution:
        """The module."""
        self.after(before)
        filters = Filters(
            before.known,
            self.filters,
            self._taps(),
            self.groups,
            bias=self.bias,
            initialisation=self.initialisation,
        )
        return (CausalConvolution if self.one_way else Convolution)(filters, self.activation)

    def _taps(self) -> Taps:
        return Taps(self.kernel, self.stride, self.dilation, self.padding)
