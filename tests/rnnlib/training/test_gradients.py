import json
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from rnnlib.cells import CellLayer
from rnnlib.data.batching.batch import Batch
from rnnlib.models import Forecaster, Model, Regressor, Shape
from rnnlib.training.gradients import between_marks, look
from rnnlib.training.gradients_flags import flags, growth, reach
from rnnlib.training.gradients_seen import MOST, Along, Look, Looks

ROWS = 6


def regressor(seed: int = 0, *layers: dict[str, object]) -> tuple[Model, nn.Module]:
    torch.manual_seed(seed)
    section = Regressor.model_validate({"kind": "regressor", "layers": layers})
    return section, section.build(Shape(inputs=2))


def a_batch(steps: int, seed: int = 0, rows: int = ROWS) -> Batch:
    x = torch.randn(rows, steps, 2, generator=torch.Generator().manual_seed(seed))
    lengths, index = torch.full((rows,), steps), torch.arange(rows)
    return Batch(inputs=x, lengths=lengths, index=index, label=3 * x[:, :, 0].mean(1), padded=False)


def seen(section: Model, module: nn.Module, batch: Batch) -> Look:
    return look(module, lambda one: section.loss_of(module(one), one), batch, epoch=1, number=1)


def by_hand(section: Model, module: nn.Module, batch: Batch) -> list[float]:
    """‖∂L/∂(state of the only layer)‖ after every step, by the plain step."""
    (layer,) = [one for one in module.modules() if isinstance(one, CellLayer)]
    state, states, x = layer.start(len(batch.inputs)), [], batch.inputs

    def along(inputs: Tensor, _state: object) -> tuple[Tensor, object]:
        nonlocal state
        outputs = []
        for t in range(len(inputs)):
            # what is asked of the state at t is asked of a copy that stands on the only way from t on
            state = tuple(member.clone() for member in layer.step(inputs[t], state)[1])
            states.append(state)
            outputs.append(state[0])
        return torch.stack(outputs), state

    layer.__dict__["sequence"] = along
    total, count = section.loss_of(module(batch), batch)
    del layer.__dict__["sequence"]
    members = [member for one in states for member in one]
    found = torch.autograd.grad(total / count, members, allow_unused=True)
    whole = [torch.zeros_like(one) if g is None else g for one, g in zip(members, found, strict=True)]
    width = len(states[0])
    assert len(states) == x.shape[1]
    return [float(torch.stack([g.norm() for g in whole[at : at + width]]).norm()) for at in range(0, len(whole), width)]


@pytest.mark.parametrize("kind", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("steps", [7, 90])
def test_norms_along_time_are_the_whole_derivatives(kind: str, steps: int) -> None:
    section, module = regressor(0, {"kind": kind, "units": 5})
    batch = a_batch(steps)
    along = seen(section, module, batch).along["layers.0.0"]
    expected = by_hand(section, module, batch)
    assert along.steps[-1] == steps
    assert along.norms == pytest.approx([expected[step - 1] for step in along.steps], rel=1e-4, abs=1e-12)


def test_norms_of_weights_are_those_of_the_backward_pass_layer_by_layer() -> None:
    section, module = regressor(0, {"kind": "gru", "units": 5}, {"kind": "dense", "units": 3})
    batch = a_batch(9)
    found = seen(section, module, batch).layers
    total, count = section.loss_of(module(batch), batch)
    (total / count).backward()
    assert list(found) == ["layers.0", "layers.1", "head"]
    for name, norm in found.items():
        own = [w.grad.flatten() for n, w in module.named_parameters() if n.startswith(name) and w.grad is not None]
        assert norm == pytest.approx(float(torch.cat(own).norm()), rel=1e-5)


def test_rows_that_end_early_are_left_out() -> None:
    section, module = regressor(0, {"kind": "gru", "units": 5})
    batch = a_batch(9, rows=3)
    assert batch.label is not None
    long = replace(
        batch, inputs=batch.inputs[:2], lengths=batch.lengths[:2], index=batch.index[:2], label=batch.label[:2]
    )
    ragged = replace(batch, lengths=torch.tensor([9, 9, 4]), padded=True)
    alone, beside = seen(section, module, long), seen(section, module, ragged)
    assert beside.along["layers.0.0"].norms == pytest.approx([n * 2 / 3 for n in alone.along["layers.0.0"].norms])


def test_a_look_leaves_everything_as_it_is() -> None:
    section, module = regressor(0, {"kind": "lstm", "units": 5}, {"kind": "dropout", "rate": 0.5})
    module.train()
    weights = [weight.clone() for weight in module.parameters()]
    draw = torch.get_rng_state()
    seen(section, module, a_batch(9))
    assert module.training
    assert all(weight.grad is None for weight in module.parameters())
    assert all(torch.equal(a, b) for a, b in zip(weights, module.parameters(), strict=True))
    assert torch.equal(draw, torch.get_rng_state())
    assert not any("sequence" in one.__dict__ for one in module.modules())


@pytest.mark.parametrize("steps", [1, 5, 31, 32, 33, 64, 65, 1000])
def test_marks_are_single_at_the_end_and_end_with_the_sequence(steps: int) -> None:
    between = between_marks(steps)
    assert sum(between) == steps
    assert len(between) <= 65
    assert all(one == 1 for one in between[-min(steps, 32) :])


def scaled(module: nn.Module, factor: float) -> None:
    for name, weight in module.named_parameters():
        if "recurrent_kernel" in name:
            weight.detach().mul_(factor)


@pytest.mark.parametrize("seed", range(3))
def test_planted_vanishing_gradients_are_flagged(seed: int) -> None:
    section, module = regressor(seed, {"kind": "rnn", "units": 16})
    scaled(module, 0.2)
    (flag,) = flags([seen(section, module, a_batch(200, seed))])
    assert (flag.kind, flag.layer) == ("vanishing", "layers.0.0")
    assert "of 200 steps back in time; try `gru` or `lstm`" in flag.message


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_planted_exploding_gradients_are_flagged(seed: int, activation: str) -> None:
    section, module = regressor(seed, {"kind": "rnn", "units": 16, "activation": activation})
    scaled(module, 3.0)
    (flag,) = flags([seen(section, module, a_batch(200, seed))])
    assert (flag.kind, flag.layer) == ("exploding", "layers.0.0")
    assert "try `clip` (1.0)" in flag.message


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kind", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("steps", [20, 50, 200])
def test_a_healthy_training_is_not_flagged(kind: str, steps: int, seed: int) -> None:
    section, module = regressor(seed, {"kind": kind, "units": 16}, {"kind": kind, "units": 16})
    optimizer = torch.optim.Adam(module.parameters(), 1e-2)
    looks = []
    for step in range(12):
        batch = a_batch(steps, 1000 * seed + step)
        if step % 4 == 0:
            looks.append(seen(section, module, batch))
        total, count = section.loss_of(module(batch), batch)
        optimizer.zero_grad()
        (total / count).backward()
        optimizer.step()
    assert flags(looks) == []


def test_a_loss_that_reads_early_steps_too_does_not_vanish() -> None:
    early = Along(list(range(1, 101)), [1.0] * 100)
    late = Along(list(range(1, 101)), [1e-12] * 98 + [0.5, 1.0])
    first = Along(list(range(1, 101)), [1.0] + [0.0] * 99)
    assert (reach(early), reach(late), reach(first)) == (99, 1, 99)
    assert (growth(early), growth(first)) == (1.0, 0.0)
    assert reach(Along([1, 2], [0.0, 0.0])) == 0
    names = [flag.kind for flag in flags([Look(1, 1, {}, {"a": early, "b": late, "c": first})])]
    assert names == ["vanishing"]
    assert flags([Look(1, 1, {}, {"b": late}), Look(2, 1, {}, {"b": early})]) == []


def test_looks_stay_few_and_survive_json() -> None:
    looks = Looks(every=1)
    taken = 0
    for step in range(1000):
        if looks.due(step):
            looks.add(Look(1, step, {"head": float("inf")}, {"layers.0.0": Along([1, 2], [0.1, float("inf")])}))
            taken += 1
    assert len(looks.seen) <= MOST
    assert looks.every == 16
    assert [look.batch for look in looks.seen] == list(range(0, 1000, 16))
    assert taken < 1000 / 3
    assert Looks.of(json.loads(json.dumps(looks.facts(), allow_nan=False))) == looks


def test_of_a_layer_that_runs_twice_the_longer_sequence_is_seen_and_one_that_goes_on_is_one_sequence() -> None:
    torch.manual_seed(0)
    gru = {"kind": "gru", "units": 4}
    shape = Shape(inputs=1, horizon=4, targets=1, context=12, target_columns=(0,))
    for layers, head, found in (
        ([{"kind": "segment", "length": 2, "cell": gru}], {"kind": "steps"}, {"layers.0.cell.0": 6}),
        ([gru], {"kind": "decoder", "cell": gru}, {"layers.0.0": 12, "head.cell.0": 4}),
    ):
        section = Forecaster.model_validate({"layers": layers, "head": head})
        module, x = section.build(shape), torch.randn(3, 12, 1)
        every, lengths, index = torch.ones(3, 4, 1, dtype=torch.bool), torch.full((3,), 12), torch.arange(3)
        batch = Batch(inputs=x, lengths=lengths, target=x[:, :4] + 1, target_observed=every, index=index, padded=False)
        along = seen(section, module, batch).along
        assert {name: one.steps for name, one in along.items()} == {
            name: list(range(1, steps + 1)) for name, steps in found.items()
        }
        assert all(min(one.norms) > 0 for one in along.values())
