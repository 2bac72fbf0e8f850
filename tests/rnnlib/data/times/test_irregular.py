"""Irregular times: rows keep their own, no gap is one, and how long after the row before they stand is a column."""

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest
import torch
from pydantic import ValidationError

from rnnlib.data.augmentations import Scaling, WindowColumns
from rnnlib.data.batching.augmented import augmented
from rnnlib.data.batching.batches import batches, examples_of
from rnnlib.data.dataset import PartOf
from rnnlib.data.loading import frame_to_dataset
from rnnlib.data.loading.reading import Reading
from rnnlib.data.missing import Missing
from rnnlib.data.roles import Roles
from rnnlib.data.splits import ByTime, split
from rnnlib.data.times.calendar import Calendar
from rnnlib.data.times.made import Made
from rnnlib.data.transforms import transformed
from rnnlib.errors import DataError
from rnnlib.quantities import Duration
from rnnlib.upcoming import upcoming

GAPS = np.array([0, 7, 60, 61, 200, 3600, 5, 6, 90, 30])
MINUTES = Made(irregular=True, time_delta=Duration(1, "m"))
FORECAST = Roles(series="s", time="at", target=["y"], past=["p"])


def frame(keys=("a", "b"), rows=10):
    at = [datetime(2024, 1, 1) + timedelta(seconds=int(seconds)) for seconds in np.cumsum(GAPS)[:rows]]
    one = {"at": at, "y": np.arange(rows) * 1.0, "p": np.ones(rows)}
    return pl.concat(pl.DataFrame({"s": [key] * rows, **one}) for key in keys)


def loaded(table=None, roles=FORECAST, made=MINUTES, **options):
    return frame_to_dataset(frame() if table is None else table, roles, file="f", made=made, **options)


def test_rows_keep_their_times_and_the_time_since_the_row_before_is_a_past_covariate():
    data = loaded()
    assert data.about.time.every is None
    assert [(column.name, column.role) for column in data.about.columns][-1] == ("time_delta", "past")
    assert np.allclose(data.raw[:, 2], np.tile(GAPS / 60, 2))
    assert np.array_equal(np.diff(data.times[:10]), GAPS[1:] * 1_000_000)
    assert data.about.repairs == {}


def test_it_is_a_feature_of_samples_and_the_column_may_be_left_out():
    roles = Roles(sample="s", time="at", features=["y"], label="p")
    assert [column.role for column in loaded(roles=roles).about.columns] == ["features"] * 2
    assert len(loaded(roles=roles, made=Made(irregular=True)).about.columns) == 1


def test_without_it_the_same_rows_are_refused_or_filled_up():
    with pytest.raises(DataError, match="times follow each other every"):
        loaded(made=None)


def test_order_and_duplicates_are_minded_as_ever():
    table = frame(("a",))
    with pytest.raises(DataError, match="times go forward"):
        loaded(table.reverse())
    with pytest.raises(DataError, match="comes again"):
        loaded(pl.concat([table, table[-1]]))
    mended = loaded(pl.concat([table, table[:2]]), unsorted="sort", duplicates="first")
    assert mended.about.repairs["duplicate rows"] == 2
    assert np.allclose(mended.raw[:, 2], GAPS / 60)


def test_a_horizon_is_so_many_rows_whenever_they_come():
    about = loaded().about
    ahead = upcoming(loaded(expected=about), context=4, horizon=3)
    assert ahead.times is None
    assert ahead.data.lengths.tolist() == [13, 13]


def test_a_calendar_ahead_needs_rows_with_their_times():
    made = MINUTES.model_copy(update={"calendar": Calendar(cycles=["minute"])})
    about = loaded(made=made).about
    with pytest.raises(DataError, match=r"needs `minute_sin` and `minute_cos` for 2 rows .* has 0, 2 are missing"):
        upcoming(loaded(expected=about), context=4, horizon=2)
    late = pl.int_range(pl.len()).over("s") >= 8
    given = frame().with_columns(y=pl.when(late).then(None).otherwise("y"), p=pl.when(late).then(None).otherwise("p"))
    ahead = upcoming(loaded(given, expected=about), context=4, horizon=2)
    whole = loaded(made=made)
    assert np.array_equal(ahead.data.raw[:, 3:], whole.raw[:, 3:])


def test_parts_are_cut_by_rows_and_by_lengths_of_time():
    by_rows = split(loaded(), ByTime(test=3), 0)
    assert (by_rows.part == 2).sum() == 6
    by_time = split(loaded(), ByTime(test="2m"), 0)
    assert (by_time.part == 2).sum() > 0


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"every": "1h", "time_delta": "1m"}, "leave `time_delta` out, or write `every: irregular`"),
        ({"every": "irregular", "time_delta": "1mo"}, "months and years differ in length"),
        ({"every": "irregular", "missing": {"fill": "interpolate"}}, "`fill: interpolate` counts rows"),
        ({"every": "irregular", "missing": {"fill": "seasonal", "season": 3}}, "`fill: seasonal` counts rows"),
        ({"every": "often"}, "irregular"),
    ],
)
def test_what_has_no_meaning_there_is_refused(fields, message):
    source = {"kind": "csv", "path": "f.csv"}
    with pytest.raises(ValidationError, match=message):
        Reading(source=source, roles=FORECAST.model_dump(exclude_defaults=True), **fields)


def test_times_are_needed():
    source = {"kind": "csv", "path": "f.csv"}
    for fields in ({"every": "irregular"}, {"calendar": {"cycles": ["hour"]}}):
        with pytest.raises(ValidationError, match="is about times, and the roles name no `time` column"):
            Reading(source=source, roles={"target": ["y"]}, **fields)


def test_whole_numbers_have_no_unit():
    table = frame().with_columns(at=pl.int_range(pl.len()) ** 2)
    with pytest.raises(DataError, match="whole numbers have no unit of time such as `1m`"):
        loaded(table)
    assert loaded(table, made=Made(irregular=True), missing=Missing(fill="forward")).about.repairs == {}


def test_the_time_since_the_row_before_stands_before_what_is_known_ahead():
    """Augmentations lay context and horizon together, what is known ahead in the last columns."""
    table = frame(rows=10).with_columns(f=np.arange(20) * 1.0)
    roles = Roles(series="s", time="at", target=["y"], past=["p"], future=["f"])
    made = MINUTES.model_copy(update={"calendar": Calendar(cycles=["hour"])})
    data = loaded(table, roles, made)
    names = [column.name for column in data.about.columns]
    assert names == ["y", "p", "time_delta", "f", "hour_sin", "hour_cos"]
    assert np.array_equal(data.raw[:, names.index("f")], np.arange(20))
    assert np.allclose(data.raw[:, names.index("time_delta")], np.tile(GAPS / 60, 2))
    data = replace(data, part=np.zeros(20, np.int8)).with_about(window={"context": 4, "horizon": 2, "stride": 1})
    data = transformed(data, {})
    examples = examples_of(data, PartOf.train)
    (batch,) = batches(data, examples, torch.arange(len(examples)), 99)
    changed = augmented([Scaling(sigma=1.0)], batch, 1, 1, 0, columns=WindowColumns.of(data.about))
    assert torch.equal(changed.future, batch.future)
    assert not torch.equal(changed.target, batch.target)
