"""Penalties and steps that differ by weight, drawn with the library's own optimizers and penalties."""

from collections.abc import Callable

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import Tensor, nn

from drawing.canvas import BLUE, GREY, ORANGE, charts, label
from rnnlib.training import SGD, Adagrad, Adam, AdamW
from rnnlib.training.averaging import Average
from rnnlib.training.flat import Flat
from rnnlib.training.optimizers import Optimizer
from rnnlib.training.penalties import L1, ActivationChange, ActivationSize, Orthogonality


def _path(
    optimizer: Optimizer, start: list[float], steps: int, gradient: Callable[[Tensor, int], Tensor]
) -> np.ndarray:
    theta = torch.tensor(start, dtype=torch.float64)
    memory, path = optimizer.start(theta), [theta.numpy().copy()]
    for step in range(1, steps + 1):
        optimizer.step(theta, gradient(theta, step), memory, step, optimizer.learning_rate)
        path.append(theta.numpy().copy())
    return np.array(path)


def adamw() -> Figure:
    """A weight that no data asks for beside noise of two sizes: Adam's L2 hardly pulls at the noisy one, AdamW does."""
    figure, panels = charts(2, width=6.2, height=2.3)
    draw = torch.Generator().manual_seed(1)
    noise = torch.randn(200, 2, generator=draw, dtype=torch.float64) * torch.tensor([0.01, 1.0])
    shown = (Adam(learning_rate=0.02, weight_decay=0.2), AdamW(learning_rate=0.02, weight_decay=0.5))
    for axes, optimizer in zip(panels, shown, strict=True):
        path = _path(optimizer, [1.0, 1.0], 200, lambda _w, step: noise[step - 1])
        axes.plot(path[:, 0], color=BLUE, label="little noise")
        axes.plot(path[:, 1], color=ORANGE, label="much noise")
        axes.axhline(0, color=GREY, linewidth=0.6)
        axes.set_ylim(-0.4, 1.3)
        label(axes, "step", "weight", title=optimizer.kind)
    panels[0].legend(fontsize=8, loc="lower left")
    return figure


def adagrad() -> Figure:
    """Two weights asked for with the same force, one at every step, one at every tenth."""
    figure, (axes,) = charts()

    def gradient(_weights: Tensor, step: int) -> Tensor:
        return torch.tensor([-1.0, -1.0 if step % 10 == 0 else 0.0], dtype=torch.float64)

    path = _path(Adagrad(learning_rate=0.1), [0.0, 0.0], 200, gradient)
    axes.plot(path[:, 0], color=BLUE, label="asked for at every step")
    axes.plot(path[:, 1], color=ORANGE, label="at every tenth")
    axes.legend(fontsize=8)
    label(axes, "step", "weight")
    return figure


def _pulled(weight: nn.Parameter, add: Callable[[Flat], None], loss: Callable[[], Tensor], steps: int) -> list[Tensor]:
    """A weight down a loss with a penalty, after every step of plain descent."""
    flat = Flat([("recurrent_kernel", weight)])
    optimizer, path = SGD(learning_rate=0.05), [weight.detach().clone()]
    for step in range(1, steps + 1):
        flat.gradient.zero_()
        loss().backward()
        add(flat)
        optimizer.step(flat.theta, flat.gradient, {}, step, optimizer.learning_rate)
        path.append(weight.detach().clone())
    return path


def l1() -> Figure:
    """Weights that the data wants at 1, 0.4 and 0.1, without the penalty and with it."""
    figure, panels = charts(2, width=6.2, height=2.3)
    wanted = torch.tensor([[1.0, 0.4, 0.1]])
    for axes, size in zip(panels, (0.0, 0.2), strict=True):
        weight = nn.Parameter(torch.tensor([[0.6, 0.6, 0.6]]))
        penalty = L1(weight=size).add_gradient if size else _nothing
        path = torch.cat(_pulled(weight, penalty, lambda w=weight: 0.5 * (w - wanted).square().sum(), 80))
        for column, colour in enumerate((BLUE, ORANGE, GREY)):
            axes.plot(path[:, column], color=colour, label=f"wanted at {float(wanted[0, column]):g}")
        axes.set_ylim(-0.05, 1.05)
        label(axes, "step", "weight", title=f"λ = {size:g}")
    panels[0].legend(fontsize=8, loc="lower right")
    return figure


def _nothing(_flat: Flat) -> None:
    return None


def orthogonality() -> Figure:
    """The singular values of a random kernel under the penalty: all of them go to 1."""
    figure, (axes,) = charts()
    draw = torch.Generator().manual_seed(2)
    weight = nn.Parameter(torch.randn(6, 6, generator=draw) * 0.5)
    path = _pulled(weight, Orthogonality(weight=0.2).add_gradient, lambda: 0.0 * weight.sum(), 60)
    values = torch.stack([torch.linalg.svdvals(one) for one in path])
    axes.plot(values, color=BLUE, linewidth=1.2)
    axes.axhline(1, color=GREY, linewidth=0.8, linestyle="--")
    label(axes, "step", "singular values of U")
    return figure


def _outputs(penalty: ActivationSize | ActivationChange) -> tuple[np.ndarray, np.ndarray]:
    """Outputs that a loss wants along a jagged line, without the penalty and with it."""
    draw = torch.Generator().manual_seed(5)
    wanted = torch.sin(torch.arange(30) / 4.0) + 0.35 * torch.randn(30, generator=draw)
    outputs = wanted[None, :, None].clone().requires_grad_()
    for _ in range(400):
        loss = (outputs[0, :, 0] - wanted).square().mean() + penalty.of(outputs, None)
        (gradient,) = torch.autograd.grad(loss, outputs)
        with torch.no_grad():
            outputs -= 3.0 * gradient
    return wanted.numpy(), outputs.detach()[0, :, 0].numpy()


def _beside(penalty: ActivationSize | ActivationChange) -> Figure:
    figure, (axes,) = charts()
    plain, penalised = _outputs(penalty)
    axes.plot(plain, color=GREY, marker="o", markersize=2.5, label="without")
    axes.plot(penalised, color=BLUE, marker="o", markersize=2.5, label=f"λ = {penalty.weight:g}")
    axes.axhline(0, color=GREY, linewidth=0.5)
    axes.legend(fontsize=8)
    label(axes, "step of time", "h")
    return figure


def activation_size() -> Figure:
    """The outputs of a unit over time, without the penalty and with it."""
    return _beside(ActivationSize(weight=1.0))


def activation_change() -> Figure:
    """The same unit, kept from jumping."""
    return _beside(ActivationChange(weight=1.0))


def weight_average() -> Figure:
    """A weight that noise keeps moving around its best value, and its average."""
    figure, (axes,) = charts()
    draw = torch.Generator().manual_seed(3)
    section, theta = Average(decay=0.95, from_epoch=1), torch.tensor([2.0])
    average, path, averages = section.begun(None, theta, 1), [2.0], [2.0]
    assert average is not None
    for _ in range(200):
        theta -= 0.1 * (theta + 3.0 * torch.randn(1, generator=draw))
        average.lerp_(theta, 1 - section.decay)
        path.append(float(theta))
        averages.append(float(average))
    axes.plot(path, color=GREY, linewidth=1, label="θ")
    axes.plot(averages, color=BLUE, label="average, d = 0.95")
    axes.axhline(0, color=ORANGE, linewidth=1, linestyle="--", label="best")
    axes.legend(fontsize=8)
    label(axes, "step", "weight")
    return figure
