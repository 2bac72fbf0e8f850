"""Columns of categories enter every model as learned vectors, over the past, over the horizon and for whole series."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from rnnlib.data.batching.batch import Batch
from rnnlib.errors import ModelError
from rnnlib.layer import Tokens
from rnnlib.models import Classifier, Forecaster, Regressor, Shape, Tagger, describe
from rnnlib.models.category_vectors import CategoryVectors, Embedded, usual_width

GRU = {"kind": "gru", "units": 3}
READS_SKY = {"kind": "embedding", "width": 4, "column": 1}
SKY, DAY, TOWN = Tokens("sky", 1, 5), Tokens("day", 2, 8), Tokens("town", 1, 4)
SHAPE = Shape(
    inputs=3, future=1, static=2, horizon=2, targets=1, context=6, target_columns=(0,),
    tokens=(SKY, DAY), future_tokens=(Tokens("day", 0, 8),), static_tokens=(TOWN,),
)  # fmt: skip
WHOLE = Shape(inputs=3, static=2, classes=2, tags=1, tokens=(SKY, DAY), static_tokens=(TOWN,))


def batch(size=4, seed=0):
    draw = torch.Generator().manual_seed(seed)

    def tokens(most, *shape):
        return torch.randint(0, most, shape, generator=draw).float()

    inputs = torch.stack([torch.randn(size, 6, generator=draw), tokens(5, size, 6), tokens(8, size, 6)], -1)
    return Batch(
        inputs=inputs,
        lengths=torch.full((size,), 6),
        future=tokens(8, size, 2, 1),
        static=torch.stack([torch.randn(size, generator=draw), tokens(4, size)], -1),
        target=torch.randn(size, 2, 1, generator=draw),
        index=torch.arange(size),
        padded=False,
    )


def forecaster(**fields):
    return Forecaster(layers=[GRU], **fields)


def test_a_token_s_place_holds_the_first_value_of_its_vector_and_the_rest_stands_behind_all_columns():
    embedded = Embedded.of(forecaster().layers, SHAPE, {"sky": 2, "day": 3, "town": 1})
    vectors, given = CategoryVectors(embedded), batch()
    seen = vectors(given)
    sky, day, town = (table.detach().numpy() for table in vectors.tables)
    x = given.inputs.numpy()
    by_hand = np.concatenate(
        [x[..., :1], sky[x[..., 1].astype(int)][..., :1], day[x[..., 2].astype(int)][..., :1],
         sky[x[..., 1].astype(int)][..., 1:], day[x[..., 2].astype(int)][..., 1:]], -1,
    )  # fmt: skip
    assert np.array_equal(seen.inputs.detach().numpy(), by_hand)
    assert np.array_equal(seen.future.detach().numpy(), day[given.future[..., 0].long().numpy()])
    assert np.array_equal(seen.static[:, 1].detach().numpy(), town[given.static[:, 1].long().numpy(), 0])
    shape = embedded.seen(SHAPE)
    assert (shape.inputs, shape.future, shape.static) == (6, 3, 2)
    assert [seen.inputs.shape[-1], seen.future.shape[-1], seen.static.shape[-1]] == [6, 3, 2]


@pytest.mark.parametrize("relative_to", ["none", "last", "instance"])
def test_every_table_learns(relative_to):
    torch.manual_seed(0)
    model = forecaster(relative_to=relative_to)
    module = model.assembled(SHAPE)
    loss, count = model.loss_of(module(batch(64)), batch(64))
    (loss / count).backward()
    for name, table in zip(module.vectors.names, module.vectors.tables, strict=True):
        assert bool((table.grad.abs().sum(dim=1) > 0).all()), name


@pytest.mark.parametrize("kind", [Classifier, Regressor, Tagger])
def test_models_of_whole_sequences_read_them_too(kind):
    module = kind(layers=[GRU]).assembled(WHOLE)
    given = replace(batch(), future=None, target=None)
    assert torch.isfinite(module(given)).all()
    assert module.vectors.names == ["sky", "day", "town"]


def test_renumbering_the_categories_changes_nothing_once_their_vectors_are_renumbered_too():
    torch.manual_seed(0)
    module, given = forecaster().assembled(SHAPE).eval(), batch()
    expected = module(given)
    order = torch.tensor([3, 0, 4, 1, 2])
    inputs = given.inputs.clone()
    inputs[..., 1] = order[given.inputs[..., 1].long()].float()
    with torch.no_grad():
        table = module.vectors.tables[0]
        table[order] = table.clone()
    torch.testing.assert_close(module(replace(given, inputs=inputs)), expected)


def test_a_token_that_nothing_showed_is_no_vector_and_columns_without_a_width_have_the_usual_one():
    module = forecaster(embed={"day": 7}).assembled(SHAPE)
    assert [tuple(table.shape) for table in module.vectors.tables] == [(5, 3), (8, 7), (4, 2)]
    assert all(bool((table[0] == 0).all()) for table in module.vectors.tables)
    assert [usual_width(size) for size in (1, 2, 4, 5, 100, 101, 10**6)] == [1, 2, 2, 3, 10, 11, 50]


@pytest.mark.parametrize(
    "layers",
    [
        [READS_SKY, GRU],
        [{"kind": "parallel", "branches": [[READS_SKY], [{"kind": "dense", "units": 2}]]}],
    ],
    ids=["alone", "in a branch"],
)  # fmt: skip
def test_what_an_embedding_layer_reads_is_left_to_it(layers):
    model = Forecaster(layers=layers)
    module = model.assembled(SHAPE)
    assert module.vectors.names == ["day", "town"]
    assert torch.isfinite(module(batch())).all()
    with pytest.raises(ModelError, match="received `sky`, and an `embedding` layer reads this one") as refused:
        Forecaster(layers=layers, embed={"sky": 3}).assembled(SHAPE)
    assert refused.value.at == ("embed", "sky")


def test_a_width_of_a_column_that_holds_no_categories_is_refused():
    with pytest.raises(ModelError, match="received `wind`, and there are `sky`, `day`, `town`"):
        forecaster(embed={"wind": 3}).assembled(SHAPE)


def test_models_of_numbers_are_as_before():
    plain = Shape(inputs=2, horizon=2, targets=1, context=6, target_columns=(0,))
    torch.manual_seed(3)
    one = forecaster().build(plain)
    torch.manual_seed(3)
    other = forecaster().assembled(plain)
    assert other.vectors is None
    assert list(one.state_dict()) == list(other.state_dict())
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))


def test_the_vectors_are_told_with_the_layers():
    told = describe(forecaster(), SHAPE)
    assert told[0] == ("vectors of categories", 3 + 3 + 2, 5 * 3 + 8 * 3 + 4 * 2)
    module = forecaster().assembled(SHAPE)
    assert sum(one.parameters for one in told) == sum(p.numel() for p in module.parameters())
    assert isinstance(module.get_submodule("vectors"), nn.Module)
