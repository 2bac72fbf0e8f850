"""What a model is shown of a window does not know the window's horizon, and is what a prediction would be shown."""

from typing import Any

import numpy as np
import polars as pl
import pytest
import torch

from rnnlib.data.batching.batches import batches, examples_before
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.data.loading import frame_to_dataset
from rnnlib.data.missing import Missing
from rnnlib.data.normalizers import Chain, Normalizer, Standard
from rnnlib.data.roles import Roles
from rnnlib.data.splits import ByTime, split
from rnnlib.data.splits.fill import known_by
from rnnlib.data.transforms import fit_transforms, transformed
from rnnlib.forecasts import Forecasts
from rnnlib.metrics.forecasts import ScoredForecasts
from rnnlib.upcoming import upcoming

ROLES = Roles(time="t", target=("y",), past=("z",))
CONTEXT, HORIZON = 12, 4
POLICIES = pytest.mark.parametrize(
    "policy",
    [
        {"fill": "interpolate"},
        {"fill": "interpolate", "at_most": 2},
        {"fill": "forward"},
        {"fill": "forward", "at_most": 2},
        {"fill": "constant", "value": 7.0},
        {"fill": "constant", "value": 7.0, "at_most": 2},
        {"fill": "seasonal", "season": 5},
        {"fill": "seasonal", "season": 5, "at_most": 2},
    ],
    ids=str,
)
DIFFERENCES = Chain(
    of=({"kind": "seasonal_difference", "lag": 3}, {"kind": "difference"}, {"kind": "standard", "constant": "center"})
)


def holes(seed: int, share: float = 0.4) -> pl.DataFrame:
    draw = np.random.default_rng(seed)
    values = draw.normal(size=(120, 2)).cumsum(axis=0)
    values[draw.random((120, 2)) < share] = np.nan
    values[[0, 119]] = 0.0
    return pl.DataFrame({"t": np.arange(120), "y": values[:, 0], "z": values[:, 1]}).fill_nan(None)


def cut(table: pl.DataFrame, missing: Missing) -> DataSet:
    """The table in three parts, of which validation is shorter than a context."""
    whole = frame_to_dataset(table, ROLES, file="t", missing=missing)
    data = split(whole, ByTime(by="time", validation=10, test=30), seed=0)
    return data.with_about(window={"context": CONTEXT, "horizon": HORIZON, "stride": 1})


def shown(data: DataSet, starts: list[int]) -> list[tuple[bytes, bytes]]:
    """What a model is shown before each of these rows, and where it has no value."""
    examples = examples_before(data, np.array(starts), CONTEXT, HORIZON)
    (batch,) = batches(data, examples, torch.arange(len(starts)), len(starts), truth=False)
    absent = torch.zeros_like(batch.inputs, dtype=torch.bool) if batch.absent is None else batch.absent
    return [(one.numpy().tobytes(), gone.numpy().tobytes()) for one, gone in zip(batch.inputs, absent, strict=True)]


@POLICIES
@pytest.mark.parametrize("normalizer", [None, Standard(), DIFFERENCES], ids=["none", "standard", "differences"])
def test_no_context_knows_its_horizon(policy: dict[str, Any], normalizer: Normalizer | None) -> None:
    """Other values from the horizon's first row on, and other holes: the context before it is the same to the bit."""
    missing = Missing(**policy, otherwise="mask")
    frame, others = holes(5), holes(6)
    data = cut(frame, missing)
    states = {} if normalizer is None else fit_transforms(data, {"target": normalizer, "past": normalizer})
    for at in range(94, 116):
        later = pl.int_range(pl.len()) >= at
        changed = frame.with_columns(
            pl.when(later).then(others[name] * 9 + 50).otherwise(pl.col(name)).alias(name) for name in ("y", "z")
        )
        one, other = (transformed(known_by(each, PartOf.test), states) for each in (data, cut(changed, missing)))
        assert shown(one, [at]) == shown(other, [at]), at


@POLICIES
@pytest.mark.parametrize("normalizer", [None, Standard(), DIFFERENCES], ids=["none", "standard", "differences"])
@pytest.mark.parametrize(("seed", "share"), [(0, 0.2), (1, 0.4), (2, 0.55)])
def test_what_is_scored_is_shown_what_a_prediction_is(
    policy: dict[str, Any], normalizer: Normalizer | None, seed: int, share: float
) -> None:
    """Holes at the border of a part, at the end of a context, longer than one: the same to the bit."""
    missing, table = Missing(**policy, otherwise="mask"), holes(seed, share)
    data = cut(table, missing)
    states = {} if normalizer is None else fit_transforms(data, {"target": normalizer, "past": normalizer})
    scored = {part: transformed(known_by(data, part), states) for part in (PartOf.validation, PartOf.test)}
    told = [at for at in range(80, 116) if table["y"][at - 1] is not None and at not in range(87, 90)]
    for at in told:
        known = frame_to_dataset(table[:at], ROLES, file="t", missing=missing, expected=data.about)
        asked = upcoming(known, CONTEXT, HORIZON)
        part = PartOf.validation if at < 90 else PartOf.test
        assert shown(scored[part], [at]) == shown(transformed(asked.data, states), asked.starts.tolist()), at


def test_rows_of_other_parts_and_what_was_measured_stay() -> None:
    data = cut(holes(1), Missing(fill="interpolate", otherwise="mask"))
    assert data.observed is not None
    for part, end in ((PartOf.train, 80), (PartOf.validation, 90), (PartOf.test, 120)):
        found = known_by(data, part)
        assert np.array_equal(found.raw[data.observed], data.raw[data.observed])
        assert np.array_equal(found.raw[end:], data.raw[end:], equal_nan=True)
        own = data.rows_of(part)
        assert np.array_equal(found.raw[own], data.raw[own], equal_nan=True)
    assert known_by(data, PartOf.train) is data


def test_a_part_is_scored_as_it_is_known() -> None:
    class Asked:
        kind, classes = "forecaster", None

        def distribution(self, data: DataSet, horizon_starts: np.ndarray) -> Forecasts:
            self.data = data
            return Forecasts(np.zeros((len(horizon_starts), HORIZON, 1)))

    data, asked = cut(holes(1), Missing(fill="interpolate", otherwise="mask")), Asked()
    scored = ScoredForecasts(asked, data, PartOf.test, ("mae",), None, "data")  # type: ignore[arg-type]
    assert scored.made.values.shape[0] == scored.count > 0
    assert np.array_equal(asked.data.raw, known_by(data, PartOf.test).raw, equal_nan=True)
    assert not np.array_equal(asked.data.raw, data.raw, equal_nan=True)


def test_a_hole_at_the_end_is_level_from_before_the_context_on() -> None:
    """A value that is measured once a month stands there, however short the context is."""
    table = pl.DataFrame({"t": np.arange(120), "y": np.arange(120.0), "z": np.where(np.arange(120) % 30, np.nan, 5.0)})
    data = cut(table.fill_nan(None), Missing(fill="interpolate", otherwise="mask"))
    (batch,) = batches(data, examples_before(data, np.array([112]), CONTEXT, HORIZON), torch.arange(1), 1, truth=False)
    assert batch.inputs[0, :, 1].tolist() == [5.0] * CONTEXT
    assert batch.absent is not None
    assert not batch.absent.any()
