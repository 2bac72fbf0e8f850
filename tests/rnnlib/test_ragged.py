"""A batch of sequences of different length gives what each sequence alone gives: values, losses, gradients.

Every layer, cell, model, head and loss is found by discovery. That padding reaches no bit of a result, and that each
layer and each model shows for a sequence what it shows for it alone, is held by their own conformance suites.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from rnnlib.data.batching.batch import Batch
from rnnlib.data.batching.bucketing import padding_share
from rnnlib.models import Model, Shape
from rnnlib.models.heads import AnyForecastHead
from tests.rnnlib.families import members
from tests.rnnlib.layers.test_conformance import ALL, LENGTHS, built, padded
from tests.rnnlib.models.examples import MODELS
from tests.rnnlib.models.examples import batch_of as made_batch
from tests.rnnlib.models.test_conformance import cut
from tests.rnnlib.models.test_head_conformance import section_of
from tests.rnnlib.models.test_loss_conformance import JOINT, LOSSES
from tests.rnnlib.models.test_loss_conformance import example as loss_case

CLOSE = {"rtol": 1e-6, "atol": 1e-6}


def assert_alike(together: list[Tensor], alone: list[Tensor]) -> None:
    """To 3e-6 of the largest: gradients are summed in another order, and some are 0 but for rounding."""
    size = max(float(one.abs().max()) for one in together)
    for one, other in zip(together, alone, strict=True):
        torch.testing.assert_close(one / size, other / size, rtol=0, atol=3e-6)


def gradients(module: nn.Module) -> list[Tensor]:
    found = [p.grad if p.grad is not None else torch.zeros_like(p) for p in module.parameters()]
    module.zero_grad()
    return [one.clone() for one in found]


@pytest.mark.parametrize("name", ALL)
def test_gradients_of_a_layer_are_the_sum_over_its_sequences(name: str) -> None:
    module, x = built(ALL[name]).eval(), padded().requires_grad_()
    y, after = module(x, LENGTHS)
    steps = [y.shape[1]] * len(x) if after is None else after.tolist()
    sum(y[number, :count].square().sum() for number, count in enumerate(steps)).backward()
    together = [*gradients(module), x.grad.clone()]
    x.grad = None
    for number, length in enumerate(LENGTHS):
        alone, _ = module(x[number : number + 1, :length], LENGTHS[number : number + 1])
        alone[:, : steps[number]].square().sum().backward()
    assert_alike(together, [*gradients(module), x.grad])


def loss_and_gradients(section: Model, module: nn.Module, batch: Batch) -> tuple[Tensor, Tensor]:
    total, count = section.loss_of(module(batch), batch)
    total.backward()
    return total.detach(), count


def assert_each_for_itself(section: Model, shape: Shape) -> None:
    torch.manual_seed(3)
    module, batch = section.build(shape).eval(), made_batch(shape)
    assert len(batch.lengths.unique()) > 1 or not batch.padded
    total, count = loss_and_gradients(section, module, batch)
    together = gradients(module)
    pairs = [
        loss_and_gradients(section, module, cut(batch, slice(number, number + 1), int(length)))
        for number, length in enumerate(batch.lengths)
    ]
    torch.testing.assert_close(total, torch.stack([one for one, _ in pairs]).sum(), **CLOSE)
    assert int(count) == sum(int(one) for _, one in pairs)
    assert_alike(together, gradients(module))


@pytest.mark.parametrize("name", MODELS)
def test_the_loss_of_a_model_and_its_gradients_are_the_sum_over_its_sequences(name: str) -> None:
    assert_each_for_itself(*MODELS[name])


@pytest.mark.parametrize("kind", members(AnyForecastHead))
def test_the_loss_of_a_head_and_its_gradients_are_the_sum_over_its_sequences(kind: str) -> None:
    assert_each_for_itself(*section_of(kind))


@pytest.mark.parametrize("kind", sorted(set(LOSSES) - JOINT))
def test_a_loss_is_the_sum_over_its_cases(kind: str) -> None:
    """Those of several truths at once are in the suite with their model, a tagger."""
    case = loss_case(kind)
    total, count = case.loss.sums(case.output, case.truth)
    pairs: list[Any] = [
        case.loss.sums(case.output[at : at + 1], case.truth[at : at + 1]) for at in range(len(case.truth))
    ]
    torch.testing.assert_close(total, torch.stack([one for one, _ in pairs]).sum())
    assert int(count) == sum(int(one) for _, one in pairs)


@pytest.mark.parametrize("size", [1, 16, 64])
def test_sequences_of_like_length_share_a_batch(size: int) -> None:
    lengths = np.random.default_rng(0).integers(1, 200, 2000)
    share = padding_share(lengths, size)
    assert (share == 0) if size == 1 else (0 < share < 0.04)  # in batches as they come it is nearly half
    assert padding_share(np.full(9, 7), size) == 0


def test_the_check_sees_padding_that_counts() -> None:
    """Were a sequence longer by its padding, the comparison above would fail."""
    section, shape = MODELS["classifier"]
    torch.manual_seed(3)
    module, batch = section.build(shape).eval(), made_batch(shape)
    whole = replace(batch, lengths=torch.full_like(batch.lengths, batch.inputs.shape[1]), padded=False)
    assert not torch.allclose(module(batch), module(whole))
