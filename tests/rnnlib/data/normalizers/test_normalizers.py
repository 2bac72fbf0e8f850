"""Every normalizer keeps one contract; the ones that scikit-learn has give its numbers."""

import numpy as np
import pytest
import sklearn.preprocessing as peers
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from rnnlib.data.normalizers import (
    BoxCox,
    Chain,
    Columns,
    Log1p,
    MaxAbs,
    MinMax,
    Quantile,
    Robust,
    Scaler,
    SeasonalDifference,
    Standard,
    YeoJohnson,
    fitted,
)  # fmt: skip
from rnnlib.errors import DataError, Refused
from tests.rnnlib.data.normalizers.normalized import LENIENT, MEMBERS, lenient, normalizer

EACH = pytest.mark.parametrize("kind", MEMBERS)
POINTWISE = pytest.mark.parametrize("kind", [kind for kind in MEMBERS if not normalizer(kind).looks_back])
SCALERS = [kind for kind, member in MEMBERS.items() if issubclass(member, Scaler)]
GROUPED = [kind for kind, member in MEMBERS.items() if "per" in member.model_fields]
REFUSING = [kind for kind, member in MEMBERS.items() if "constant" in member.model_fields]
FITTING_NOTHING = {"log1p", "difference", "seasonal_difference"}
NAMES = ("a", "b", "c")


def values(rows=50, columns=3, seed=0, dtype=np.float64):
    return np.random.default_rng(seed).gamma(2.0, 3.0, (rows, columns)).astype(dtype).astype(np.float64)


def fit(normalizer, x, group=None, groups=("s0", "s1")):
    group = np.zeros(len(x), np.int64) if group is None else group
    return normalizer.fit(x, group, groups, NAMES[: x.shape[1]])


def zeros(x):
    return np.zeros(len(x), np.int64)


def along(state, x):
    return state.along(x, zeros(x), np.arange(len(x)))


@EACH
def test_fitting_twice_gives_the_same_state_and_leaves_the_input_alone(kind):
    x = values()
    x.flags.writeable = False
    first, second = fit(normalizer(kind), x), fit(normalizer(kind), x)
    assert first == second
    assert first == normalizer(kind).fit_along(x, zeros(x), ("s0",), NAMES, np.arange(len(x)))


@POINTWISE
def test_apply_leaves_its_input_alone_and_works_row_by_row(kind):
    x = values()
    state = fit(normalizer(kind), x)
    x.flags.writeable = False
    whole = state.apply(x, zeros(x))
    rows = [state.apply(x[at : at + 1], zeros(x[:1])) for at in range(len(x))]
    assert np.array_equal(whole, np.concatenate(rows))
    assert np.array_equal(whole, along(state, x))
    assert state.lags == ()


@EACH
def test_the_state_survives_json_bit_by_bit(kind):
    x = values()
    state = fit(normalizer(kind), x)
    again = fitted(type(state).model_validate_json(state.model_dump_json()).model_dump(mode="json"))
    assert again == state
    assert np.array_equal(along(again, x), along(state, x), equal_nan=True)


@POINTWISE
def test_missing_values_are_ignored_by_the_fit_and_stay_missing(kind):
    x = values()
    holes = x.copy()
    holes[::7] = np.nan
    assert fit(normalizer(kind), holes) == fit(normalizer(kind), holes[~np.isnan(holes[:, 0])])
    applied = fit(normalizer(kind), holes).apply(holes, zeros(x))
    assert np.array_equal(np.isnan(applied), np.isnan(holes))


@POINTWISE
def test_one_feature_and_float32_data(kind):
    x = values(columns=1, dtype=np.float32)
    state = fit(normalizer(kind), x)
    assert np.allclose(state.invert(state.apply(x, zeros(x)), zeros(x)), x, rtol=1e-12)


@EACH
def test_no_global_generator_is_touched(kind):
    before = np.random.get_state()[1].copy()
    fit(normalizer(kind), values())
    assert np.array_equal(before, np.random.get_state()[1])


@EACH
def test_a_column_without_a_value_is_refused_by_name(kind):
    x = values()
    x[:, 1] = np.nan
    if kind in FITTING_NOTHING:
        assert fit(normalizer(kind), x).columns == NAMES
        return
    with pytest.raises(DataError, match=r"column `b`: .* have none"):
        fit(normalizer(kind, "b"), x)


@pytest.mark.parametrize("kind", REFUSING)
def test_one_sample_has_no_spread(kind):
    x = np.array([[0.0 if kind != "box_cox" else 2.0]])
    with pytest.raises(DataError, match=f"constant: {LENIENT.get(kind, 'center')}") as refused:
        fit(normalizer(kind), x)
    assert refused.value.at == ("constant",)
    state = fit(lenient(kind), x)
    assert np.isfinite(state.apply(x, zeros(x))).all()
    later = np.array([[3.0]])
    assert np.allclose(state.invert(state.apply(later, zeros(x)), zeros(x)), later)


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


def test_most_values_alike_are_told_from_all():
    x = np.array([[57.0], *[[0.0]] * 9, [3.0]])
    with pytest.raises(
        DataError, match=r"no spread to divide by \(0 to 57, and most values lie at 0\): drop the column"
    ):
        fit(Robust(), x)
    state = fit(Robust(constant="center"), x)
    assert np.array_equal(state.apply(x, zeros(x)), peers.RobustScaler().fit_transform(x))


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


@POINTWISE
@given(
    x=arrays(np.float64, (8, 2), elements=st.integers(1, 10**6).map(lambda n: n / 7)),
    later=arrays(np.float64, (3, 2), elements=st.integers(1, 10**7).map(lambda n: n / 13)),
)
def test_the_inverse_is_exact(kind, x, later):
    state = fit(lenient(kind), x)
    if kind in ("box_cox", "yeo_johnson"):  # few values have a λ that squeezes the others into nothing
        later, tolerance = x, 1e-5
    else:
        tolerance = 1e-9
    back = state.invert(state.apply(later, zeros(later)), zeros(later))
    assert np.allclose(back, later, rtol=tolerance, atol=tolerance * (1 + np.abs(x).max()))


@pytest.mark.parametrize("kind", GROUPED)
def test_every_series_has_its_own_fit_and_an_unknown_one_is_refused(kind):
    x = values(40)
    group = np.arange(40) % 2
    x[group == 1] *= 100
    state = fit(MEMBERS[kind](per="series"), x, group)
    for number in (0, 1):
        alone = fit(MEMBERS[kind](), x[group == number])
        assert np.allclose(state.apply(x, group)[group == number], alone.apply(x[group == number], zeros(x[:20])))
    assert state.group_of(["s1", "s0"]).tolist() == [1, 0]
    of_groups = fit(MEMBERS[kind](per="group"), x, group)
    assert (state.each, of_groups.each) == ("series", "group")
    assert np.array_equal(of_groups.apply(x, group), state.apply(x, group))
    with pytest.raises(DataError, match="series `s9` was not among them"):
        state.group_of(["s0", "s9"])


@pytest.mark.parametrize("kind", GROUPED)
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


STANDARD = {"kind": "standard"}
CHANGES = [
    *((normalizer(kind), normalizer(kind, per=per)) for kind in GROUPED for per in ("series", "group")),
    (MinMax(), MinMax(range=(0, 2))),
    (Robust(), Robust(quantiles=(0.2, 0.75))),
    (Log1p(), Log1p(then=Standard())),
    (Quantile(), Quantile(to="uniform")),
    (Quantile(), Quantile(quantiles=5)),
    (Quantile(), Quantile(beyond="clip")),
    (SeasonalDifference(lag=2), SeasonalDifference(lag=3)),
    (Chain(of=[STANDARD]), Chain(of=[{"kind": "log1p"}, STANDARD])),
    (Columns(of={"a": STANDARD}), Columns(of={"b": STANDARD})),
]


@pytest.mark.parametrize(("one", "other"), CHANGES, ids=lambda one: repr(one)[:40])
def test_every_field_changes_the_result(one, other):
    x = values(40)
    group = np.arange(40) % 2
    later = np.concatenate([x, x[-4:] * 3])
    shown = [
        fit(each, x, group).along(later, np.concatenate([group, group[:4]]), np.arange(44)) for each in (one, other)
    ]
    assert not np.allclose(*shown, equal_nan=True)


def test_no_field_is_left_out_of_the_changes():
    tested = {
        (one.kind, name)
        for one, other in CHANGES
        for name in type(one).model_fields
        if getattr(one, name) != getattr(other, name)
    }
    elsewhere = {(kind, "constant") for kind in REFUSING}  # refused or let through: tested above
    fields = {(kind, name) for kind, member in MEMBERS.items() for name in member.model_fields if name != "kind"}
    assert tested | elsewhere == fields


@pytest.mark.parametrize("wrong", [{"kind": "minmax", "range": [1, 0]}, {"kind": "robust", "quantiles": [0.5, 0.5]}])
def test_bounds_ascend(wrong):
    with pytest.raises(ValueError, match="write the smaller number first"):
        MEMBERS[wrong["kind"]](**wrong)


def test_quantiles_are_scikit_learns_and_exact_within_the_range():
    x, later = values(500, seed=1), values(200, seed=2)
    x[::5] = x[0]  # a value that many rows have
    theirs = peers.QuantileTransformer(n_quantiles=50, subsample=None).fit(x)
    uniform = fit(Quantile(to="uniform", quantiles=50, beyond="clip"), x)
    assert np.allclose(uniform.apply(later, zeros(later)), theirs.transform(later), atol=1e-12)
    normal = fit(Quantile(quantiles=50, beyond="clip"), x)
    expected = stats.norm.ppf(0.01 + 0.98 * theirs.transform(later))
    assert np.allclose(normal.apply(later, zeros(later)), expected, atol=1e-9)
    for state in (uniform, normal):
        assert np.allclose(state.invert(state.apply(x, zeros(x)), zeros(x)), x, rtol=1e-10)


def test_beyond_the_range_ranks_go_on_straight_or_are_held():
    x = values(200)
    low, high = x.min(axis=0), x.max(axis=0)
    outside = np.stack([low - 5, high + 7])
    line, held = fit(Quantile(), x), fit(Quantile(beyond="clip"), x)
    assert np.allclose(line.invert(line.apply(outside, zeros(outside)), zeros(outside)), outside)
    assert np.allclose(held.invert(held.apply(outside, zeros(outside)), zeros(outside)), np.stack([low, high]))
    steps = np.linspace(-20, 60, 999)[:, None].repeat(3, axis=1)
    assert (np.diff(line.apply(steps, zeros(steps)), axis=0) > 0).all()


@pytest.mark.parametrize("seed", range(5))
def test_a_value_that_many_rows_have_stands_in_the_middle_of_their_ranks(seed):
    """Whatever its last bits are: a quantile that is rounded is another value, and ranks end where it stands."""
    x = np.random.default_rng(seed).normal(size=(200, 1)).round(1) * 3 / 7 + 0.1
    inner = (x > x.min()) & (x < x.max())
    state = fit(Quantile(to="uniform", quantiles=200), x)
    ranks = state.apply(x, zeros(x))
    assert np.allclose(ranks[inner], ((stats.rankdata(x, "average", axis=0) - 1) / 199)[inner], atol=1e-12)
    assert np.allclose(state.invert(ranks, zeros(x)), x, rtol=1e-14)


@pytest.mark.parametrize("size", [1e-310, 1e-300, 1e-30, 1e30, 1e300])
def test_ranks_do_not_rest_on_the_size_of_values(size):
    x = values()
    plain, scaled = fit(Quantile(quantiles=20), x), fit(Quantile(quantiles=20), x * size)
    assert np.allclose(scaled.apply(x * size, zeros(x)), plain.apply(x, zeros(x)), atol=1e-9)
    assert np.allclose(scaled.invert(scaled.apply(x * size, zeros(x)), zeros(x)), x * size, rtol=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_powers_are_those_that_scipy_and_scikit_learn_find(seed):
    draw = np.random.default_rng(seed)
    amounts, both = draw.gamma(1 + seed, 2, 400), draw.gamma(2, 1, 400) - 1.5 * seed
    found = fit(BoxCox(), amounts[:, None]), fit(YeoJohnson(), both[:, None])
    assert abs(found[0].power[0][0] - stats.boxcox(amounts)[1]) < 1e-6
    assert abs(found[1].power[0][0] - stats.yeojohnson(both)[1]) < 1e-6
    for state, method, x in zip(found, ("box-cox", "yeo-johnson"), (amounts, both), strict=True):
        theirs = peers.PowerTransformer(method, standardize=False).fit(x[:, None])
        assert abs(state.power[0][0] - theirs.lambdas_[0]) < 1e-6
        assert np.allclose(state.apply(x[:, None], zeros(x)), theirs.transform(x[:, None]), atol=1e-5)
        assert np.allclose(state.invert(state.apply(x[:, None], zeros(x)), zeros(x))[:, 0], x, rtol=1e-9)


@pytest.mark.parametrize("size", [1e-20, 1e-6, 1e6, 1e100, 1e300])
def test_the_power_of_box_and_cox_does_not_rest_on_the_size_of_values(size):
    x = values(columns=1)
    plain, scaled = fit(BoxCox(), x), fit(BoxCox(), x * size)
    assert abs(plain.power[0][0] - scaled.power[0][0]) < 1e-5


@pytest.mark.parametrize("size", [1e-12, 1e3, 1e12, 1e100])
def test_yeo_johnson_finds_a_power_for_every_size(size):
    x = np.random.default_rng(0).normal(1, 2, (200, 1)) * size
    state = fit(YeoJohnson(), x)
    applied = state.apply(x, zeros(x))
    assert np.isfinite(applied).all()
    assert np.allclose(state.invert(applied, zeros(x)), x, rtol=1e-6)


@pytest.mark.parametrize(
    ("kind", "x"),
    [
        ("box_cox", values(columns=1) * 1e-60),
        ("box_cox", 1e60 / values(columns=1)),
        ("yeo_johnson", 1e60 / values(columns=1)),
    ],
)
def test_values_that_their_power_makes_one_are_refused(kind, x):
    """x^λ is nothing beside the 1 that is taken from it: no inverse could tell the values apart."""
    with pytest.raises(DataError, match=r"column `a`: the train rows .* all become .* digits with .*: give the col"):
        fit(normalizer(kind), x)


@pytest.mark.parametrize("size", [1e-300, 1e-160, 1e-30, 1e-14])
@pytest.mark.parametrize("mean", [0, 5])
def test_a_power_that_changes_nothing_is_one(size, mean):
    """So near 0 every λ leaves the values be: an arbitrary one would only blow up what is larger later."""
    x = np.random.default_rng(0).normal(mean, 1, (200, 1)) * size
    assert fit(YeoJohnson(), x).power == ((1.0,),)


def test_powers_at_the_edge_of_their_inverse():
    state = fit(BoxCox(), values(columns=1))
    rising = state.model_copy(update={"power": ((0.5,),)})
    falling = state.model_copy(update={"power": ((-0.5,),)})
    far = np.array([[-1e9], [1e9]])
    assert rising.invert(far, zeros(far))[0, 0] == 0
    assert falling.invert(far, zeros(far))[1, 0] == np.inf
    assert (falling.invert(far, zeros(far))[0, 0], rising.invert(far, zeros(far))[1, 0]) > (0, 0)
    logarithm = state.model_copy(update={"power": ((0.0,),)})
    assert np.allclose(logarithm.apply(np.array([[5.0]]), zeros(far[:1])), np.log(5))
    mirrored = fit(YeoJohnson(), values(columns=1)).model_copy(update={"power": ((2.5,),)})
    assert mirrored.invert(far, zeros(far))[0, 0] == -np.inf
    with pytest.raises(DataError, match=r"column `a`: box_cox takes values above 0, received 0: use `yeo_johnson`"):
        fit(BoxCox(), np.array([[1.0], [0.0], [2.0]]))


DIFFERENCING = [
    [{"kind": "difference"}],
    [{"kind": "seasonal_difference", "lag": 3}],
    [{"kind": "seasonal_difference", "lag": 3}, {"kind": "difference"}, {"kind": "standard"}],
    [{"kind": "log1p"}, {"kind": "difference"}, {"kind": "robust"}, {"kind": "difference"}],
    [{"kind": "yeo_johnson"}, {"kind": "seasonal_difference", "lag": 2}, {"kind": "quantile", "to": "uniform"}],
]


@pytest.mark.parametrize("links", DIFFERENCING, ids=lambda links: "+".join(one["kind"] for one in links))
def test_differences_are_cumulated_from_the_rows_before(links):
    x = values(60, 2)
    state = Chain(of=links).fit(x, zeros(x), ("s0",), ("a", "b"))
    shown, back = along(state, x), sum(state.lags)
    assert np.isnan(shown[:back]).all()
    assert np.isfinite(shown[back:]).all()
    starts = np.array([back, 20, 53])
    horizons = np.stack([shown[start : start + 7] for start in starts])
    before = np.stack([x[start - back : start] for start in starts])
    expected = np.stack([x[start : start + 7] for start in starts])
    assert np.allclose(state.continued(horizons, zeros(starts), before), expected, rtol=1e-9)
    levels = np.repeat(horizons[:, :, None], 4, axis=2)
    assert np.allclose(state.continued(levels, zeros(starts), before)[:, :, 3], expected, rtol=1e-9)
    with pytest.raises(Refused, match="rest on earlier rows"):
        state.apply(x, zeros(x))
    with pytest.raises(Refused, match="rest on earlier rows"):
        state.invert(x, zeros(x))


def test_a_difference_is_that_of_numpy_and_knows_no_row_of_another_series():
    x = values(10, 1)
    state = fit(normalizer("difference"), x)
    place = np.array([0, 1, 2, 3, 7, 8, 20, 21, 22, 23])
    shown = state.along(x, zeros(x), place)[:, 0]
    assert np.isnan(shown[[0, 4, 6]]).all()
    kept = np.flatnonzero(~np.isnan(shown))
    assert np.array_equal(shown[kept], np.diff(x[:, 0])[kept - 1])


def test_columns_have_normalizers_of_their_own():
    x = values()
    state = fit(Columns(of={"c": STANDARD, "a": {"kind": "chain", "of": [{"kind": "log1p"}, STANDARD]}}), x)
    shown = state.apply(x, zeros(x))
    assert np.array_equal(shown[:, 1], x[:, 1])
    assert np.allclose(shown[:, 2], peers.StandardScaler().fit_transform(x[:, 2:])[:, 0])
    assert np.allclose(shown[:, 0], peers.StandardScaler().fit_transform(np.log1p(x[:, :1]))[:, 0])
    with pytest.raises(Refused, match=r"received `d`, the role has `a`, `b`, `c`: name one of these") as refused:
        fit(Columns(of={"d": STANDARD}), x)
    assert refused.value.at == ("of", "d")
    mixed = Columns(of={"a": {"kind": "difference"}, "b": {"kind": "standard"}})
    state = fit(mixed, x)
    assert (state.lags, mixed.looks_back) == ((1,), True)
    shown = along(state, x)
    back = state.continued(shown[None, 5:], np.zeros(1, np.int64), x[None, 4:5])
    assert np.allclose(back[0], x[5:])


@pytest.mark.parametrize("kind", ["chain", "columns"])
def test_parts_of_one_normalizer_share_their_grouping(kind):
    both = [{"kind": "standard", "per": "series"}, {"kind": "robust", "per": "group"}]
    with pytest.raises(ValueError, match="received both, `series` first"):
        MEMBERS[kind](of=both if kind == "chain" else dict(zip("ab", both, strict=True)))
    x, group = values(40), np.arange(40) % 2
    alike = [both[0], {"kind": "minmax"}]
    state = fit(MEMBERS[kind](of=alike if kind == "chain" else dict(zip("ab", alike, strict=True))), x, group)
    assert state.groups == ("s0", "s1")
    assert np.allclose(state.invert(state.apply(x, group), group), x)


def test_what_a_link_refuses_is_told_at_the_link():
    with pytest.raises(DataError) as refused:
        fit(Chain(of=[{"kind": "log1p"}, STANDARD]), np.ones((5, 1)))
    assert refused.value.at == ("of", 1, "constant")
