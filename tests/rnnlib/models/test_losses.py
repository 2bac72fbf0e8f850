"""Losses against scikit-learn, masked values, and the message where a loss does not fit the head."""

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from sklearn.metrics import log_loss, mean_absolute_error, mean_squared_error

from rnnlib.models import Classifier, Forecaster, Regressor
from rnnlib.models.heads import Classes, Crf, Point, StepBinary, StepClasses, Value
from rnnlib.models.losses import AnyLoss, CrossEntropy, Loss, MeanAbsoluteError, MeanSquaredError, losses_for
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


def test_default_losses() -> None:
    assert Forecaster(layers=LAYERS).loss.kind == Regressor(layers=LAYERS).loss.kind == "mse"
    assert Classifier(layers=LAYERS).loss.kind == "cross_entropy"


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
    remedy = "use cross_entropy" if model is Classifier else "use mse or mae"
    with pytest.raises(ValidationError) as caught:
        model(layers=LAYERS, loss={"kind": loss})
    (error,) = caught.value.errors()
    assert error["msg"] == f"{message}: received {loss}; {remedy}"
    assert error["ctx"]["at"] == ("loss", "kind")


def test_every_loss_fits_some_head_and_every_head_has_a_loss() -> None:
    heads = (Point, Classes, Value, StepClasses, StepBinary, Crf)
    assert {loss.takes for loss in members(AnyLoss).values()} <= {head.gives for head in heads}
    assert all(losses_for(head.gives) for head in heads)
