"""minGRU, minLSTM, IndRNN, sLSTM and LRU against their equations: outputs and all gradients, through time."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats
from torch import Tensor
from torch.nn import functional as F

from rnnlib.cells import LRU, SLSTM, Cell, CellLayer, IndRNN, MinGRU, MinLSTM
from tests.rnnlib.cells import modern_by_hand as by_hand

INPUTS, UNITS, BATCH, TIME = 3, 6, 4, 9
Hand = Callable[..., by_hand.Pass]
CASES: dict[str, tuple[Cell, Hand]] = {
    "min_gru": (MinGRU(units=UNITS), by_hand.min_gru),
    "min_lstm": (MinLSTM(units=UNITS), by_hand.min_lstm),
    "ind_rnn relu": (IndRNN(units=UNITS), lambda *a: by_hand.ind_rnn(*a, "relu")),
    "ind_rnn tanh": (IndRNN(units=UNITS, activation="tanh"), lambda *a: by_hand.ind_rnn(*a, "tanh")),
    "slstm": (SLSTM(units=UNITS), lambda *a: by_hand.slstm(*a, heads=1, forget="sigmoid")),
    "slstm heads": (SLSTM(units=UNITS, heads=3), lambda *a: by_hand.slstm(*a, heads=3, forget="sigmoid")),
    "slstm exp": (SLSTM(units=UNITS, heads=2, forget="exp"), lambda *a: by_hand.slstm(*a, heads=2, forget="exp")),
    "lru": (LRU(units=UNITS), by_hand.lru),
    "lru outputs": (LRU(units=UNITS, outputs=2), by_hand.lru),
}


def layer_of(cell: Cell, dtype: torch.dtype) -> CellLayer:
    """One layer with every weight drawn anew, biases too: a bias of 0 would hide where it stands."""
    torch.manual_seed(1)
    layer = cell.layer(INPUTS).to(dtype)
    for parameter in layer.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    return layer


def stepwise(layer: CellLayer, x: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, tuple[Tensor, ...]]:
    outputs = []
    for at in x.unbind(0):
        output, state = layer.step(at, state)
        outputs.append(output)
    return torch.stack(outputs), state


def drawn(cell: Cell, dtype: torch.dtype) -> tuple[Tensor, Tensor, tuple[Tensor, ...]]:
    """Inputs, what comes back from above, and a state; its second member is above 0, as a normaliser is."""
    draw = np.random.default_rng(2)
    x, upstream = draw.normal(size=(TIME, BATCH, INPUTS)), draw.normal(size=(TIME, BATCH, cell.width))
    members = len(cell.layer(INPUTS).start(1))
    start = [draw.normal(size=(BATCH, UNITS)) for _ in range(members)]
    if isinstance(cell, SLSTM):
        start[1] = np.abs(start[1]) + 0.5
    return *(torch.tensor(value, dtype=dtype) for value in (x, upstream)), tuple(
        torch.tensor(value, dtype=dtype) for value in start
    )


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-10), (torch.float32, 5e-4)])
@pytest.mark.parametrize("way", ["sequence", "step"])
@pytest.mark.parametrize("begin", ["zero", "state"])
def test_outputs_and_gradients_are_those_of_the_equation(
    case: str, dtype: torch.dtype, tolerance: float, way: str, begin: str
) -> None:
    cell, hand = CASES[case]
    layer = layer_of(cell, dtype)
    x, upstream, start = drawn(cell, dtype)
    if begin == "zero":
        start = tuple(member.detach() for member in layer.start(BATCH))
    weights = {name: parameter.detach().double().numpy() for name, parameter in layer.named_parameters()}
    doubled = (x.double().numpy(), weights, tuple(one.double().numpy() for one in start), upstream.double().numpy())
    expected = hand(*doubled)

    x.requires_grad_()
    leaves = tuple(member.clone().requires_grad_() for member in start)
    outputs, _ = layer.sequence(x, leaves) if way == "sequence" else stepwise(layer, x, leaves)
    (outputs * upstream).sum().backward()

    def close(ours: Tensor, theirs: np.ndarray, what: str) -> None:
        np.testing.assert_allclose(ours.detach(), theirs, rtol=tolerance, atol=tolerance, err_msg=what)

    close(outputs, expected.outputs, "outputs")
    close(x.grad, expected.x, "x")
    assert set(expected.weights) == set(weights)
    for name, gradient in expected.weights.items():
        close(layer.get_parameter(name).grad, gradient, name)
    for member, gradient in zip(leaves, expected.start if begin == "state" else (), strict=False):
        close(member.grad, gradient, "start")


@pytest.mark.parametrize("case", CASES)
def test_the_gradients_through_the_last_state_are_those_of_the_steps(case: str) -> None:
    """What a later stretch of the sequence sends back reaches the weights through every member of the state."""
    cell, _ = CASES[case]
    layer, found = layer_of(cell, torch.float64), []
    x, _, start = drawn(cell, torch.float64)
    for run in (layer.sequence, lambda x, state: stepwise(layer, x, state)):
        layer.zero_grad()
        _, after = run(x, start)
        sum((member * (place + 1)).sin().sum() for place, member in enumerate(after)).backward()
        found.append([None if p.grad is None else p.grad.clone() for p in layer.parameters()])
    for ours, theirs in zip(*found, strict=True):
        torch.testing.assert_close(
            ours if ours is not None else torch.zeros(()).double(),
            theirs if theirs is not None else torch.zeros(()).double(),
            rtol=0,
            atol=1e-10,
        )


@pytest.mark.parametrize("case", CASES)
def test_the_hand_written_gradients_are_those_of_differences(case: str) -> None:
    """The oracle itself: its backward pass against central differences of its forward pass."""
    cell, hand = CASES[case]
    x, upstream, start = (value if isinstance(value, tuple) else value.numpy() for value in drawn(cell, torch.float64))
    start = tuple(one.numpy() for one in start)
    named = layer_of(cell, torch.float64).named_parameters()
    weights = {name: parameter.detach().numpy().copy() for name, parameter in named}
    expected, draw = hand(x, weights, start, upstream), np.random.default_rng(3)
    pairs: list[tuple[str, Any, Any]] = [(name, weights[name], expected.weights[name]) for name in weights]
    pairs += [("start", value, gradient) for value, gradient in zip(start, expected.start, strict=False)]
    for name, value, gradient in [*pairs, ("x", x, expected.x)]:
        place = tuple(draw.integers(size) for size in value.shape)
        middle, sides = value[place], []
        for value[place] in (middle + 1e-6, middle - 1e-6):
            sides.append((hand(x, weights, start, upstream).outputs * upstream).sum())
        value[place] = middle
        assert (sides[0] - sides[1]) / 2e-6 == pytest.approx(gradient[place], rel=1e-5, abs=1e-7), name


def log_g(x: Tensor) -> Tensor:
    return torch.where(x >= 0, (F.relu(x) + 0.5).log(), -F.softplus(-x))


def parallel_scan_log(log_coeffs: Tensor, log_values: Tensor) -> Tensor:
    """The paper's listing, time first."""
    a_star = F.pad(torch.cumsum(log_coeffs, dim=0), (0, 0, 0, 0, 1, 0))
    return (a_star + torch.logcumsumexp(log_values - a_star, dim=0)).exp()[1:]


def test_the_minimal_cells_are_the_published_scan_over_logarithms() -> None:
    """Feng et al. 2024, listings of the log-space versions, from a state above 0."""
    torch.manual_seed(0)
    x, start = torch.randn(40, 3, INPUTS, dtype=torch.float64), torch.rand(3, UNITS, dtype=torch.float64) + 0.1
    first = start.log()[None]

    gru = layer_of(MinGRU(units=UNITS), torch.float64)
    k, candidate = F.linear(x, gru.kernel, gru.bias).chunk(2, -1)
    theirs = parallel_scan_log(-F.softplus(k), torch.cat([first, -F.softplus(-k) + log_g(candidate)]))
    torch.testing.assert_close(gru.sequence(x, (start,))[0], theirs, rtol=1e-10, atol=1e-10)

    lstm = layer_of(MinLSTM(units=UNITS), torch.float64)
    i, f, candidate = F.linear(x, lstm.kernel, lstm.bias).chunk(3, -1)
    diff = F.softplus(-f) - F.softplus(-i)
    log_f, log_i = -F.softplus(diff), -F.softplus(-diff)
    theirs = parallel_scan_log(log_f, torch.cat([first, log_i + log_g(candidate)]))
    torch.testing.assert_close(lstm.sequence(x, (start,))[0], theirs, rtol=1e-10, atol=1e-10)


def test_a_min_lstm_with_both_gates_shut_stands() -> None:
    """f / (f + i) of two zeros is their limit, not 0 / 0."""
    layer = layer_of(MinLSTM(units=UNITS), torch.float32)
    torch.nn.init.constant_(layer.bias, -1000.0)
    outputs, _ = layer.sequence(torch.randn(5, 2, INPUTS), layer.start(2))
    outputs.sum().backward()
    assert outputs.isfinite().all()
    assert layer.kernel.grad.isfinite().all()


def test_the_lru_is_a_convolution_with_the_powers_of_its_factors() -> None:
    """y_t = Σ_s Re(C λ^{t−s} γ B x_s) + D x_t + b, in complex numbers and without a recurrence."""
    layer = layer_of(LRU(units=UNITS, outputs=2), torch.float64)
    x = torch.randn(12, 2, INPUTS, dtype=torch.float64)
    b = layer.kernel[:, 0] + 1j * layer.kernel[:, 1]
    c = layer.output_kernel[..., 0] - 1j * layer.output_kernel[..., 1]
    powers = layer.factors() ** torch.arange(12)[:, None]
    kernels = torch.einsum("on,tn,n,ni->toi", c, powers, layer.log_scale.exp().to(c.dtype), b).real
    theirs = x @ layer.skip_kernel.T + layer.bias
    theirs = theirs + torch.stack([sum(x[s] @ kernels[t - s].T for s in range(t + 1)) for t in range(12)])
    torch.testing.assert_close(layer.sequence(x, layer.start(2))[0], theirs, rtol=0, atol=1e-10)


@pytest.mark.parametrize("forget", ["sigmoid", "exp"])
def test_exponential_gates_do_not_overflow(forget: str) -> None:
    """exp(±1000) has no float: with the stabiliser every output is still a share of what was read."""
    layer = layer_of(SLSTM(units=UNITS, forget=forget), torch.float32)
    for scale in (1e3, -1e3):
        torch.nn.init.constant_(layer.bias, scale)
        outputs, _ = layer.sequence(1e3 * torch.randn(20, 2, INPUTS), layer.start(2))
        outputs.sum().backward()
        assert outputs.isfinite().all()
        assert outputs.abs().max() <= 1
        assert all(parameter.grad.isfinite().all() for parameter in layer.parameters())


def test_heads_see_their_own_past_alone() -> None:
    layer = layer_of(SLSTM(units=UNITS, heads=3), torch.float64)
    x, start = torch.zeros(3, 1, INPUTS, dtype=torch.float64), list(layer.start(1))
    before = layer.sequence(x, tuple(start))[0]
    start[2] = start[2].clone()
    start[2][0, 0] = 1.0
    moved = (layer.sequence(x, tuple(start))[0] != before).any(0)[0]
    assert moved.tolist() == [True, True, False, False, False, False]


def test_factors_start_on_their_ring_and_the_scale_keeps_the_state_at_one_size() -> None:
    torch.manual_seed(0)
    layer = LRU(units=4000, r_min=0.5, r_max=0.9, max_phase=1.5, factor_rate=0.1).layer(1)
    factors = layer.factors().detach()
    squared = factors.abs() ** 2
    assert stats.kstest(squared.numpy(), stats.uniform(0.25, 0.81 - 0.25).cdf).pvalue > 1e-3
    assert stats.kstest(factors.angle().numpy(), stats.uniform(0, 1.5).cdf).pvalue > 1e-3
    torch.testing.assert_close(layer.log_scale.exp(), (1 - squared).sqrt(), rtol=1e-4, atol=1e-5)


def test_factors_learn_slower_by_their_rate() -> None:
    """One step of Adam moves ν and θ by the learning rate times the rate, wherever they stand."""
    moved = []
    for rate in (1.0, 0.01):
        torch.manual_seed(0)
        layer = LRU(units=UNITS, r_min=0.5, r_max=0.9, factor_rate=rate).layer(INPUTS).double()
        adam, before = torch.optim.Adam(layer.parameters(), lr=1e-3), layer.factors().detach()
        layer.sequence(torch.ones(5, 2, INPUTS).double(), layer.start(2))[0].square().sum().backward()
        adam.step()
        moved.append(layer.factors().detach() - before)
    torch.testing.assert_close(moved[1] / 0.01, moved[0], rtol=0.02, atol=1e-9)


def test_independent_weights_start_within_their_range() -> None:
    torch.manual_seed(0)
    u = IndRNN(units=4000, longest=200, least=0.5).layer(1).recurrent.detach()
    low, high = 0.5 ** (1 / 200), 2 ** (1 / 200)
    assert stats.kstest(u.double().numpy(), stats.uniform(low, high - low).cdf).pvalue > 1e-3
    assert IndRNN(units=4000, longest=200).layer(1).recurrent.min() < 0.01


def test_no_time_step_of_half_precision_is_added_up_in_half_precision() -> None:
    """Under autocast the gates are bfloat16 and the states float32."""
    for cell in (MinGRU(units=UNITS), MinLSTM(units=UNITS), IndRNN(units=UNITS), SLSTM(units=UNITS), LRU(units=UNITS)):
        layer = layer_of(cell, torch.float32)
        x = torch.randn(50, 2, INPUTS)
        with torch.autocast("cpu", torch.bfloat16):
            outputs, after = layer.sequence(x, layer.start(2))
        outputs.float().sum().backward()
        assert {member.dtype for member in after} == {torch.float32}, cell.kind
        whole, _ = layer.sequence(x, layer.start(2))
        torch.testing.assert_close(outputs.float(), whole, rtol=0.1, atol=0.2)
