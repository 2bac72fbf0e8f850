"""New data against what a model was trained on: each difference its own error, harmless ones let pass."""

from datetime import date, datetime
from typing import Any

import polars as pl
import pytest

from rnnlib.data.about import About
from rnnlib.data.dataset import DataSet
from rnnlib.data.loading import frame_to_dataset
from rnnlib.data.roles import Roles
from rnnlib.errors import DataError

DAYS = ["2024-01-01", "2024-01-02", "2024-01-03"]
ROLES = Roles(series="s", time="t", target="y", past="p", future="f", static="w")
TRAIN = pl.DataFrame(
    {"s": ["a"] * 3, "t": DAYS, "y": [1.0, 2, 3], "p": [1, 2, 3], "f": [True, False, True], "w": 7, "note": "n"}
)


def trained(frame: pl.DataFrame = TRAIN, roles: Roles = ROLES, **options: Any) -> About:
    return frame_to_dataset(frame, roles, file="train.csv", units={roles.target[0]: "ppm"}, **options).about


def asked(frame: pl.DataFrame, about: About, **options: Any) -> DataSet:
    roles = Roles.model_validate(about.roles)
    return frame_to_dataset(frame, roles, file="new.csv", expected=about, **options)


def test_the_same_columns_in_another_order_are_the_same_data() -> None:
    about = trained()
    data = asked(TRAIN.select(reversed(TRAIN.columns)), about)
    assert data.raw.tolist() == [[1, 1, 1], [2, 2, 0], [3, 3, 1]]
    assert data.about.columns == about.columns
    assert data.about.time == about.time


@pytest.mark.parametrize(
    ("frame", "column", "row", "message"),
    [
        (TRAIN.drop("p"), "p", None, "the model reads this column .past., and it is missing"),
        (TRAIN.rename({"y": "Y"}), "y", None, "it is missing: "),
        (TRAIN.with_columns(extra=1), "extra", None, "trained without this column: leave it out"),
        (TRAIN.with_columns(p=pl.Series(["1", "x", "3"])), "p", 2, "type whole number, and this is of type text"),
        (TRAIN.with_columns(p=pl.Series(["1", "2", "3"])), "p", 1, "and this is of type text"),
        (TRAIN.with_columns(w=pl.lit("7")), "w", 1, "type whole number, and this is of type text"),
        (TRAIN.with_columns(p=pl.Series([date(2024, 1, 1)] * 3)), "p", 1, "this is of type date"),
        (TRAIN.with_columns(t=pl.Series([1, 2, 3])), "t", 1, "times of type date: received type whole number"),
        (TRAIN.with_columns(t=pl.Series(DAYS) + " 00:00Z"), "t", 1, "received type date-time with zone"),
        (TRAIN.with_columns(t=pl.Series(DAYS) + " 06:00"), "t", 1, "trained on dates, without a time of day"),
        (
            TRAIN.with_columns(t=pl.Series(["2024-01-01", "2024-01-03", "2024-01-05"])),
            "t",
            2,
            "every 1d: 1 are missing",
        ),
        (TRAIN.with_columns(p=pl.Series([1, None, 3])), "p", 2, "a value is missing"),
        (TRAIN.clear(), None, None, "there is no row"),
    ],
)
def test_a_difference_is_refused(frame: pl.DataFrame, column: str | None, row: int | None, message: str) -> None:
    with pytest.raises(DataError, match=message) as refused:
        asked(frame, trained())
    assert (refused.value.file, refused.value.column, refused.value.row) == ("new.csv", column, row)


SINGLE = Roles(time="t", target="y")


@pytest.mark.parametrize(
    ("days", "values", "message"),
    [
        ([1, 2, 5], [1, 2, 3], "complete the rows, or train again with `missing`"),
        ([1, 2, 3], [1, None, 3], "a value is missing: complete the rows, or train again with `missing`"),
        ([2, 1, 3], [1, 2, 3], "sort the rows"),
        ([1, 2, 1], [1, 2, 3], "follows `2024-01-02`; sort the rows"),
        ([1, 2, 2], [1, 2, 3], "keep one row for each time"),
    ],
)
def test_no_remedy_lies_in_a_spec_that_is_done_with(days: list[int], values: list[int | None], message: str) -> None:
    about = trained(pl.DataFrame({"t": DAYS, "y": [1, 2, 3]}), SINGLE)
    with pytest.raises(DataError, match=message) as refused:
        asked(pl.DataFrame({"t": [f"2024-01-0{day}" for day in days], "y": values}), about)
    for word in ("every:", "say with", "unsorted", "duplicates", "series"):
        assert word not in str(refused.value)


def test_times_off_the_models_grid_cannot_be_helped_by_a_step() -> None:
    times = ["2024-01-01 00:00", "2024-01-01 01:00", "2024-01-01 02:00"]
    about = trained(pl.DataFrame({"t": times, "y": [1, 2, 3]}), SINGLE)
    with pytest.raises(DataError, match="between two steps; correct it: the model was trained with this step"):
        asked(pl.DataFrame({"t": [*times[:2], "2024-01-01 02:30"], "y": [1, 2, 3]}), about)
    with pytest.raises(DataError, match="; write it as in the data that the model was trained on"):
        asked(pl.DataFrame({"t": ["01.01.2024", "02.01.2024"], "y": [1, 2]}), about)


def test_a_sample_torn_apart_is_put_together() -> None:
    roles = Roles(sample="s", features=("x",), label="c")
    frame = pl.DataFrame({"s": [1, 1, 2], "x": [1.0, 2.0, 3.0], "c": ["a", "a", "b"]})
    about = frame_to_dataset(frame, roles, file="train.csv").about
    with pytest.raises(DataError, match="comes again after others; put them together"):
        asked(frame[[0, 2, 1]], about)


def test_dates_and_naive_date_times_stand_for_each_other() -> None:
    moments = TRAIN.with_columns(pl.col("t").str.to_datetime("%Y-%m-%d"))
    assert asked(moments, trained()).about.time == trained().time
    assert asked(TRAIN.with_columns(pl.col("t").str.to_date()), trained(moments)).about.time == trained(moments).time


def test_local_times_keep_their_zone_and_pattern() -> None:
    local = TRAIN.with_columns(t=pl.Series(["01.01.2024 10", "02.01.2024 10", "03.01.2024 10"]))
    about = trained(local, zone="Europe/Oslo", time_format="%d.%m.%Y %H")
    data = asked(local, about)
    assert data.times is not None
    assert data.times[0] == datetime.fromisoformat("2024-01-01T09:00:00+00:00").timestamp() * 1e6
    moments = local.with_columns(pl.concat_str("t", pl.lit(":00")).str.to_datetime("%d.%m.%Y %H:%M").alias("t"))
    again = asked(moments, about)
    assert again.times is not None
    assert again.times.tolist() == data.times.tolist()


def test_the_horizon_needs_its_covariates_and_nothing_else() -> None:
    ahead = TRAIN.with_columns(y=pl.Series([1.0, None, None]), p=pl.Series([1, None, None]))
    data = asked(ahead, trained())
    assert data.raw[:, 2].tolist() == [1, 0, 1]
    with pytest.raises(DataError, match="a value is missing") as refused:
        asked(TRAIN.with_columns(y=pl.Series([1.0, None, 3.0])), trained())
    assert refused.value.row == 2
    with pytest.raises(DataError, match="a value is missing") as refused:
        asked(ahead.with_columns(f=pl.Series([True, None, None])), trained())
    assert refused.value.column == "f"
    bare = TRAIN.select("t", "y")
    about = trained(bare, Roles(time="t", target="y"))
    with pytest.raises(DataError, match="a value is missing"):
        asked(bare.with_columns(y=pl.Series([1.0, None, None])), about)


def test_labels_groups_and_parts_need_not_be_known() -> None:
    frame = pl.DataFrame({"i": [1, 1, 2], "x": [1, 2, 3], "c": ["u", "u", "v"], "g": 1, "p": "train"})
    about = trained_samples(frame)
    data = asked(frame.drop("c", "g", "p"), about)
    assert data.sequences.columns == ["key"]
    assert data.official is None
    unknown = asked(frame.with_columns(c=pl.lit(None)), about)
    assert unknown.sequences["label"].to_list() == [None, None]


def trained_samples(frame: pl.DataFrame) -> About:
    roles = Roles(sample="i", features="x", label="c", group="g", part="p")
    return frame_to_dataset(frame, roles, file="train.csv").about


def test_the_step_is_the_model_s() -> None:
    about = trained(TRAIN.with_columns(pl.col("t") + " 00:00"))
    assert asked(TRAIN.head(1), about).about.time == about.time
    halves = TRAIN.with_columns(t=pl.Series(["2024-01-01 00:00", "2024-01-01 12:00", "2024-01-02 00:00"]))
    with pytest.raises(DataError, match="between two steps") as refused:
        asked(halves, about)
    assert refused.value.row == 2


LOCAL = pl.DataFrame({"t": ["30.03.2024 23:00", "31.03.2024 00:00", "31.03.2024 01:00"], "y": [1.0, 2, 3]})


@pytest.mark.parametrize(
    "written",
    [
        ["2024-03-30T22:00:00Z", "2024-03-30T23:00:00Z", "2024-03-31T00:00:00Z"],
        ["2024-03-30T23:00:00+01:00", "2024-03-31T00:00:00+01:00", "2024-03-31T01:00:00+01:00"],
    ],
)
@pytest.mark.parametrize("pattern", [None, "%d.%m.%Y %H:%M"])
def test_times_with_an_offset_tell_an_instant_where_local_ones_have_a_zone(
    written: list[str], pattern: str | None
) -> None:
    local = LOCAL if pattern else LOCAL.with_columns(t=pl.col("t").str.to_datetime("%d.%m.%Y %H:%M"))
    about = trained(local, Roles(time="t", target="y"), zone="Europe/Oslo", time_format=pattern)
    expected = asked(local, about)
    for times in (pl.Series(written), pl.Series(written).str.to_datetime(time_zone="Europe/Oslo")):
        data = asked(local.with_columns(t=times), about)
        assert (data.times == expected.times).all()
        assert data.about.time == expected.about.time
    naive = trained(local, Roles(time="t", target="y"), time_format=pattern)
    with pytest.raises(DataError, match=r"date-time: received type date-time with zone|as the `time_format`"):
        asked(local.with_columns(t=pl.Series(written)), naive)
