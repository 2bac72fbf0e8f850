"""The decoder by hand, in parallel over the shifted truth, and blind to the truth in evaluation."""

from copy import copy
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from torch import Tensor, nn

from rnnlib.data.batching.batch import Batch
from rnnlib.errors import ModelError
from rnnlib.layer import Flow
from rnnlib.layers.attending import watching
from rnnlib.models import Forecaster, Shape
from rnnlib.models.heads import Decoder
from tests.rnnlib.models.examples import FORECAST, batch_of

UNITS, STATES = 3, 4
SCORES: dict[str, Any] = {
    "additive": {"kind": "additive", "units": 5},
    "general": {"kind": "multiplicative"},
    "none": None,
}


def changed(batch: Batch, **fields: Any) -> Batch:
    """A batch with other values, in float64 too, which a batch of data never is."""
    made = copy(batch)
    for name, value in fields.items():
        object.__setattr__(made, name, value)
    return made


def doubled(batch: Batch) -> Batch:
    tensors = {name: value for name, value in vars(batch).items() if isinstance(value, Tensor)}
    return changed(batch, **{name: one.double() for name, one in tensors.items() if one.is_floating_point()})


def head_of(score: Any, forcing: float = 0.5, shape: Shape = FORECAST, **cell: Any) -> nn.Module:
    torch.manual_seed(4)
    cell = {"kind": "gru", "units": UNITS, **cell}
    section = Decoder(cell=cell, attention=score, teacher_forcing=forcing)
    module = section.build(Flow(STATES), shape).double()
    for parameter in module.parameters():
        nn.init.normal_(parameter, std=0.5)
    return module


def given() -> tuple[Tensor, Tensor, Batch]:
    return torch.randn(5, 7, STATES, dtype=torch.float64), torch.tensor([7, 1, 3, 5, 2]), doubled(batch_of(FORECAST))


def scores_by_hand(module: nn.Module, kind: str, query: np.ndarray, keys: np.ndarray) -> np.ndarray:
    weight = {name: value.detach().numpy() for name, value in module.score.named_parameters()}
    if kind == "general":
        return np.array([query @ weight["matrix.weight"] @ key for key in keys])
    asked = weight["query.weight"] @ query + weight["query.bias"]
    return np.array([weight["vector"] @ np.tanh(asked + weight["key.weight"] @ key) for key in keys])


def by_hand(
    module: nn.Module, kind: str, states: np.ndarray, batch: Batch, number: int
) -> tuple[np.ndarray, np.ndarray]:
    """One example, one step of the horizon and one step of the past at a time."""
    weight = {name: value.detach().numpy() for name, value in module.named_parameters()}
    known = np.concatenate([states[-1], batch.static[number]])
    state = (torch.from_numpy(weight["bridge.weight"] @ known + weight["bridge.bias"])[None],)
    fed = batch.inputs[number, len(states) - 1, list(FORECAST.target_columns)].numpy()
    forecast, looks = [], []
    for step in range(4):
        read = torch.from_numpy(np.concatenate([fed, batch.future[number, step]]))[None]
        output, state = module.cell.of_cell()[0].step(read, state)
        seen = output[0].detach().numpy()
        if kind != "none":
            scores = scores_by_hand(module, kind, seen, states)
            share = np.exp(scores) / np.exp(scores).sum()
            seen = np.concatenate([seen, sum(a * h for a, h in zip(share, states, strict=True))])
            looks.append(share)
        fed = weight["output.weight"] @ seen + weight["output.bias"]
        forecast.append(fed)
    return np.array(forecast), np.array(looks)


@pytest.mark.parametrize("kind", SCORES)
def test_it_is_its_equation(kind: str) -> None:
    module, (states, lengths, batch) = head_of(SCORES[kind]).eval(), given()
    made = module(states, lengths, batch).detach()
    for number, length in enumerate(lengths.tolist()):
        one, looks = by_hand(module, kind, states[number, :length].numpy(), batch, number)
        np.testing.assert_allclose(made[number], one, rtol=0, atol=1e-10)
        if kind != "none":
            weights = module.weights(states, lengths, batch)[number].detach()
            np.testing.assert_allclose(weights[:, :length], looks, rtol=0, atol=1e-10)
            assert not weights[:, length:].any()


@pytest.mark.parametrize("kind", SCORES)
@pytest.mark.parametrize("layers", [1, 2])
def test_fed_with_the_truth_it_is_one_pass_over_the_shifted_truth(kind: str, layers: int) -> None:
    module, (states, lengths, batch) = head_of(SCORES[kind], 1.0, layers=layers).train(), given()
    batch = changed(batch, target_observed=None)
    last = torch.stack([batch.inputs[n, length - 1, [0, 3]] for n, length in enumerate(lengths)])
    shifted = torch.cat([last[:, None], batch.target[:, :-1]], dim=1)
    memory = module._start(states, lengths, batch)
    outputs, _ = module.cell.sequence(torch.cat([shifted, batch.future], dim=2), memory)
    if module.score is not None:
        scores = module.score(outputs, states)
        beyond = torch.arange(7) >= lengths[:, None]
        outputs = torch.cat([outputs, scores.masked_fill(beyond[:, None], -torch.inf).softmax(2) @ states], dim=2)
    torch.testing.assert_close(module(states, lengths, batch), module.output(outputs), rtol=0, atol=1e-12)


def test_predicting_never_reads_the_truth() -> None:
    module, (states, lengths, batch) = head_of(SCORES["additive"], 1.0), given()
    other = changed(batch, target=batch.target + 5)
    none = changed(batch, target=None, target_observed=None)
    module.eval()
    assert torch.equal(module(states, lengths, batch), module(states, lengths, other))
    assert torch.equal(module(states, lengths, batch), module(states, lengths, none))
    module.train()
    assert not torch.equal(module(states, lengths, batch), module(states, lengths, other))


def test_a_truth_that_is_missing_is_never_fed() -> None:
    module, (states, lengths, batch) = head_of(SCORES["additive"], 1.0).train(), given()
    observed = torch.arange(8).reshape(4, 2).expand(5, 4, 2) % 3 > 0
    batch = changed(batch, target_observed=observed)
    other = changed(batch, target=torch.where(observed, batch.target, 99.0))
    assert torch.equal(module(states, lengths, batch), module(states, lengths, other))


def test_the_draw_is_that_of_torchs_generator() -> None:
    module, (states, lengths, batch) = head_of(SCORES["additive"], 0.5).train(), given()
    made = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        made.append(module(states, lengths, batch))
    assert torch.equal(made[0], made[1])
    assert not torch.equal(made[0], made[2])


def test_how_often_the_truth_is_fed() -> None:
    module, (_, _, batch) = head_of(None, 0.3).train(), given()
    fed = torch.stack([module._forced(changed(batch, target_observed=None))[..., 0] for _ in range(400)])
    assert fed.double().mean().item() == pytest.approx(0.3, abs=0.02)


@pytest.mark.parametrize("relative_to", ["none", "last", "instance"])
def test_in_a_forecaster_the_truth_it_is_fed_with_is_on_the_scale_of_its_forecasts(relative_to: str) -> None:
    """With a level far off, what is fed in training must be as far from it as what the head gives."""
    section = Forecaster(
        layers=[{"kind": "gru", "units": 4}],
        head={"kind": "decoder", "cell": {"kind": "gru", "units": 3}, "teacher_forcing": 1},
        relative_to=relative_to,
    )
    torch.manual_seed(0)
    module, batch = section.build(FORECAST), replace(batch_of(FORECAST), target_observed=None)
    fed = []
    before = module.head.cell.sequence
    module.head.cell.sequence = lambda x, memory: (fed.append(x.detach()), before(x, memory))[1]
    lifted = batch.inputs.clone()
    lifted[..., [0, 3]] += 1000
    module(replace(batch, inputs=lifted, target=batch.target + 1000))
    largest = torch.cat(fed)[..., :2].abs().max()
    assert largest > 900 if relative_to == "none" else largest < 900


def test_its_looks_back_can_be_watched() -> None:
    section = Forecaster(layers=[{"kind": "gru", "units": 4}], head={"kind": "decoder"})
    module, batch = section.build(FORECAST).eval(), batch_of(FORECAST)
    with watching(module) as seen:
        module(batch)
    ((weights, lengths),) = seen["head"]
    assert weights.shape == (5, 4, 7)
    assert torch.equal(lengths, batch.lengths)
    torch.testing.assert_close(weights.sum(2), torch.ones(5, 4))


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ({"kind": "gru", "units": 3, "bidirectional": True}, "writes forwards"),
        ({"kind": "gru", "units": 3, "gives": "last"}, "received gives last"),
        ({"kind": "lstm", "units": 3, "initial_state": "learned"}, "starts from what the layers have read"),
    ],
)
def test_cells_that_cannot_write(cell: Any, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Decoder(cell=cell)


def test_scores_without_weights_need_equal_widths() -> None:
    head = {
        "kind": "decoder",
        "cell": {"kind": "gru", "units": 6},
        "attention": {"kind": "multiplicative", "form": "dot"},
    }
    section = Forecaster(layers=[{"kind": "gru", "units": 4}], head=head)
    with pytest.raises(ModelError, match="received queries of 6 and keys of 4 values") as caught:
        section.build(FORECAST)
    assert caught.value.at == ("head", "attention", "form")
