"""What is drawn, against `torch.nn.init` from the same seed, and against the distributions of scipy."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from scipy import stats
from torch import Tensor, nn

from rnnlib.initialisation import (
    Chrono,
    Constant,
    ForgetBias,
    He,
    Identity,
    Initialisation,
    Lecun,
    Normal,
    Orthogonal,
    TruncatedNormal,
    Uniform,
    Xavier,
    Zeros,
)

OUTPUTS, INPUTS = 300, 200
TORCH: list[tuple[Initialisation, Callable[[Tensor], Any]]] = [
    (Normal(mean=1, standard_deviation=2), lambda w: nn.init.normal_(w, 1, 2)),
    (TruncatedNormal(mean=1, standard_deviation=2, within=1.5), lambda w: nn.init.trunc_normal_(w, 1, 2, -2, 4)),
    (Uniform(low=-2, high=1), lambda w: nn.init.uniform_(w, -2, 1)),
    (Xavier(gain=2), lambda w: nn.init.xavier_uniform_(w, 2)),
    (Xavier(distribution="normal"), nn.init.xavier_normal_),
    (He(), lambda w: nn.init.kaiming_normal_(w, nonlinearity="relu")),
    (He(distribution="uniform", fan="out", slope=0.2), lambda w: nn.init.kaiming_uniform_(w, 0.2, "fan_out")),
    (Lecun(), lambda w: nn.init.kaiming_normal_(w, nonlinearity="linear")),
    (Orthogonal(gain=3), lambda w: nn.init.orthogonal_(w, 3)),
    (Identity(), nn.init.eye_),
    (Zeros(), nn.init.zeros_),
    (Constant(value=4), lambda w: nn.init.constant_(w, 4)),
]
DISTRIBUTIONS = [
    (Normal(mean=1, standard_deviation=2), stats.norm(1, 2)),
    (TruncatedNormal(mean=1, standard_deviation=2, within=1.5), stats.truncnorm(-1.5, 1.5, 1, 2)),
    (Uniform(low=-2, high=1), stats.uniform(-2, 3)),
    (Xavier(gain=2), stats.uniform(-2 * math.sqrt(6 / 500), 4 * math.sqrt(6 / 500))),
    (Xavier(distribution="normal"), stats.norm(0, math.sqrt(2 / 500))),
    (He(), stats.norm(0, math.sqrt(2 / INPUTS))),
    (He(fan="out", slope=0.5), stats.norm(0, math.sqrt(2 / 1.25 / OUTPUTS))),
    (He(distribution="uniform"), stats.uniform(-math.sqrt(6 / INPUTS), 2 * math.sqrt(6 / INPUTS))),
    (Lecun(), stats.norm(0, math.sqrt(1 / INPUTS))),
    (Lecun(distribution="uniform"), stats.uniform(-math.sqrt(3 / INPUTS), 2 * math.sqrt(3 / INPUTS))),
]


def name(case: Any) -> str | None:
    return str(case.model_dump()) if isinstance(case, Initialisation) else None


@pytest.mark.parametrize(("part", "theirs"), TORCH, ids=name)
def test_the_same_seed_draws_what_torch_draws(part: Initialisation, theirs: Callable[[Tensor], Any]) -> None:
    ours, other = torch.empty(30, 20), torch.empty(30, 20)
    torch.manual_seed(1)
    part.draw(ours)
    torch.manual_seed(1)
    theirs(other)
    assert torch.equal(ours, other)


@pytest.mark.parametrize(("part", "distribution"), DISTRIBUTIONS, ids=name)
def test_values_follow_their_distribution(part: Initialisation, distribution: Any) -> None:
    torch.manual_seed(0)
    weights = torch.empty(OUTPUTS, INPUTS, dtype=torch.float64)
    part.draw(weights)
    values = weights.flatten().numpy()
    assert stats.kstest(values, distribution.cdf).pvalue > 1e-3
    assert values.mean() == pytest.approx(distribution.mean(), abs=5 * distribution.std() / math.sqrt(values.size))
    assert values.var() == pytest.approx(distribution.var(), rel=0.03)


@pytest.mark.parametrize("shape", [(64, 64), (80, 30), (30, 80)])
def test_orthogonal_matrices_are_orthogonal(shape: tuple[int, int]) -> None:
    torch.manual_seed(2)
    weights = torch.empty(shape, dtype=torch.float64)
    Orthogonal(gain=0.7).draw(weights)
    narrow = weights if shape[0] <= shape[1] else weights.T
    torch.testing.assert_close(narrow @ narrow.T, 0.49 * torch.eye(min(shape)).double(), rtol=0, atol=1e-6)


def test_the_identity_of_a_matrix_that_is_not_square() -> None:
    weights = torch.empty(3, 5)
    Identity(scale=0.5).draw(weights)
    assert torch.equal(weights @ torch.arange(5.0), torch.tensor([0, 0.5, 1.0]))


def test_a_relu_cell_with_identity_sums_what_it_reads() -> None:
    """h' = relu(x + I h): the whole point of an identity start."""
    recurrent, h = torch.empty(4, 4), torch.zeros(2, 4)
    Identity().draw(recurrent)
    x = torch.rand(50, 2, 4)
    for at in x:
        h = torch.relu(at + h @ recurrent.T)
    torch.testing.assert_close(h, x.sum(0))


def biases(*gates: str) -> dict[str, Tensor]:
    return {gate: torch.full((10_000,), 7.0, dtype=torch.float64) for gate in gates}


def test_chrono_spreads_memories_evenly_between_one_step_and_the_longest() -> None:
    """σ(b_f) = 1 − 1/T with T − 1 = exp(b_f) uniform; the input gate lets in what the forget gate lets go."""
    torch.manual_seed(0)
    lstm = biases("input", "forget", "candidate", "output")
    Chrono(longest=1000).draw_gates(lstm)
    assert lstm["forget"].min() >= 0
    assert lstm["forget"].max() <= math.log(999)
    assert stats.kstest(lstm["forget"].exp().numpy(), stats.uniform(1, 998).cdf).pvalue > 1e-3
    assert torch.equal(lstm["input"], -lstm["forget"])
    torch.testing.assert_close(lstm["input"].sigmoid() + lstm["forget"].sigmoid(), torch.ones(10_000).double())
    assert not lstm["candidate"].any()
    assert not lstm["output"].any()


def test_chrono_opens_the_gate_that_keeps_and_shuts_the_gate_that_renews() -> None:
    for gates, sign in ((("reset", "keep", "candidate"), 1), (("renew", "candidate"), -1)):
        torch.manual_seed(0)
        drawn = biases(*gates)
        Chrono(longest=500).draw_gates(drawn)
        (memory,) = (drawn.pop(gate) for gate in ("keep", "renew") if gate in drawn)
        assert stats.kstest((sign * memory).exp().numpy(), stats.uniform(1, 498).cdf).pvalue > 1e-3
        assert all(not bias.any() for bias in drawn.values())


def test_the_forget_bias_is_a_bias_towards_the_old_state() -> None:
    for gates, expected in (
        (("input", "forget", "candidate", "output"), [0, 3, 0, 0]),
        (("reset", "keep", "candidate"), [0, 3, 0]),
        (("renew", "candidate"), [-3, 0]),
    ):
        drawn = biases(*gates)
        ForgetBias(value=3).draw_gates(drawn)
        assert [bias.unique().item() for bias in drawn.values()] == expected
