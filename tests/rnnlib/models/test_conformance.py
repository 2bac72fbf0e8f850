"""What every model promises; a new model joins with one line in examples.py, and a missing line fails here."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from pydantic import TypeAdapter, ValidationError
from torch import Tensor, nn

from rnnlib.data.batching.batch import Batch
from rnnlib.errors import ModelError
from rnnlib.models import AnyModel, Model, Shape, describe, parameter_count
from tests.rnnlib.families import another, members
from tests.rnnlib.models.examples import MODELS, batch_of


@pytest.fixture(params=MODELS)
def case(request: pytest.FixtureRequest) -> tuple[Model, Shape]:
    return MODELS[request.param]


def built(section: Model, shape: Shape, seed: int = 3) -> nn.Module:
    torch.manual_seed(seed)
    return section.build(shape)


def cut(batch: Batch, rows: slice, time: int | None = None) -> Batch:
    fields = {name: value[rows] for name, value in vars(batch).items() if isinstance(value, Tensor)}
    along = {name: fields[name][:, :time] for name in ("inputs", "tags", "tags_observed") if name in fields}
    return replace(batch, **{**fields, **along})


def expected_shape(section: Model, shape: Shape, batch: int, time: int) -> tuple[int, ...]:
    if shape.tags:
        return (batch, time, *((shape.classes or shape.tags,) * (2 if section.head.kind == "crf" else 1)))
    if shape.horizon and shape.targets:
        return (batch, shape.horizon, shape.targets)
    return (batch, shape.classes) if shape.classes else (batch,)


def test_every_model_is_in_the_suite() -> None:
    assert {section.model_dump()["kind"] for section, _ in MODELS.values()} == set(members(AnyModel))


def test_it_survives_json(case: tuple[Model, Shape]) -> None:
    section, shape = case
    again = TypeAdapter(AnyModel).validate_json(section.model_dump_json())
    assert again == section
    assert Shape.model_validate_json(shape.model_dump_json()) == shape


@pytest.mark.parametrize(("batch", "time"), [(5, 7), (1, 7), (1, 1), (3, 1)])
def test_the_output_has_its_shape(case: tuple[Model, Shape], batch: int, time: int) -> None:
    section, shape = case
    assert built(section, shape)(batch_of(shape, batch, time)).shape == expected_shape(section, shape, batch, time)


def test_one_column_is_enough(case: tuple[Model, Shape]) -> None:
    section, shape = case
    plain = {"inputs": 1, "future": 0, "static": 0, "targets": shape.targets and 1, "target_columns": (0,)}
    one = shape.model_copy(update=plain)
    assert built(section, one)(batch_of(one)).shape == expected_shape(section, one, 5, 7)


def test_the_rest_of_a_batch_changes_nothing(case: tuple[Model, Shape]) -> None:
    section, shape = case
    module, batch = built(section, shape).eval(), batch_of(shape)
    together = module(batch)
    for number, length in enumerate(batch.lengths.tolist()):
        alone = module(cut(batch, slice(number, number + 1), length))
        same = together[number : number + 1]
        same = same[:, :length] if shape.tags else same
        torch.testing.assert_close(same, alone, rtol=1e-5, atol=1e-6)


def test_padding_reaches_no_bit_of_the_output_and_of_the_gradients(case: tuple[Model, Shape]) -> None:
    section, shape = case
    batch = batch_of(shape)
    beyond = (torch.arange(7) >= batch.lengths[:, None])[..., None]
    filled = replace(batch, inputs=torch.where(beyond, 50 * torch.randn(batch.inputs.shape), batch.inputs))
    results = [gradients(section, shape, one) for one in (batch, filled)]
    assert all(torch.equal(one, other) for one, other in zip(*results, strict=True))


def gradients(section: Model, shape: Shape, batch: Batch) -> list[Tensor]:
    """The output, the loss, and every parameter's gradient."""
    module = built(section, shape)
    output = module(batch)
    total, count = section.loss_of(output, batch)
    (total / count).backward()
    return [output, total, *(parameter.grad for parameter in module.parameters())]


def test_every_parameter_gets_a_gradient(case: tuple[Model, Shape]) -> None:
    section, shape = case
    module, batch = built(section, shape), batch_of(shape)
    total, count = section.loss_of(module(batch), batch)
    (total / count).backward()
    for name, parameter in module.named_parameters():
        assert parameter.grad is not None, name
        if not name.endswith("key.bias"):  # softmax does not see it
            assert parameter.grad.abs().max() > 0, name


@pytest.mark.parametrize("field", ["inputs", "static", "future"])
def test_everything_that_is_fed_matters(case: tuple[Model, Shape], field: str) -> None:
    section, shape = case
    module, batch = built(section, shape), batch_of(shape)
    value = getattr(batch, field)
    if value is None:
        assert not getattr(shape, field)
        return
    before = module(batch)
    for column in range(value.shape[-1]):
        moved = value.clone()
        moved[..., column] += 1
        assert not torch.allclose(module(replace(batch, **{field: moved})), before), (field, column)


def test_the_truth_is_not_seen(case: tuple[Model, Shape]) -> None:
    section, shape = case
    module, batch = built(section, shape), batch_of(shape)
    unseen = dict.fromkeys(("target", "target_observed", "label", "tags", "tags_observed"))
    assert torch.equal(module(replace(batch, **unseen)), module(batch))


def test_the_seed_decides_the_weights(case: tuple[Model, Shape]) -> None:
    one, same, other = (built(*case, seed=seed).state_dict() for seed in (3, 3, 4))
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert any(not torch.equal(one[name], other[name]) for name in one)


def test_its_weights_are_its_whole_state(case: tuple[Model, Shape]) -> None:
    section, shape = case
    module, fresh, batch = built(section, shape, seed=3), built(section, shape, seed=4), batch_of(shape)
    assert not torch.equal(fresh(batch), module(batch))
    fresh.load_state_dict(module.state_dict())
    assert torch.equal(fresh(batch), module(batch))
    names = {name.split(".")[0] for name in module.state_dict()}
    assert names == {"layers", "head"}, "freeze lists name parameters as `layers.0.*` and `head.*`"


def test_weights_can_be_put_into_a_model_that_was_built_without_memory(case: tuple[Model, Shape]) -> None:
    section, shape = case
    module, batch = built(section, shape), batch_of(shape)
    with torch.device("meta"):
        empty = section.build(shape)
    empty.load_state_dict(module.state_dict(), assign=True)
    assert torch.equal(empty(batch), module(batch))


def test_it_is_described_without_being_built(case: tuple[Model, Shape]) -> None:
    section, shape = case
    before = torch.random.get_rng_state()
    described = describe(section, shape)
    assert torch.equal(torch.random.get_rng_state(), before), "no random number is drawn"
    assert [row.name for row in described][:3] == [f"layers[{at}] {one.kind}" for at, one in enumerate(section.layers)]
    assert [row.width for row in described][:3] == [6, 6, 4]
    assert described[-1].width == built(section, shape)(batch_of(shape, batch=1)).numel() // (7 if shape.tags else 1)
    assert sum(row.parameters for row in described) == parameter_count(built(section, shape))


def test_a_step_of_descent_lowers_the_loss(case: tuple[Model, Shape]) -> None:
    section, shape = case
    module, batch = built(section, shape), batch_of(shape)
    optimizer = torch.optim.SGD(module.parameters(), lr=1e-3)
    losses = []
    for _ in range(2):
        total, count = section.loss_of(module(batch), batch)
        losses.append((total / count).item())
        (total / count).backward()
        optimizer.step()
    assert losses[1] < losses[0]


FIELDS = [(kind, name) for kind, part in members(AnyModel).items() for name in part.model_fields if name != "kind"]


@pytest.mark.parametrize(("kind", "name"), FIELDS)
def test_every_field_changes_the_result_or_is_refused(kind: str, name: str) -> None:
    section: Any
    section, shape = MODELS[kind]
    fields = {"layers": section.layers[:1], "loss": {"kind": "mae"}, "ahead": 2}
    if name == "head":  # one head for each model so far: another model's is refused
        with pytest.raises(ValidationError):
            type(section)(layers=section.layers, head={"kind": "value" if kind != "regressor" else "point"})
        return
    if name == "embed":  # what it does is in test_category_vectors.py; these shapes hold no categories
        with pytest.raises(ModelError, match="received `sky`"):
            section.model_copy(update={"embed": {"sky": 2}}).assembled(shape)
        return
    value = fields[name] if name in fields else another(section, name)
    try:
        changed = type(section)(**{**section.model_dump(), name: value})
    except ValidationError:
        alone = {("classifier", "loss"), ("tagger", "loss"), ("language_model", "loss")}
        assert (kind, name) in alone, "only these have a single loss that fits"
        return
    one, other = (gradients(part, shape, batch_of(shape)) for part in (section, changed))
    assert len(one) != len(other) or any(not torch.equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize(("kind", "name"), FIELDS)
def test_every_field_is_documented(kind: str, name: str) -> None:
    assert members(AnyModel)[kind].model_fields[name].description
