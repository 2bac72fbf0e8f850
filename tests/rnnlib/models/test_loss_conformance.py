"""What every loss promises; a new loss joins by being in its family, and fails where a field has no proof."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
import torch
from pydantic import ValidationError
from torch import Tensor

from rnnlib.errors import ModelError
from rnnlib.models.losses import AnyLoss, ClassLoss, Loss
from tests.rnnlib.families import members

LOSSES = members(AnyLoss)
VALUES = (5, 4, 2)


class Case(NamedTuple):
    """An example of a loss: its output by a generator, and its truth."""

    loss: Loss
    output: Tensor
    truth: Tensor


def drawn(*sizes: int) -> Tensor:
    return torch.randn(*sizes, generator=torch.Generator().manual_seed(len(sizes)), dtype=torch.float64)


def positive(*sizes: int) -> Tensor:
    return drawn(*sizes).exp()


def classes(kind: str, **fields: Any) -> Case:
    loss = LOSSES[kind](**fields)
    assert isinstance(loss, ClassLoss)
    truth = torch.arange(5) % 3
    return Case(loss.weighing({"a": 6, "b": 3, "c": 1}), 2 * drawn(5, 3), truth)


def example(kind: str, **fields: Any) -> Case:
    return EXAMPLES[kind](kind, **fields)


def values(kind: str, **fields: Any) -> Case:
    return Case(LOSSES[kind](**fields), drawn(*VALUES), 2 * drawn(*VALUES).flip(0))


def quantiles(kind: str, levels: tuple[float, ...] = (0.1, 0.5, 0.9)) -> Case:
    return Case(LOSSES[kind](levels=levels), drawn(*VALUES, 3), drawn(*VALUES))


def spread(kind: str) -> Case:
    return Case(LOSSES[kind](), torch.stack([drawn(*VALUES), positive(*VALUES)], dim=-1), drawn(*VALUES).flip(1))


def tailed(kind: str) -> Case:
    output = torch.stack([2 + positive(*VALUES), drawn(*VALUES), positive(*VALUES).flip(0)], dim=-1)
    return Case(LOSSES[kind](), output, drawn(*VALUES).flip(1))


def counted(kind: str) -> Case:
    output = torch.stack([3 * positive(*VALUES), positive(*VALUES).flip(0)], dim=-1)
    return Case(LOSSES[kind](), output, (4 * positive(*VALUES)).floor())


EXAMPLES: dict[str, Callable[..., Case]] = {
    "mse": values,
    "mae": values,
    "huber": values,
    "quantile": quantiles,
    "gaussian": spread,
    "student_t": tailed,
    "negative_binomial": counted,
    "cross_entropy": classes,
    "focal": classes,
}
OTHERS: dict[tuple[str, str], Any] = {
    ("huber", "delta"): 0.3,
    ("quantile", "levels"): (0.2, 0.5, 0.9),
    ("cross_entropy", "class_weights"): "balanced",
    ("cross_entropy", "label_smoothing"): 0.1,
    ("focal", "class_weights"): {"b": 3.0},
    ("focal", "gamma"): 0.5,
}
"""Another value for every field of every loss: the loss and its gradient must change."""


JOINT = {"binary_cross_entropy", "crf"}
"""Losses of several truths at once, which are no sums over values: proved in test_tagger.py and
test_linear_chain.py."""


@pytest.fixture(params=EXAMPLES)
def case(request: pytest.FixtureRequest) -> Case:
    return example(request.param)


def sums(case: Case, observed: Tensor | None = None) -> tuple[Tensor, int, Tensor]:
    """The sum, the count, and the gradient."""
    output = case.output.clone().requires_grad_()
    total, count = case.loss.sums(output, case.truth, observed)
    (gradient,) = torch.autograd.grad(total, output)
    return total.detach(), int(count), gradient


def test_every_loss_is_in_the_suite_and_every_field_has_a_proof() -> None:
    assert set(LOSSES) <= set(EXAMPLES) | JOINT
    fields = {(kind, name) for kind, loss in LOSSES.items() for name in loss.model_fields if name != "kind"}
    fields = {field for field in fields if field[0] not in JOINT}
    assert fields <= set(OTHERS)


def test_it_counts_every_value(case: Case) -> None:
    assert sums(case)[1] == case.truth.numel()


def test_what_was_not_observed_changes_no_bit_and_has_no_gradient(case: Case) -> None:
    observed = torch.arange(case.truth.numel()).reshape(case.truth.shape) % 3 > 0
    moved = torch.where(observed, case.truth, torch.zeros_like(case.truth))
    one, other = sums(case, observed), sums(case._replace(truth=moved), observed)
    assert one[1] == int(observed.sum()) < case.truth.numel()
    assert torch.equal(one[0], other[0])
    assert torch.equal(one[2], other[2])
    assert not one[2][~observed].any()
    assert one[2][observed].any()


def test_all_observed_is_the_same_as_no_mask(case: Case) -> None:
    one, other = sums(case), sums(case, torch.ones_like(case.truth, dtype=torch.bool))
    torch.testing.assert_close(one, other, rtol=1e-14, atol=0)


def test_the_sum_of_two_halves_is_the_whole(case: Case) -> None:
    """So a batch that is cut for memory gives the loss of the batch: nothing is normalised within one."""
    total, count, gradient = sums(case)
    parts = [sums(case._replace(output=case.output[half], truth=case.truth[half])) for half in (slice(2), slice(2, 5))]
    torch.testing.assert_close(parts[0][0] + parts[1][0], total, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(torch.cat([part[2] for part in parts]), gradient, rtol=1e-12, atol=1e-12)
    assert parts[0][1] + parts[1][1] == count


def test_its_gradient_is_that_of_differences(case: Case) -> None:
    def total(output: Tensor) -> Tensor:
        return case.loss.sums(output, case.truth)[0]

    assert torch.autograd.gradcheck(total, case.output.clone().requires_grad_(), eps=1e-7, atol=1e-5)


def test_it_computes_in_float32_too(case: Case) -> None:
    truth = case.truth.float() if case.truth.is_floating_point() else case.truth
    single = sums(case._replace(output=case.output.float(), truth=truth))
    assert single[0].dtype == torch.float32
    torch.testing.assert_close(single[0].double(), sums(case)[0], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("kind", "name"), OTHERS)
def test_every_field_changes_the_loss_and_its_gradient(kind: str, name: str) -> None:
    one, other = sums(example(kind)), sums(example(kind, **{name: OTHERS[kind, name]}))
    assert not torch.allclose(one[0], other[0])
    assert not torch.allclose(one[2], other[2])
    assert LOSSES[kind].model_fields[name].description


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("huber", {"delta": 0}),
        ("huber", {"delta": float("inf")}),
        ("quantile", {"levels": (0.5, 0.1)}),
        ("quantile", {"levels": (0.5, 0.5)}),
        ("quantile", {"levels": (0.0, 0.5)}),
        ("quantile", {"levels": ()}),
        ("cross_entropy", {"label_smoothing": 1}),
        ("cross_entropy", {"class_weights": {"a": 0}}),
        ("cross_entropy", {"class_weights": "equal"}),
        ("focal", {"gamma": -1}),
    ],
)
def test_values_out_of_bounds_are_refused(kind: str, fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        LOSSES[kind](**fields)


@pytest.mark.parametrize("kind", ["cross_entropy", "focal"])
def test_a_weight_of_no_class_is_refused_with_the_classes_that_there_are(kind: str) -> None:
    loss = LOSSES[kind](class_weights={"d": 2})
    assert isinstance(loss, ClassLoss)
    with pytest.raises(ModelError, match=r"received one for `d`; the classes are a, b") as caught:
        loss.weighing({"a": 2, "b": 1})
    assert caught.value.at == ("model", "loss", "class_weights", "d")
