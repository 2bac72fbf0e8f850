"""Losses against scikit-learn, masked values, and the message where a loss does not fit the head."""

from typing import Any

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from scipy import stats
from sklearn.metrics import log_loss, mean_absolute_error, mean_pinball_loss, mean_squared_error
from sklearn.utils.class_weight import compute_class_weight
from torch.nn import functional as F

from rnnlib.models import Classifier, Forecaster, Regressor
from rnnlib.models.heads import AnyClassHead, AnyForecastHead, AnyStepHead, AnyValueHead
from rnnlib.models.losses import (
    AnyLoss,
    ClassLoss,
    CrossEntropy,
    Focal,
    GaussianLoss,
    Huber,
    Loss,
    MeanAbsoluteError,
    MeanSquaredError,
    NegativeBinomialLoss,
    QuantileLoss,
    StudentTLoss,
    losses_for,
)
from tests.rnnlib.families import members
from tests.rnnlib.models.examples import FORECAST, batch_of

LAYERS = [{"kind": "rnn", "units": 4}]


@pytest.mark.parametrize(
    ("loss", "oracle"), [(MeanSquaredError(), mean_squared_error), (MeanAbsoluteError(), mean_absolute_error)]
)
def test_errors_of_observed_values(loss: Loss, oracle: object) -> None:
    torch.manual_seed(0)
    output, truth = torch.randn(6, 4, 2, dtype=torch.float64), torch.randn(6, 4, 2, dtype=torch.float64)
    observed = torch.rand(6, 4, 2) > 0.3
    total, count = loss.sums(output, truth, observed)
    assert float(total / count) == pytest.approx(oracle(truth[observed], output[observed]), abs=1e-12)
    total, count = loss.sums(output, truth)
    assert float(total / count) == pytest.approx(oracle(truth.flatten(), output.flatten()), abs=1e-12)


def test_cross_entropy() -> None:
    logits, label = torch.randn(9, 3, dtype=torch.float64), torch.tensor([0, 1, 2] * 3)
    total, count = CrossEntropy().sums(logits, label)
    assert count == 9
    assert float(total / count) == pytest.approx(log_loss(label, logits.softmax(1).numpy()), abs=1e-12)


def test_a_value_that_was_not_observed_has_no_gradient() -> None:
    output = torch.randn(3, 2, 1, requires_grad=True)
    observed = torch.tensor([[[True], [False]]] * 3)
    total, count = MeanSquaredError().sums(output, torch.full((3, 2, 1), 7.0), observed)
    total.backward()
    assert count == 3
    assert (output.grad != 0).squeeze().tolist() == [[True, False]] * 3


def test_nothing_observed_is_a_loss_of_zero_over_zero_values() -> None:
    total, count = MeanSquaredError().sums(torch.ones(2, 3, 1), torch.zeros(2, 3, 1), torch.zeros(2, 3, 1).bool())
    assert (float(total), int(count)) == (0.0, 0)


def test_a_forecaster_counts_observed_values_only() -> None:
    model, batch = Forecaster(layers=LAYERS), batch_of(FORECAST)
    output = torch.zeros(5, 4, 2)
    total, count = model.loss_of(output, batch)
    truth = np.where(batch.target_observed, batch.target, 0)
    assert int(count) == int(batch.target_observed.sum()) < 40
    assert float(total) == pytest.approx((truth**2).sum(), rel=1e-5)


@pytest.mark.parametrize(
    ("model", "head", "loss"),
    [
        (Forecaster, None, "mse"),
        (Forecaster, "quantile", "quantile"),
        (Forecaster, "gaussian", "gaussian"),
        (Forecaster, "student_t", "student_t"),
        (Forecaster, "negative_binomial", "negative_binomial"),
        (Regressor, None, "mse"),
        (Classifier, None, "cross_entropy"),
    ],
)
def test_the_loss_follows_from_the_head(model: type, head: str | None, loss: str) -> None:
    given = {} if head is None else {"head": {"kind": head}}
    section = model(layers=LAYERS, **given)
    assert section.loss.kind == loss
    assert model.model_validate_json(section.model_dump_json()) == section


def test_the_levels_of_the_loss_are_those_of_the_head() -> None:
    head = {"kind": "quantile", "levels": [0.2, 0.5, 0.7]}
    for loss in ({}, {"loss": {"kind": "quantile"}}, {"loss": {"kind": "quantile", "levels": [0.2, 0.5, 0.7]}}):
        assert Forecaster(layers=LAYERS, head=head, **loss).loss.levels == (0.2, 0.5, 0.7)
    with pytest.raises(ValidationError, match=r"are those of the head, \[0.2, 0.5, 0.7\]: received \[0.5\]") as caught:
        Forecaster(layers=LAYERS, head=head, loss={"kind": "quantile", "levels": [0.5]})
    assert caught.value.errors()[0]["ctx"]["at"] == ("levels",)


def test_huber_is_torchs() -> None:
    output, truth = torch.randn(6, 4, 2, dtype=torch.float64), 3 * torch.randn(6, 4, 2, dtype=torch.float64)
    total, count = Huber(delta=0.7).sums(output, truth)
    e = (output - truth).abs().numpy()
    by_hand = np.where(e <= 0.7, e**2 / 2, 0.7 * (e - 0.35)).sum()
    assert (float(total), int(count)) == (pytest.approx(by_hand, abs=1e-12), 48)
    assert float(total) == pytest.approx(float(F.huber_loss(output, truth, delta=0.7, reduction="sum")), abs=1e-12)


def test_the_quantile_loss_is_scikit_learns() -> None:
    levels, truth = (0.1, 0.5, 0.8), torch.randn(60, 1, dtype=torch.float64)
    output = torch.randn(60, 1, 3, dtype=torch.float64)
    total, count = QuantileLoss(levels=levels).sums(output, truth)
    each = [mean_pinball_loss(truth, output[..., i], alpha=level) for i, level in enumerate(levels)]
    assert float(total / count) == pytest.approx(np.mean(each), abs=1e-12)


@pytest.mark.parametrize(
    ("loss", "oracle", "second", "parameters", "truth"),
    [
        (
            GaussianLoss(),
            lambda y, p: stats.norm(p[0], p[1]).logpdf(y),
            lambda p: torch.distributions.Normal(*p),
            [(-1.5, 0.2), (3.0, 4.0), (0.0, 1e-3)],
            [0.3, -20.0, 1e-3],
        ),
        (
            StudentTLoss(),
            lambda y, p: stats.t(*p).logpdf(y),
            lambda p: torch.distributions.StudentT(*p),
            [(2.1, 0.5, 0.3), (5.0, -3.0, 2.0), (200.0, 0.0, 1.0)],
            [0.4, 40.0, -1.0],
        ),
        (
            NegativeBinomialLoss(),
            lambda y, p: stats.nbinom(1 / p[1], 1 / (1 + p[0] * p[1])).logpmf(y),
            lambda p: torch.distributions.NegativeBinomial(1 / p[1], probs=p[0] * p[1] / (1 + p[0] * p[1])),
            [(0.1, 2.0), (30.0, 0.05), (1000.0, 1.0), (1e-3, 1e-3)],
            [0.0, 28.0, 5000.0, 1.0],
        ),
    ],
)
def test_likelihoods_are_scipys_and_torchs(
    loss: Loss, oracle: Any, second: Any, parameters: list[tuple[float, ...]], truth: list[float]
) -> None:
    for p, y in zip(parameters, truth, strict=True):
        output, one = torch.tensor([p], dtype=torch.float64), torch.tensor([y], dtype=torch.float64)
        total, _ = loss.sums(output, one)
        assert float(total) == pytest.approx(-oracle(y, p), rel=1e-9, abs=1e-9)
        assert float(total) == pytest.approx(-float(second(output[0].unbind()).log_prob(one)), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize(
    ("weights", "each"),
    [(None, [1, 1, 1]), ("balanced", [10 / 18, 10 / 9, 10 / 3]), ({"b": 4.0}, [1, 4, 1])],
)
def test_weights_of_classes_and_smoothing(smoothing: float, weights: Any, each: list[float]) -> None:
    logits, label = torch.randn(9, 3, dtype=torch.float64), torch.tensor([0, 1, 2, 0, 0, 1, 0, 0, 0])
    counts = {"a": 6, "b": 3, "c": 1}
    loss = CrossEntropy(class_weights=weights, label_smoothing=smoothing).weighing(counts)
    truth = (1 - smoothing) * np.eye(3)[label] + smoothing / 3
    by_hand = -(truth * each * logits.log_softmax(1).numpy()).sum()
    total, count = loss.sums(logits, label)
    assert (float(total), int(count)) == (pytest.approx(by_hand, abs=1e-12), 9)


def test_balanced_weights_are_scikit_learns_and_those_of_the_train_part() -> None:
    loss = CrossEntropy(class_weights="balanced").weighing({"a": 6, "b": 3, "c": 1})
    theirs = compute_class_weight("balanced", classes=np.arange(3), y=[0] * 6 + [1] * 3 + [2])
    np.testing.assert_allclose(loss.weights(torch.zeros(1, 3, dtype=torch.float64)), theirs)


def test_focal_by_hand_and_without_focus_the_cross_entropy() -> None:
    logits, label = torch.randn(9, 3, dtype=torch.float64), torch.tensor([0, 1, 2] * 3)
    p = logits.softmax(1).numpy()[np.arange(9), label]
    weights, counts = {"a": 0.5, "c": 2.0}, {"a": 1, "b": 1, "c": 1}
    each = np.array([0.5, 1, 2])[label]
    total, _ = Focal(gamma=1.5, class_weights=weights).weighing(counts).sums(logits, label)
    assert float(total) == pytest.approx(-(each * (1 - p) ** 1.5 * np.log(p)).sum(), abs=1e-12)
    torch.testing.assert_close(Focal(gamma=0).sums(logits, label), CrossEntropy().sums(logits, label))


def test_the_focal_loss_of_what_is_certain_has_a_finite_slope() -> None:
    logits = torch.tensor([[200.0, 0.0]], requires_grad=True)
    Focal(gamma=0.5).sums(logits, torch.tensor([0]))[0].backward()
    assert torch.isfinite(logits.grad).all()


@pytest.mark.parametrize(
    ("model", "loss", "message"),
    [
        (Forecaster, "cross_entropy", "the head `point` gives values, the loss `cross_entropy` takes logits"),
        (Regressor, "cross_entropy", "the head `value` gives values, the loss `cross_entropy` takes logits"),
        (Classifier, "mse", "the head `classes` gives logits, the loss `mse` takes values"),
        (Classifier, "mae", "the head `classes` gives logits, the loss `mae` takes values"),
    ],
)
def test_a_loss_that_does_not_fit_the_head(model: type, loss: str, message: str) -> None:
    remedy = "use cross_entropy or focal" if model is Classifier else "use mse or mae or huber"
    with pytest.raises(ValidationError) as caught:
        model(layers=LAYERS, loss={"kind": loss})
    (error,) = caught.value.errors()
    assert error["msg"] == f"{message}: received {loss}; {remedy}"
    assert error["ctx"]["at"] == ("loss", "kind")


def test_every_loss_fits_some_head_and_every_head_has_a_loss() -> None:
    families = (AnyForecastHead, AnyClassHead, AnyValueHead, AnyStepHead)
    heads = [head for family in families for head in members(family).values()]
    assert {loss.takes for loss in members(AnyLoss).values()} <= {head.gives for head in heads}
    assert all(losses_for(head.gives) for head in heads)


@pytest.mark.parametrize("dispersion", [0.1, 1e-4, 1e-6])
@pytest.mark.parametrize("mean", [0.5, 4.0, 400.0])
def test_of_nearly_poisson_counts_float32_leaves_loss_and_slope(mean: float, dispersion: float) -> None:
    """log Γ(y + 1/α) − log Γ(1/α): two numbers of some 10⁷ whose difference is small."""
    found = []
    for dtype in (torch.float32, torch.float64):
        output = torch.tensor([mean, dispersion], dtype=torch.float32).to(dtype).requires_grad_()
        loss, _ = NegativeBinomialLoss().sums(output[None], torch.tensor([3.0], dtype=dtype))
        assert loss.dtype == dtype
        found.append((loss.detach().double(), torch.autograd.grad(loss, output)[0].double()))
    torch.testing.assert_close(found[0], found[1], rtol=1e-4, atol=0)
    exact = stats.nbinom.logpmf(3, 1 / dispersion, 1 / (1 + dispersion * mean))
    np.testing.assert_allclose(float(found[1][0]), -exact, rtol=1e-6)


@pytest.mark.parametrize("loss", [CrossEntropy(label_smoothing=0.2), Focal(gamma=1.5), CrossEntropy()])
@pytest.mark.parametrize("weights", [None, {"b": 3.0}])
def test_a_mixed_truth_is_the_loss_of_both_classes_by_their_share(loss: ClassLoss, weights: Any) -> None:
    loss = loss.model_copy(update={"class_weights": weights}).weighing({"a": 2, "b": 1, "c": 1})
    logits, label = torch.randn(9, 3, dtype=torch.float64), torch.tensor([0, 1, 2] * 3)
    beside, share = label.roll(1), torch.rand(9, dtype=torch.float64)
    total, count = loss.mixed(logits, label, beside, share)
    one = [
        float(s) * float(loss.sums(row[None], a[None])[0]) + (1 - float(s)) * float(loss.sums(row[None], b[None])[0])
        for row, a, b, s in zip(logits, label, beside, share, strict=True)
    ]
    assert float(total) == pytest.approx(sum(one), rel=1e-12)
    assert count == 9
    whole = loss.mixed(logits, label, beside, torch.ones(9, dtype=torch.float64))[0]
    assert float(whole) == pytest.approx(float(loss.sums(logits, label)[0]), rel=1e-12)


def test_a_mixed_truth_is_that_of_torch_over_probabilities() -> None:
    logits, label = torch.randn(9, 3), torch.tensor([0, 1, 2] * 3)
    share = torch.rand(9)
    soft = share[:, None] * F.one_hot(label, 3) + (1 - share[:, None]) * F.one_hot(label.roll(1), 3)
    expected = F.cross_entropy(logits, soft, label_smoothing=0.1, reduction="sum")
    total, _ = CrossEntropy(label_smoothing=0.1).mixed(logits, label, label.roll(1), share)
    torch.testing.assert_close(total, expected)
