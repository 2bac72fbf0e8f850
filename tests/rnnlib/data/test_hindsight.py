"""What a model is shown of a window does not know the window's horizon, however holes were filled."""

from typing import Any

import numpy as np
import polars as pl
import pytest
import torch

from rnnlib.data.batches import batches, examples_before
from rnnlib.data.hindsight import without_hindsight
from rnnlib.data.loading import frame_to_dataset
from rnnlib.data.missing import Missing
from rnnlib.data.roles import Roles
from rnnlib.data.splits import ByTime, split


def holes(seed: int) -> pl.DataFrame:
    draw = np.random.default_rng(seed)
    values = draw.normal(size=(120, 2)).cumsum(axis=0)
    values[draw.random((120, 2)) < 0.4] = np.nan
    values[[0, 119]] = 0.0
    return pl.DataFrame({"t": np.arange(120), "y": values[:, 0], "z": values[:, 1]}).fill_nan(None)


def shown(table: pl.DataFrame, missing: Missing, at: int) -> tuple[bytes, bytes]:
    """What a model is shown before row `at`, and where it has no value."""
    roles = Roles(time="t", target=("y",), past=("z",))
    data = split(frame_to_dataset(table, roles, file="t", missing=missing), ByTime(by="time", test=40), seed=0)
    data = data.with_about(window={"context": 12, "horizon": 4, "stride": 1})
    (batch,) = batches(data, examples_before(data, np.array([at]), 12, 4), torch.arange(1), 1, truth=False)
    absent = torch.zeros_like(batch.inputs, dtype=torch.bool) if batch.absent is None else batch.absent
    return batch.inputs.numpy().tobytes(), absent.numpy().tobytes()


@pytest.mark.parametrize(
    "policy",
    [
        {"fill": "interpolate"},
        {"fill": "interpolate", "at_most": 2},
        {"fill": "forward"},
        {"fill": "forward", "at_most": 2},
        {"fill": "constant", "value": 7.0},
        {"fill": "seasonal", "season": 5},
        {"fill": "seasonal", "season": 5, "at_most": 2},
    ],
    ids=str,
)
def test_no_context_knows_its_horizon(policy: dict[str, Any]) -> None:
    """Other values from the horizon's first row on, and other holes: the context before it is the same to the bit."""
    missing = Missing(**policy, otherwise="mask")
    frame, others = holes(5), holes(6)
    for at in range(84, 116):
        later = pl.int_range(pl.len()) >= at
        changed = frame.with_columns(
            pl.when(later).then(others[name] * 9 + 50).otherwise(pl.col(name)).alias(name) for name in ("y", "z")
        )
        assert shown(frame, missing, at) == shown(changed, missing, at), at


def test_a_hole_at_the_end_is_level_and_others_stay_as_they_are() -> None:
    inputs = torch.tensor([[[1.0], [9.0], [3.0], [5.0], [6.0]]])
    nowhere = torch.zeros(1, 5, 1, dtype=torch.bool)
    observed = torch.tensor([[[True], [False], [True], [False], [False]]])
    filled, gone = without_hindsight(inputs, observed, nowhere, None)
    assert filled.flatten().tolist() == [1, 9, 3, 3, 3]
    assert not gone.any()
    filled, gone = without_hindsight(inputs, observed, nowhere, 1)
    assert filled.flatten().tolist() == [1, 9, 3, 0, 0]
    assert gone.flatten().tolist() == [False, False, False, True, True]
    filled, gone = without_hindsight(inputs, nowhere, nowhere, None)
    assert gone.all(), "where nothing was measured there is no value"
