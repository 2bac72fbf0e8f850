"""The linear recurrent unit: a linear recurrence with complex factors, stable by the way it is written."""

from __future__ import annotations

import math
from typing import ClassVar, Literal, Self

import torch
from jaxtyping import Complex, Float
from pydantic import Field, model_validator
from torch import Tensor, nn
from torch.nn import functional as F

from rnnlib.cells.base import Cell
from rnnlib.cells.initialisation import draw_bias, draw_kernel
from rnnlib.cells.layer import CellLayer, State
from rnnlib.cells.scan import linear_scan, wide
from rnnlib.errors import misplaced
from rnnlib.initialisation import AnyInitialisation, Gate, Lecun


class LRU(Cell):
    r"""Linear recurrent unit.

    h' = λ ⊙ h + γ ⊙ (B x),  y = Re(C h') + D x + b,
    λ = exp(−exp(ν) + i · exp(θ)),  |λ| < 1 whatever ν is

    x: [batch, inputs], h: complex [batch, units], B: complex [units, inputs], C: complex [outputs, units],
    D: [outputs, inputs], ν, θ, log γ: [units], b: [outputs];
    units · (2 · inputs + 2 · outputs + 3) + outputs · (inputs + 1) parameters a layer.
    At the start λ is uniform on the ring r_min ≤ |λ| ≤ r_max with phases in [0, max_phase], and γ = √(1 − |λ|²) keeps
    the size of h whatever |λ| is. It is linear: layers that are not stand behind it.
    An error in θ grows with every step, so that what is to be remembered over 1000 steps needs it to learn slowly:
    the weights are ν / factor_rate and θ / factor_rate, and a step of Adam moves ν and θ by so much less.

    Source: Orvieto et al. 2023, arXiv:2303.06349.
    """

    gates: ClassVar[tuple[Gate, ...]] = ("output",)

    kind: Literal["lru"] = "lru"
    outputs: int | None = Field(None, ge=1, le=65_536, description="width of what is shown; as units if left out")
    r_min: float = Field(0.0, ge=0, lt=1, description="least |λ| at the start: 1 − r is forgotten at every step")
    r_max: float = Field(0.999, gt=0, lt=1, description="greatest |λ| at the start")
    factor_rate: float = Field(
        1.0, gt=0, le=1, description="how fast ν and θ learn beside the other weights, by Adam and its kin"
    )
    max_phase: float = Field(2 * math.pi, gt=0, le=2 * math.pi, description="greatest angle of λ at the start")
    kernel_initialisation: AnyInitialisation = Field(
        Lecun(), description="how the real and the imaginary parts of B (divided by √2) and C start, and D"
    )

    @model_validator(mode="after")
    def _the_ring_has_an_inside(self) -> Self:
        if self.r_min >= self.r_max:
            received = f"received r_min {self.r_min:g} and r_max {self.r_max:g}"
            raise misplaced(f"r_min is below r_max: {received}; widen the ring", "r_min")
        return self

    @property
    def width(self) -> int:
        """What is read out of the state."""
        return self.units if self.outputs is None else self.outputs

    def layer(self, inputs: int) -> LRULayer:
        """One layer of it."""
        return LRULayer(inputs, self)


class LRULayer(CellLayer):
    """The weights of one LRU layer; a state is two real tensors, Re h and Im h.

    `kernel` B [units, Re and Im, inputs], `output_kernel` C [outputs, units, Re and −Im], `skip_kernel` D, `bias` b,
    `log_decay` ν / factor_rate, `log_phase` θ / factor_rate, `log_scale` log γ.
    """

    bias: nn.Parameter | None

    def __init__(self, inputs: int, cell: LRU) -> None:
        units, outputs = cell.units, cell.width
        super().__init__((units, units), learned=cell.initial_state == "learned")
        self.kernel = nn.Parameter(torch.empty(units, 2, inputs))
        self.output_kernel = nn.Parameter(torch.empty(outputs, units, 2))
        self.skip_kernel = nn.Parameter(torch.empty(outputs, inputs))
        self.register_parameter("bias", nn.Parameter(torch.empty(outputs)) if cell.bias else None)
        self.factor_rate = cell.factor_rate
        self.log_decay, self.log_phase, self.log_scale = (nn.Parameter(torch.empty(units)) for _ in range(3))
        self._draw_kernels(cell.kernel_initialisation)
        self._draw_ring(cell)
        if self.bias is not None:
            draw_bias(self.bias, cell.gates, cell.bias_initialisation)

    @torch.no_grad()
    def _draw_kernels(self, how: AnyInitialisation) -> None:
        for part in range(2):
            how.draw(self.kernel[:, part])
            how.draw(self.output_kernel[:, :, part])
        self.kernel.div_(math.sqrt(2))
        draw_kernel(self.skip_kernel, 1, how)

    @torch.no_grad()
    def _draw_ring(self, cell: LRU) -> None:
        """|λ|² uniform in [r_min², r_max²], which is λ uniform over the area of the ring."""
        squared = torch.rand_like(self.log_decay) * (cell.r_max**2 - cell.r_min**2) + cell.r_min**2
        squared = squared.clamp(min=torch.finfo(squared.dtype).tiny)
        self.log_decay.copy_((-squared.log() / 2).log() / self.factor_rate)
        angle = torch.rand_like(self.log_phase).clamp(min=torch.finfo(squared.dtype).eps) * cell.max_phase
        self.log_phase.copy_(angle.log() / self.factor_rate)
        self.log_scale.copy_((1 - squared).log() / 2)

    def factors(self) -> Complex[Tensor, " unit"]:
        """λ = exp(−exp(ν) + i · exp(θ))."""
        decay, phase = (self.factor_rate * weight for weight in (self.log_decay, self.log_phase))
        return torch.exp(torch.complex(-decay.exp(), phase.exp()))

    def step(self, x: Float[Tensor, "batch feature"], state: State) -> tuple[Float[Tensor, "batch output"], State]:
        """h' = λ ⊙ h + γ ⊙ (B x),  y = Re(C h') + D x + b."""
        h = self.factors() * torch.complex(*map(wide, state)) + self._read(x)
        return self._shown(h, x), (h.real, h.imag)

    def sequence(
        self, x: Float[Tensor, "time batch feature"], state: State
    ) -> tuple[Float[Tensor, "time batch output"], State]:
        """B and C over all steps at once, the recurrence between them by `linear_scan`."""
        read = self._read(x)
        states = linear_scan(self.factors()[None, None], read, torch.complex(*map(wide, state)))
        return self._shown(states, x), (states[-1].real, states[-1].imag)

    def _read(self, x: Float[Tensor, "*steps feature"]) -> Complex[Tensor, "*steps unit"]:
        """γ ⊙ (B x): one real product for both parts."""
        kernel = self.log_scale.exp()[:, None, None] * self.kernel
        both = wide(F.linear(x, kernel.flatten(0, 1)))
        return torch.view_as_complex(both.view(*x.shape[:-1], -1, 2))

    def _shown(
        self, h: Complex[Tensor, "*steps unit"], x: Float[Tensor, "*steps feature"]
    ) -> Float[Tensor, "*steps output"]:
        """Re(C h) + D x + b: Re(C h) = Re C · Re h − Im C · Im h."""
        read_out = F.linear(torch.view_as_real(h).flatten(-2), self.output_kernel.flatten(1))
        return read_out + F.linear(x, self.skip_kernel, self.bias)
