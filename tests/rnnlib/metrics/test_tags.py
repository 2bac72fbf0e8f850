"""Scores of taggers against scikit-learn, over the known steps alone, and the frequencies beside them."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import accuracy_score, f1_score, log_loss

from rnnlib.data.about import About, Column
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.data.step_predictions import StepPredictions
from rnnlib.errors import ModelError
from rnnlib.metrics.cases import Labels
from rnnlib.metrics.nll import NLL
from rnnlib.metrics.scoring import score_part
from tests.rnnlib.metrics.samples import Guesses

NAN = float("nan")
LENGTHS = np.array([5, 3, 6, 4])
ROWS = int(LENGTHS.sum())
NAMES = ("accuracy", "macro_f1", "nll")


def tagged(tags: np.ndarray, words: tuple[str, ...] | None = None) -> DataSet:
    """Two sequences of train, two of test."""
    about = About(
        columns=(Column(name="v", role="features"),),
        tags=tuple(f"k{number}" for number in range(tags.shape[1])),
        tag_words=words,
        names={"sample": "id"},
    )
    data = DataSet(
        about=about,
        raw=np.random.default_rng(0).normal(size=(ROWS, 1)),
        offsets=np.concatenate([[0], LENGTHS.cumsum()]),
        sequences=pl.DataFrame({"key": [f"s{number}" for number in range(4)]}),
        part=np.repeat(np.array([0, 0, 2, 2], np.int8), LENGTHS),
        tags=tags,
    )
    return data.with_about(holdout=data.holdout_digest())


def told(shares: np.ndarray, classes: tuple[str, ...] | None, ahead: int = 0) -> Guesses:
    """A model whose probabilities a test writes down, one line for every row of the data."""

    def steps(data: DataSet, sequences: np.ndarray) -> StepPredictions:
        rows = np.concatenate([np.arange(data.offsets[one], data.offsets[one + 1]) for one in sequences])
        own = shares[rows]
        best = (own > 0.5).astype(np.int64) if classes is None else own.argmax(1)[:, None]
        offsets = np.concatenate([[0], data.lengths[sequences].cumsum()])
        return StepPredictions(offsets, best, own, ahead)

    return Guesses("tagger", steps, classes)


def scored(data: DataSet, model: Guesses):
    return score_part(model, data, PartOf.test, NAMES, season=None, units="data")


def simplex(columns: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).dirichlet(np.ones(columns), ROWS)


@pytest.mark.parametrize("words", [None, ("a", "b", "c")])
def test_classes_over_known_steps(words: tuple[str, ...] | None) -> None:
    tags = np.random.default_rng(2).integers(0, 3, (ROWS, 1)).astype(float)
    tags[[9, 15]] = NAN
    classes, shares = words or ("0", "1", "2"), simplex(3)
    found = scored(tagged(tags, words), told(shares, classes))
    chosen = np.array([row for row in range(8, ROWS) if row not in (9, 15)])
    truth, best = tags[chosen, 0].astype(int), shares[chosen].argmax(1)
    assert found.cases == 8
    assert found.model["accuracy"] == accuracy_score(truth, best)
    assert found.model["macro_f1"] == pytest.approx(f1_score(truth, best, average="macro"), abs=1e-12)
    assert found.model["nll"] == pytest.approx(log_loss(truth, shares[chosen], labels=[0, 1, 2]), abs=1e-12)
    counts = np.bincount(tags[:8, 0].astype(int), minlength=3) + 1
    beside = found.baselines["frequency"]
    assert beside["nll"] == pytest.approx(-np.log(counts / counts.sum())[truth].mean(), abs=1e-12)
    assert beside["accuracy"] == (truth == counts.argmax()).mean()
    assert found.predictions.columns == [
        "part",
        "key",
        "step",
        "tag",
        "label",
        "predicted",
        *(f"p_{c}" for c in classes),
    ]
    assert found.predictions["step"].to_list() == [1, 3, 4, 5, 6, 1, 3, 4]
    assert found.predictions["key"].to_list() == ["s2"] * 5 + ["s3"] * 3


def test_several_columns_are_summed_per_step() -> None:
    draw = np.random.default_rng(3)
    tags, shares = draw.integers(0, 2, (ROWS, 4)).astype(float), draw.uniform(0.05, 0.95, (ROWS, 4))
    tags[10, 2], tags[11] = NAN, NAN
    found = scored(tagged(tags), told(shares, None))
    known = ~np.isnan(tags[8:])
    truth, sure = tags[8:][known], shares[8:][known]
    assert found.cases == 9
    assert found.model["nll"] == pytest.approx(log_loss(truth, sure, normalize=False) / 9, abs=1e-10)
    assert found.model["accuracy"] == accuracy_score(truth, sure > 0.5)
    assert found.model["macro_f1"] == pytest.approx(f1_score(truth, sure > 0.5, average="macro"))
    share = (tags[:8].sum(0) + 1) / 10
    beside = np.broadcast_to(share, known.shape)[known]
    assert found.baselines["frequency"]["nll"] == pytest.approx(log_loss(truth, beside, normalize=False) / 9, abs=1e-10)
    assert set(found.predictions["tag"]) == {"k0", "k1", "k2", "k3"}


def test_what_is_told_ahead_is_held_against_the_later_step() -> None:
    tags = (np.arange(ROWS) % 2).astype(float)[:, None]
    shares = np.where(tags == 0, [[0.1, 0.9]], [[0.9, 0.1]])  # the tag of the next row
    found = scored(tagged(tags), told(shares, ("0", "1"), ahead=1))
    assert found.cases == 8, "the last step of each of two sequences has no truth"
    assert found.model["accuracy"] == 1
    assert found.predictions["step"].to_list() == [2, 3, 4, 5, 6, 2, 3, 4]


def test_other_parts_change_nothing() -> None:
    tags = np.random.default_rng(2).integers(0, 3, (ROWS, 1)).astype(float)
    model = told(simplex(3), ("0", "1", "2"))
    one = scored(tagged(tags), model)
    parts = np.repeat(np.array([0, 0, 2, -1], np.int8), LENGTHS)
    assert scored(replace(tagged(tags), part=parts), model).cases == 6
    assert one.cases == 10


def test_what_is_not_finite_is_refused() -> None:
    shares = simplex(3)
    shares[12] = NAN
    with pytest.raises(ModelError, match="1 of the model's 10 predictions of test are not finite"):
        scored(tagged(np.arange(ROWS)[:, None] % 3.0), told(shares, ("0", "1", "2")))


def test_what_was_held_impossible_costs_without_bound() -> None:
    certain = np.array([[1.0, 0.0]])
    assert NLL()(Labels(("b",), ("a",), ("a", "b"), certain)) == np.inf
    assert NLL()(Labels(("new",), ("a",), ("a", "b"), certain)) == np.inf
    assert NLL()(Labels(("a",), ("a",), ("a", "b"), certain)) == 0
    assert np.isnan(NLL()(Labels(("a",), ("a",), ("a", "b"))))
