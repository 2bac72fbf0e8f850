"""A head whose kernel is the table that tokens are read by: one parameter, two uses."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch
from numpy import ndarray
from pydantic import ValidationError

from rnnlib.bundle import open_bundle, save_bundle
from rnnlib.data.about import About, Column
from rnnlib.data.batching.batch import Batch
from rnnlib.data.dataset import DataSet
from rnnlib.errors import ModelError, Refused
from rnnlib.models import Shape, Tagger, describe, parameter_count
from rnnlib.training import Fit, Training, fit
from rnnlib.training.flat import Flat
from rnnlib.training.learner import Learner

TOKENS, WIDTH = 5, 3
SHAPE = Shape(inputs=1, classes=TOKENS, tags=1)
TABLE = {"kind": "embedding", "tokens": TOKENS, "width": WIDTH}
LAYERS = [TABLE, {"kind": "gru", "units": WIDTH}]


def language(layers: Any = LAYERS, *, tied: bool = True) -> Tagger:
    return Tagger.model_validate({"layers": layers, "head": {"kind": "step_classes", "tied": tied}, "ahead": 1})


def built(layers: Any = LAYERS, *, tied: bool = True, shape: Shape = SHAPE) -> Any:
    torch.manual_seed(3)
    return language(layers, tied=tied).build(shape)


def sentences(seed: int = 0) -> Batch:
    tokens = torch.randint(TOKENS, (4, 6), generator=torch.Generator().manual_seed(seed))
    inside = torch.arange(6) < torch.tensor([6, 2, 4, 6])[:, None]
    return Batch(
        inputs=tokens[..., None].float() * inside[..., None],
        lengths=inside.sum(1),
        tags=tokens * inside,
        tags_observed=inside,
        index=torch.arange(4),
    )


def gradients(module: Any, section: Tagger, batch: Batch) -> dict[str, torch.Tensor]:
    total, count = section.loss_of(module(batch), batch)
    (total / count).backward()  # type: ignore[no-untyped-call]
    return {name: weight.grad.clone() for name, weight in module.named_parameters() if weight.grad is not None}


def is_tied(module: Any) -> bool:
    return module.head.affine.weight is module.layers[0].vectors


def test_it_is_one_parameter_and_counted_once() -> None:
    module, apart = built(), built(tied=False)
    assert is_tied(module)
    assert parameter_count(apart) - parameter_count(module) == TOKENS * WIDTH
    rows = describe(language(), SHAPE)
    assert sum(row.parameters for row in rows) == parameter_count(module)
    assert rows[-1].parameters == TOKENS, "the head's own is its bias"
    assert Flat(module.named_parameters()).theta.numel() < Flat(apart.named_parameters()).theta.numel()


def test_its_gradient_is_the_sum_of_both_uses() -> None:
    apart, tied, batch = built(tied=False), built(), sentences()
    with torch.no_grad():
        apart.head.affine.weight.copy_(apart.layers[0].vectors)
        tied.load_state_dict(apart.state_dict())
    one, other = gradients(tied, language(), batch), gradients(apart, language(tied=False), batch)
    both = other["layers.0.vectors"] + other["head.affine.weight"]
    torch.testing.assert_close(one["layers.0.vectors"], both, rtol=1e-5, atol=1e-7)
    assert "head.affine.weight" not in one
    rest = other.keys() - {"layers.0.vectors", "head.affine.weight"}
    assert all(torch.allclose(one[name], other[name], atol=1e-7) for name in rest)


def by_hand(table: ndarray, tokens: ndarray) -> ndarray:
    """dL/dE of the mean cross-entropy of softmax(E_i Eᵀ) where i is followed by j."""
    gradient = np.zeros_like(table)
    for before, after in pairwise(tokens):
        logits = table @ table[before]
        wrong = np.exp(logits - logits.max())
        wrong /= wrong.sum()
        wrong[after] -= 1
        gradient += np.outer(wrong, table[before])  # as the kernel
        gradient[before] += table.T @ wrong  # as the table
    return gradient / (len(tokens) - 1)


def test_the_gradient_of_a_bigram_model_by_hand() -> None:
    module, tokens = built([TABLE]).double(), np.array([0, 3, 1, 1, 4, 3])
    batch = Batch(
        inputs=torch.from_numpy(tokens)[None, :, None].float(),
        lengths=torch.tensor([6]),
        tags=torch.from_numpy(tokens)[None],
        tags_observed=torch.ones(1, 6, dtype=torch.bool),
        index=torch.arange(1),
    )
    table = module.layers[0].vectors.detach().numpy().copy()
    found = gradients(module, language([TABLE]), batch)["layers.0.vectors"].numpy()
    np.testing.assert_allclose(found, by_hand(table, tokens), rtol=0, atol=1e-12)


def test_without_an_embedding_it_is_refused() -> None:
    with pytest.raises(ValidationError) as caught:
        language([{"kind": "gru", "units": 3}])
    error = caught.value.errors()[0]
    assert "there is no `embedding` layer: received `gru`" in error["msg"]
    assert error["ctx"]["at"] == ("head", "tied")


@pytest.mark.parametrize(
    ("layers", "shape", "at", "message"),
    [
        (LAYERS, SHAPE.model_copy(update={"classes": 7}), ("layers", 0, "tokens"), "5 tokens and 7 classes; use `toke"),
        ([TABLE, {"kind": "gru", "units": 8}], SHAPE, ("layers", 0, "width"), "put `{kind: dense, units: 3}` behind"),
        (LAYERS, SHAPE.model_copy(update={"static": 2}), ("layers", 0, "width"), "put `{kind: dense, units: 1}` beh"),
        (LAYERS, SHAPE.model_copy(update={"static": 4}), ("layers", 0, "width"), "reads 7 values; use `width: 7`"),
    ],
)
def test_sizes_that_differ_are_refused(layers: Any, shape: Shape, at: tuple[Any, ...], message: str) -> None:
    with pytest.raises(ModelError) as caught:
        describe(language(layers), shape)
    assert message in caught.value.message
    assert caught.value.at == at


def test_the_remedies_remedy() -> None:
    wide = [TABLE, {"kind": "gru", "units": 8}, {"kind": "dense", "units": 3}]
    assert built(wide)(sentences()).shape == (4, 6, TOKENS)
    assert built([{**TABLE, "width": 7}, LAYERS[1]], shape=SHAPE.model_copy(update={"static": 4})) is not None


def test_it_changes_the_output_and_the_loss() -> None:
    assert not torch.equal(built()(sentences()), built(tied=False)(sentences()))


def counting(first: int = 0) -> DataSet:
    """Sequences that count up by one or by two, modulo 5."""
    draw = np.random.default_rng(2)
    rows = [(draw.integers(TOKENS) + (1 + number % 2) * np.arange(8)) % TOKENS for number in range(40)]
    tokens = np.concatenate(rows).astype(float)
    return DataSet(
        about=About(columns=(Column(name="token", role="features"),), tags=("token",)),
        raw=tokens[:, None],
        offsets=np.arange(0, 321, 8),
        sequences=pl.DataFrame({"key": [str(number) for number in range(40)]}),
        part=np.repeat(np.arange(40) % 4 // 3, 8).astype(np.int8),
        tags=first + tokens[:, None],
    )


def trained(*, classes: tuple[str, ...] = ("0", "1", "2", "3", "4"), data: DataSet | None = None, **more: Any) -> Fit:
    section = Training.model_validate(
        {"model": language(), "epochs": 15, "batch": 8, "average": {"decay": 0.5},
         "optimizer": {"kind": "adam", "learning_rate": 0.05}}
    )  # fmt: skip
    return fit(section, data or counting(), SHAPE, classes=classes, seed=5, **more)


def state_of(found: Fit) -> list[bytes]:
    return [tensor.numpy().tobytes() for tensor in found.module.state_dict().values()]


def test_a_training_learns_resumes_to_the_bit_and_its_bundle_is_tied_again(tmp_path: Path) -> None:
    def stop(epoch: int, _record: dict[str, float]) -> None:
        if epoch == 3:
            raise KeyboardInterrupt

    whole = trained()
    assert whole.best_loss < 0.6 * whole.history[0]["train_loss"]
    with pytest.raises(KeyboardInterrupt):
        trained(folder=tmp_path / "steps", report=stop)
    again = trained(folder=tmp_path / "steps")
    assert state_of(again) == state_of(whole)
    assert again.as_json() == whole.as_json()
    assert is_tied(again.module)

    data = counting()
    classes = ("0", "1", "2", "3", "4")
    save_bundle(tmp_path / "bundle", model=language(), shape=SHAPE, module=whole.module, about=data.about,
                classes=classes, facts={})  # fmt: skip
    module = open_bundle(tmp_path / "bundle").module()
    assert is_tied(module)
    assert torch.equal(module(sentences()), whole.module(sentences()))


def test_the_learner_has_it_once_and_averages_it_once() -> None:
    section = Training.model_validate({"model": language(), "average": {"decay": 0.5}})
    learner = Learner.fresh(section, SHAPE, 1)
    assert [name for name in learner.players[0].flat.weights if "affine" in name] == ["head.affine.bias"]
    assert is_tied(learner.twin)


def test_classes_that_are_no_tokens_are_refused() -> None:
    with pytest.raises(Refused, match=r"class i is token i.*received `1`") as refused:
        trained(classes=("1", "2", "3", "4", "5"), data=counting(1))
    assert refused.value.at == ("model", "head", "tied")
