"""Every normalizer keeps one contract; the ones that scikit-learn has give its numbers."""

import numpy as np
import pytest
import sklearn.preprocessing as peers
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rnnlib.data.normalizers import AnyNormalizer, Log1p, MaxAbs, MinMax, Robust, Standard, fitted
from rnnlib.errors import DataError
from tests.rnnlib.families import members

MEMBERS = members(AnyNormalizer)
EACH = pytest.mark.parametrize("kind", MEMBERS)
SCALERS = [kind for kind, member in MEMBERS.items() if "constant" in member.model_fields]
NAMES = ("a", "b", "c")


def values(rows=50, columns=3, seed=0, dtype=np.float64):
    return np.random.default_rng(seed).gamma(2.0, 3.0, (rows, columns)).astype(dtype).astype(np.float64)


def fit(normalizer, x, group=None, groups=("s0", "s1")):
    group = np.zeros(len(x), np.int64) if group is None else group
    return normalizer.fit(x, group, groups, NAMES[: x.shape[1]])


def zeros(x):
    return np.zeros(len(x), np.int64)


@EACH
def test_fitting_twice_gives_the_same_state_and_leaves_the_input_alone(kind):
    x = values()
    x.flags.writeable = False
    first, second = fit(MEMBERS[kind](), x), fit(MEMBERS[kind](), x)
    assert first == second


@EACH
def test_apply_leaves_its_input_alone_and_works_row_by_row(kind):
    x = values()
    state = fit(MEMBERS[kind](), x)
    x.flags.writeable = False
    whole = state.apply(x, zeros(x))
    rows = [state.apply(x[at : at + 1], zeros(x[:1])) for at in range(len(x))]
    assert np.array_equal(whole, np.concatenate(rows))


@EACH
def test_the_state_survives_json_bit_by_bit(kind):
    x = values()
    state = fit(MEMBERS[kind](), x)
    again = fitted(type(state).model_validate_json(state.model_dump_json()).model_dump(mode="json"))
    assert again == state
    assert np.array_equal(again.apply(x, zeros(x)), state.apply(x, zeros(x)))


@EACH
def test_missing_values_are_ignored_by_the_fit_and_stay_missing(kind):
    x = values()
    holes = x.copy()
    holes[::7] = np.nan
    assert fit(MEMBERS[kind](), holes) == fit(MEMBERS[kind](), holes[~np.isnan(holes[:, 0])])
    applied = fit(MEMBERS[kind](), holes).apply(holes, zeros(x))
    assert np.array_equal(np.isnan(applied), np.isnan(holes))


@EACH
def test_one_feature_and_float32_data(kind):
    x = values(columns=1, dtype=np.float32)
    state = fit(MEMBERS[kind](), x)
    assert np.allclose(state.invert(state.apply(x, zeros(x)), zeros(x)), x, rtol=1e-12)


@EACH
def test_no_global_generator_is_touched(kind):
    before = np.random.get_state()[1].copy()
    fit(MEMBERS[kind](), values())
    assert np.array_equal(before, np.random.get_state()[1])


@EACH
def test_a_column_without_a_value_is_refused_by_name(kind):
    x = values()
    x[:, 1] = np.nan
    if kind == "log1p":
        assert fit(MEMBERS[kind](), x).columns == NAMES  # it has nothing to fit
        return
    with pytest.raises(DataError, match=r"column `b`: .* have none"):
        fit(MEMBERS[kind](), x)


@pytest.mark.parametrize("kind", SCALERS)
def test_one_sample_has_no_spread(kind):
    x = np.array([[0.0]])
    with pytest.raises(DataError, match="constant: center") as refused:
        fit(MEMBERS[kind](), x)
    assert refused.value.at == ("constant",)
    state = fit(MEMBERS[kind](constant="center"), x)
    assert np.isfinite(state.apply(x, zeros(x))).all()


@pytest.mark.parametrize("kind", sorted(set(SCALERS) - {"maxabs"}))
def test_a_constant_column_is_refused_with_its_series_or_centered(kind):
    x = values(6)
    x[3:, 2] = 0.1
    group = np.array([0, 0, 0, 1, 1, 1])
    with pytest.raises(DataError, match=r"column `c`: .* series `s1` have no spread .* 0.1"):
        fit(MEMBERS[kind](per="series"), x, group)
    state = fit(MEMBERS[kind](per="series", constant="center"), x, group)
    assert np.allclose(state.apply(x, group)[3:, 2], 0, atol=1e-12)
    assert np.allclose(state.invert(state.apply(x, group), group), x, rtol=1e-12)


@pytest.mark.parametrize("kind", SCALERS)
@pytest.mark.parametrize("size", [1e-300, 1e-30, 1e30, 1e150, 1e300])
def test_tiny_and_huge_values_keep_their_shape(kind, size):
    x = values()
    plain, scaled = fit(MEMBERS[kind](), x), fit(MEMBERS[kind](), x * size)
    assert np.allclose(scaled.apply(x * size, zeros(x)), plain.apply(x, zeros(x)), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("kind", ["standard", "minmax", "robust"])
def test_a_small_spread_on_a_large_level_is_signal_but_rounding_is_not(kind):
    level = 1e9
    x = level + values(columns=1)
    assert fit(MEMBERS[kind](), x).apply(x, zeros(x)).std() > 0.1
    rounding = np.full((50, 1), 0.1)
    rounding[::2] = np.nextafter(0.1, 1)
    with pytest.raises(DataError, match="no spread"):
        fit(MEMBERS[kind](), rounding)


@pytest.mark.parametrize("kind", ["standard", "minmax", "robust"])
def test_a_spread_beyond_float64_is_refused(kind):
    x = np.array([[-1.7e308], [1.7e308]] * 4)
    if kind == "standard":
        assert np.isfinite(fit(Standard(), x).scale).all()
        return
    with pytest.raises(DataError, match="beyond what a float64 holds"):
        fit(MEMBERS[kind](), x)


PEERS = [
    (Standard(), peers.StandardScaler()),
    (MinMax(), peers.MinMaxScaler()),
    (MinMax(range=(-1, 1)), peers.MinMaxScaler((-1, 1))),
    (Robust(), peers.RobustScaler()),
    (Robust(quantiles=(0.1, 0.9)), peers.RobustScaler(quantile_range=(10, 90))),
    (MaxAbs(), peers.MaxAbsScaler()),
]


@pytest.mark.parametrize(("ours", "theirs"), PEERS, ids=lambda one: repr(one)[:30])
def test_as_scikit_learn_has_it(ours, theirs):
    x, later = values(seed=1), values(seed=2)
    state = fit(ours, x)
    assert np.allclose(state.apply(later, zeros(later)), theirs.fit(x).transform(later), rtol=1e-12, atol=1e-12)


def test_log1p_is_the_logarithm_and_then_what_is_fitted_on_it():
    x = values()
    assert np.array_equal(fit(Log1p(), x).apply(x, zeros(x)), np.log1p(x))
    expected = peers.StandardScaler().fit_transform(np.log1p(x))
    assert np.allclose(fit(Log1p(then=Standard()), x).apply(x, zeros(x)), expected)
    with pytest.raises(DataError, match="column `a`: log1p takes values above -1, received -3"):
        fit(Log1p(), np.array([[1.0], [-3.0]]))
    with pytest.raises(DataError, match="received -1"):
        fit(Log1p(), x).apply(np.full((1, 3), -1.0), np.zeros(1, np.int64))


@EACH
@given(
    x=arrays(np.float64, (8, 2), elements=st.integers(0, 10**6).map(lambda n: n / 7)),
    later=arrays(np.float64, (3, 2), elements=st.integers(0, 10**7).map(lambda n: n / 13)),
)
def test_the_inverse_is_exact(kind, x, later):
    options = {"constant": "center"} if "constant" in MEMBERS[kind].model_fields else {}
    state = fit(MEMBERS[kind](**options), x)
    back = state.invert(state.apply(later, zeros(later)), zeros(later))
    assert np.allclose(back, later, rtol=1e-9, atol=1e-9 * (1 + np.abs(x).max()))


@pytest.mark.parametrize("kind", SCALERS)
def test_every_series_has_its_own_fit_and_an_unknown_one_is_refused(kind):
    x = values(40)
    group = np.arange(40) % 2
    x[group == 1] *= 100
    state = fit(MEMBERS[kind](per="series"), x, group)
    for number in (0, 1):
        alone = fit(MEMBERS[kind](), x[group == number])
        assert np.allclose(state.apply(x, group)[group == number], alone.apply(x[group == number], zeros(x[:20])))
    assert state.group_of(["s1", "s0"]).tolist() == [1, 0]
    with pytest.raises(DataError, match="series `s9` was not among them"):
        state.group_of(["s0", "s9"])


@pytest.mark.parametrize("kind", SCALERS)
def test_series_without_train_rows_are_not_in_the_state(kind):
    state = fit(MEMBERS[kind](per="series"), values(10), np.ones(10, np.int64), ("s0", "s1", "s2"))
    assert state.groups == ("s1",)
    assert state.group_of(["s1"]).tolist() == [0]


def test_inverse_over_a_horizon_takes_each_windows_series():
    x = values(40, 2)
    group = np.arange(40) % 2
    state = fit(Standard(per="series"), x, group)
    windows = np.random.default_rng(3).normal(size=(4, 5, 2))
    which = np.array([0, 1, 1, 0])
    back = state.invert(windows, which)
    for at in range(4):
        assert np.allclose(back[at], state.invert(windows[at], np.full(5, which[at])))


CHANGES = [
    (Standard(), Standard(per="series")),
    (MinMax(), MinMax(range=(0, 2))),
    (Robust(), Robust(quantiles=(0.2, 0.75))),
    (MaxAbs(), MaxAbs(per="series")),
    (MinMax(), MinMax(per="series")),
    (Robust(), Robust(per="series")),
    (Log1p(), Log1p(then=Standard())),
]


@pytest.mark.parametrize(("one", "other"), CHANGES, ids=lambda one: repr(one)[:40])
def test_every_field_changes_the_result(one, other):
    x = values(40)
    group = np.arange(40) % 2
    assert not np.allclose(fit(one, x, group).apply(x, group), fit(other, x, group).apply(x, group))


def test_no_field_is_left_out_of_the_changes():
    tested = {
        (one.kind, name)
        for one, other in CHANGES
        for name in type(one).model_fields
        if getattr(one, name) != getattr(other, name)
    }
    elsewhere = {(kind, "constant") for kind in SCALERS}  # refuse or center: tested above
    fields = {(kind, name) for kind, member in MEMBERS.items() for name in member.model_fields if name != "kind"}
    assert tested | elsewhere == fields


@pytest.mark.parametrize("wrong", [{"kind": "minmax", "range": [1, 0]}, {"kind": "robust", "quantiles": [0.5, 0.5]}])
def test_bounds_ascend(wrong):
    with pytest.raises(ValueError, match="write the smaller number first"):
        MEMBERS[wrong["kind"]](**wrong)
