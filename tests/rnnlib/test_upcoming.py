"""The rows that a forecast is asked for: the past as it was trained on, the horizon open."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from rnnlib.data.dataset import DataSet
from rnnlib.data.encoders import encoded
from rnnlib.data.loading import frame_to_dataset
from rnnlib.data.missing import Missing
from rnnlib.data.roles import Roles
from rnnlib.data.seen import Contract, SeenColumn
from rnnlib.errors import DataError, Notice
from rnnlib.upcoming import upcoming

ROLES = Roles(series="s", target=("y",), past=("p",), future=("f",))


def asked(y: list[float | None], p: list[float | None], f: list[float | None], missing: Missing | None) -> DataSet:
    """Two series, the second one a row shorter; what is known of them."""
    whole = pl.DataFrame({"s": ["a"] * len(y), "y": y, "p": p, "f": f}, schema_overrides={"y": pl.Float64})
    shorter = whole.tail(-1).with_columns(s=pl.lit("b"))
    known = Missing(fill="none", otherwise="mask") if missing is None else missing
    data = frame_to_dataset(pl.concat([whole, shorter]), ROLES, file="f.csv", missing=known)
    return data.with_about(missing=None if missing is None else missing.model_dump(mode="json", exclude_defaults=True))


def test_the_horizon_follows_the_last_known_target_and_all_but_what_is_known_ahead_is_open() -> None:
    data = asked([1, 2, 3, None, None, None], [1, 2, 3, 9, 9, 9], [1, 2, 3, 4, 5, 6], None)
    found = upcoming(data, 2, 2)
    assert found.starts.tolist() == [3, 7]
    assert found.data.offsets.tolist() == [0, 5, 9]
    assert found.times is None
    nan = np.nan
    expected = [[1, 1, 1], [2, 2, 2], [3, 3, 3], [nan, nan, 4], [nan, nan, 5]]
    np.testing.assert_array_equal(found.data.raw, [*expected, *expected[1:]])
    np.testing.assert_array_equal(data.raw[3], [nan, 9, 4])  # the input is as it was


def test_the_past_is_filled_from_the_past_alone() -> None:
    policy = Missing(fill="interpolate", otherwise="refuse")
    data = asked([1, 2, 3, 4, None, None], [1, 1, 1, None, 9, 9], [1, 1, 1, 1, 1, 1], policy)
    found = upcoming(data, 2, 2)
    assert found.data.raw[3].tolist() == [4, 1, 1]  # not on the line to 9, which is not known yet
    assert found.data.observed is not None
    assert found.data.observed[3].tolist() == [True, False, True]


def test_what_is_known_ahead_is_filled_from_all_that_is_known_of_it() -> None:
    policy = Missing(fill="interpolate", otherwise="refuse")
    data = asked([1, 2, 3, None, None, None], [1, 1, 1, None, None, None], [1, 2, 3, None, 5, 6], policy)
    with pytest.warns(Notice, match="2 of the 6 values of the horizon"):
        assert upcoming(data, 2, 3).data.raw[3:6, 2].tolist() == [4, 5, 6]


def test_a_hole_in_what_is_known_ahead_is_refused_where_nothing_fills_it() -> None:
    data = asked([1, 2, 3, None, None, None], [1, 1, 1, None, None, None], [1, 2, 3, 4, None, 6], None)
    with pytest.raises(DataError, match=r"column `f`: every row of the horizon needs this value.* 2 are missing"):
        upcoming(data, 2, 3)


def test_the_series_that_lacks_most_is_named() -> None:
    frame = pl.DataFrame({"s": list("aaabbccc"), "y": [1.0, 2, None, 1, 2, 1, 2, None], "p": 1.0, "f": 1.0})
    data = frame_to_dataset(frame, ROLES, file="f.csv", missing=Missing(fill="none", otherwise="mask"))
    with pytest.raises(DataError, match=r"series `b` has 0, 2 are missing \(2 more series end too soon\)"):
        upcoming(data, 2, 2)
    known = pl.Series([1.0, None, None, 1, None, 1, None, None])
    holes = frame.with_columns(f=pl.Series([1.0, 2, 3, 1, None, 1, None, None]), y=known)
    data = frame_to_dataset(holes, ROLES, file="f.csv", missing=Missing(fill="none", otherwise="mask"))
    with pytest.raises(DataError, match=r"column `f`: .* 2 are missing, 1 of series `b`"):
        upcoming(data.with_about(missing=None), 1, 1)


def test_a_target_of_which_some_is_known_ends_the_past_at_its_last_known_row() -> None:
    frame = pl.DataFrame({"y": [1.0, 2, 3, None, None], "z": [1.0, 2, 3, 4, None], "f": [1.0, 2, 3, 4, 5]})
    policy = Missing(fill="forward")
    data = frame_to_dataset(frame, Roles(target=("y", "z"), future=("f",)), file="f.csv", missing=policy)
    found = upcoming(data, 2, 1)
    assert found.starts.tolist() == [4]
    assert found.data.raw[3].tolist() == [3, 4, 4]


NEVER = Contract(columns=(SeenColumn(name="f", type="number", missing=0.0),), rows=9, sequences=1, lengths=(9, 9, 9))
SOMETIMES = NEVER.model_copy(update={"columns": (SeenColumn(name="f", type="number", missing=0.25),)})


@pytest.mark.parametrize("fill", ["forward", "interpolate", "none"])
def test_a_horizon_that_is_given_nothing_of_what_is_known_ahead_is_refused_whatever_fills(fill: str) -> None:
    policy = Missing.model_validate({"fill": fill, "otherwise": "mask"})
    data = asked([1, 2, 3, None, None, None], [1, 1, 1, None, None, None], [1, 2, 3, None, None, None], policy)
    with pytest.raises(DataError, match=r"column `f`: .*series `a` lacks all 3.* \(1 more series likewise\)"):
        upcoming(data, 2, 3)


def test_a_constant_says_what_a_value_that_is_not_there_means() -> None:
    policy = Missing(fill="constant", value=0.5)
    data = asked([1, 2, 3, None, None, None], [1, 1, 1, None, None, None], [1, 2, 3, None, None, None], policy)
    with pytest.warns(Notice, match=r"column `f`: 6 of the 6 values .* missing .*: 6 filled"):
        assert upcoming(data, 2, 3).data.raw[3:6, 2].tolist() == [0.5, 0.5, 0.5]


def test_what_is_missing_ahead_is_counted_aloud_and_masked_only_where_training_had_it_missing() -> None:
    policy = Missing(fill="interpolate", at_most=1, otherwise="mask")
    f = [1.0, 2, 3, None, 5, None, None, 8]
    data = asked([1, 2, 3, None, None, None, None, None], [1] * 8, f, policy)
    expected = r"column `f`: 6 of the 10 values .* missing \(series `a` lacks 3\): 2 filled, 4 masked"
    with pytest.warns(Notice, match=expected):
        upcoming(data, 2, 5, trained=data.about.model_copy(update={"contract": SOMETIMES}))
    with pytest.raises(DataError, match=r"column `f`: .* never missing .* 4 are missing, 2 of series `a`"):
        upcoming(data, 2, 5, trained=data.about.model_copy(update={"contract": NEVER}))


def test_categories_that_are_missing_ahead_are_counted_too() -> None:
    frame = pl.DataFrame({"y": [1.0, 2, 3, None, None], "f": ["a", "b", "a", None, "b"]})
    roles = Roles(target=("y",), future=("f",), categorical=("f",))
    data = frame_to_dataset(frame, roles, file="f.csv", missing=Missing(fill="forward"))
    with pytest.warns(Notice, match=r"column `f`: 1 of the 2 values"):
        upcoming(encoded(data, (categories("unknown"),)), 2, 2)
    nothing = frame_to_dataset(frame[:4], roles, file="f.csv", missing=Missing(fill="forward"))
    with pytest.raises(DataError, match=r"column `f`: .* lacks all 1.*`encode.categorical.missing: token`"):
        upcoming(encoded(nothing, (categories("unknown"),)), 2, 1)
    with pytest.warns(Notice, match="1 filled"):
        upcoming(encoded(nothing, (categories("token"),)), 2, 1)


def categories(missing: str) -> dict[str, object]:
    tokens = {"f": ("<unknown>", *(("<missing>",) if missing == "token" else ()), "a", "b")}
    return {"kind": "categories", "tokens": tokens, "missing": missing}
