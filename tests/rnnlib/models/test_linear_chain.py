"""Linear chains against every path written out: log Z, the best path, marginals, gradients, tags that are not known."""

from itertools import product

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from rnnlib.layer import Flow
from rnnlib.models import Shape
from rnnlib.models.heads import Crf
from rnnlib.models.linear_chain import best_path, log_partition, marginals
from rnnlib.models.losses import CrfLikelihood
from tests.rnnlib.models.examples import TAGS, batch_of


def potentials_of(batch: int, time: int, states: int, seed: int = 0) -> Tensor:
    draw = torch.Generator().manual_seed(seed)
    return 2 * torch.randn(batch, time, states, states, dtype=torch.float64, generator=draw)


def paths(potentials: Tensor) -> dict[tuple[int, ...], float]:
    """Every path of one sequence and its score."""
    time, states = potentials.shape[0], potentials.shape[1]
    return {
        path: float(sum(potentials[t, path[t - 1] if t else 0, path[t]] for t in range(time)))
        for path in product(range(states), repeat=time)
    }


@settings(max_examples=20, deadline=None)
@given(time=st.integers(1, 5), states=st.integers(2, 4), seed=st.integers(0, 99))
def test_all_paths(time: int, states: int, seed: int) -> None:
    potentials = potentials_of(2, time, states, seed)
    every = torch.ones(1, 2, time, states, dtype=torch.bool)
    (found,), best, shares = log_partition(potentials, every), best_path(potentials), marginals(potentials)
    for number in range(2):
        scores = paths(potentials[number])
        weights = torch.tensor(list(scores.values()), dtype=torch.float64)
        total = torch.logsumexp(weights, 0)
        assert abs(found[number] - total) < 1e-10
        assert tuple(best[number].tolist()) == max(scores, key=lambda path: scores[path])
        by_hand = torch.zeros(time, states, dtype=torch.float64)
        for path, weight in zip(scores, (weights - total).exp(), strict=True):
            for step, state in enumerate(path):
                by_hand[step, state] += weight
        torch.testing.assert_close(shares[number], by_hand, rtol=0, atol=1e-10)


@settings(max_examples=20, deadline=None)
@given(time=st.integers(1, 4), seed=st.integers(0, 99))
def test_the_likelihood_sums_over_what_is_not_known(time: int, seed: int) -> None:
    potentials = potentials_of(3, time, 3, seed)
    draw = torch.Generator().manual_seed(seed + 1)
    truth = torch.randint(3, (3, time), generator=draw)
    observed = torch.rand(3, time, generator=draw) < 0.6
    total, count = CrfLikelihood().sums(potentials, truth, observed)
    by_hand = 0.0
    for number in range(3):
        scores = paths(potentials[number])
        agrees = [
            score
            for path, score in scores.items()
            if all(path[t] == truth[number, t] for t in range(time) if observed[number, t])
        ]
        sums = [torch.logsumexp(torch.tensor(some, dtype=torch.float64), 0) for some in (list(scores.values()), agrees)]
        by_hand += float(sums[0] - sums[1])
    assert abs(float(total) - by_hand) < 1e-10
    assert int(count) == int(observed.sum())


def test_known_tags_are_the_score_of_one_path() -> None:
    potentials = potentials_of(1, 4, 3)
    total, count = CrfLikelihood().sums(potentials, torch.tensor([[2, 0, 1, 1]]))
    scores = paths(potentials[0])
    partition = torch.logsumexp(torch.tensor(list(scores.values()), dtype=torch.float64), 0)
    assert abs(float(total) - float(partition - scores[2, 0, 1, 1])) < 1e-10
    assert int(count) == 4


def test_gradients() -> None:
    truth, observed = torch.tensor([[0, 1, 2], [1, 0, 0]]), torch.tensor([[True, False, True], [True, True, False]])

    def loss(potentials: Tensor) -> Tensor:
        return CrfLikelihood().sums(potentials, truth, observed)[0]

    potentials = potentials_of(2, 3, 3).requires_grad_()
    assert torch.autograd.gradcheck(loss, (potentials,))
    (log_partition(potentials, torch.ones(1, 2, 3, 3, dtype=torch.bool))).sum().backward()
    by_state = potentials.grad.sum(dim=2)
    torch.testing.assert_close(by_state, marginals(potentials.detach()), rtol=0, atol=1e-12)


def built(dtype: torch.dtype) -> torch.nn.Module:
    torch.manual_seed(0)
    head = Crf().build(Flow(6), TAGS).to(dtype)
    with torch.no_grad():
        for parameter in (head.transitions, head.start, head.end):
            parameter.normal_()
    return head


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_padded_batch_is_each_sequence_alone(dtype: torch.dtype) -> None:
    head, batch = built(dtype), batch_of(TAGS)
    object.__setattr__(batch, "static", batch.static.to(dtype))
    states = torch.randn(5, 7, 6, dtype=dtype)
    padded = head(states, batch.lengths, batch).detach().requires_grad_()
    total, _ = CrfLikelihood().sums(padded, batch.tags, batch.tags_observed)
    total.backward()
    assert padded.grad.isfinite().all()
    best, shares, alone = best_path(padded), marginals(padded), 0.0
    for number, length in enumerate(batch.lengths.tolist()):
        one = slice(number, number + 1)
        own = batch_of(TAGS.model_copy(update={"static": 0}), 1)
        object.__setattr__(own, "static", batch.static[one])
        object.__setattr__(own, "lengths", batch.lengths[one])
        potentials = head(states[one, :length], None, own).detach()
        alone += CrfLikelihood().sums(potentials, batch.tags[one, :length], batch.tags_observed[one, :length])[0]
        assert torch.equal(best[one, :length], best_path(potentials))
        torch.testing.assert_close(shares[one, :length], marginals(potentials))
    torch.testing.assert_close(total.detach(), alone, rtol=1e-5 if dtype == torch.float32 else 1e-12, atol=0)


def test_what_follows_what_is_learned() -> None:
    """Emissions say nothing, the transitions everything: an alternating sequence."""
    torch.manual_seed(0)
    head, shape = Crf().build(Flow(1), Shape(inputs=1, classes=2, tags=1)), Shape(inputs=1, classes=2, tags=1)
    batch, states = batch_of(shape, 4, 6), torch.zeros(4, 6, 1)
    tags = (torch.arange(6) % 2).expand(4, 6)
    optimizer = torch.optim.Adam(head.parameters(), lr=0.3)
    for _ in range(60):
        total, count = CrfLikelihood().sums(head(states, None, batch), tags)
        optimizer.zero_grad()
        (total / count).backward()
        optimizer.step()
    assert float((total / count).detach()) < 0.01
    assert torch.equal(best_path(head(states[:1], None, batch_of(shape, 1, 6)))[0], tags[0])
