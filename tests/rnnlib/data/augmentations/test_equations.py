"""What each augmentation computes over a batch, beside NumPy and SciPy one window at a time."""

import numpy as np
import pytest
import torch
from scipy import stats
from scipy.interpolate import CubicSpline
from scipy.ndimage import affine_transform

from rnnlib.data.augmentations import (
    BandMask,
    Brightness,
    Crop,
    CutMix,
    FrameCrop,
    FrameFlip,
    FrameRotation,
    FrameScaling,
    FrequencyMask,
    FrequencyMix,
    Gain,
    MagnitudeWarp,
    Mixup,
    MovingBlockBootstrap,
    Noise,
    Permutation,
    Shift,
    Spawner,
    Speed,
    Synonyms,
    TemporalJitter,
    TimeFlip,
    TimeMask,
    TimeWarp,
    TokenDropout,
    TokenMask,
    TokenSwap,
    WindowColumns,
    Windows,
    WindowSlice,
    WindowWarp,
)
from rnnlib.data.augmentations.alignment import alignment
from rnnlib.data.augmentations.partners import partners, shares
from rnnlib.data.augmentations.spline import smooth

LENGTHS = torch.tensor([12, 1, 2, 3, 7, 12, 9, 5])


def drawn(seed=0):
    return torch.Generator().manual_seed(seed)


def columns(holds, count, role="features", frame=None):
    words = dict.fromkeys(range(count), ("<unknown>", *"abcdefghij")) if holds == "tokens" else {}
    return WindowColumns((holds,) * count, (role,) * count, words, frame)


def ragged(values, **more):
    inside = torch.arange(values.shape[1]) < LENGTHS[:, None]
    return Windows(values.masked_fill(~inside[..., None], 0), values.shape[1], LENGTHS, **more)


def noise(seed=9, width=3):
    return torch.randn(8, 12, width, generator=drawn(seed))


def steps():
    """The number of each step, counted from 1, so that it is told from padding."""
    return torch.arange(1.0, 13)[None, :, None].expand(8, 12, 1)


@pytest.mark.parametrize(
    "op",
    [TimeFlip(), Permutation(segments=3), TimeWarp(sigma=0.4), WindowSlice(share=0.6), WindowWarp(share=0.4), Crop(),
     Speed(change=0.5), TemporalJitter(steps=2), TokenSwap(swaps=2)],
    ids=lambda op: op.kind,
)  # fmt: skip
def test_what_moves_along_time_moves_each_sequence_as_numpy_interpolates(op):
    op = op.model_copy(update={"probability": 1.0})
    place = op(ragged(steps()), drawn(3))
    found = op(ragged(noise()), drawn(3))
    assert torch.equal(place.sizes, found.sizes)
    for row, (size, made) in enumerate(zip(LENGTHS.tolist(), found.sizes.tolist(), strict=True)):
        at = place.values[row, :made, 0].numpy() - 1
        assert at.min() >= 0
        assert at.max() <= size - 1 + 1e-4
        for column in range(3):
            expected = np.interp(at, np.arange(size), noise()[row, :size, column].numpy())
            np.testing.assert_allclose(found.values[row, :made, column], expected, atol=2e-5)


@pytest.mark.parametrize("op", [TimeFlip(probability=1), Permutation(probability=1, segments=3), TokenSwap()])
def test_some_only_change_the_order(op):
    found = op(ragged(steps()), drawn(3)).values[..., 0]
    for row, size in enumerate(LENGTHS.tolist()):
        assert sorted(found[row, :size].tolist()) == list(range(1, size + 1))


def test_time_flip_turns_each_sequence():
    found = TimeFlip(probability=1)(ragged(noise()), drawn()).values
    for row, size in enumerate(LENGTHS.tolist()):
        np.testing.assert_array_equal(found[row, :size], noise()[row, :size].numpy()[::-1])


def test_permutation_keeps_segments_whole():
    found = Permutation(probability=1, segments=3)(ragged(steps()), drawn()).values[0, :, 0].reshape(3, 4)
    assert {tuple(row) for row in found.tolist()} == {(1, 2, 3, 4), (5, 6, 7, 8), (9, 10, 11, 12)}


def test_a_spline_is_scipys():
    heights = torch.randn(3, 6, 2, generator=drawn(), dtype=torch.float64)
    at = torch.rand(3, 20, generator=drawn(1), dtype=torch.float64)
    expected = [
        CubicSpline(np.linspace(0, 1, 6), one, bc_type="natural")(where) for one, where in zip(heights, at, strict=True)
    ]
    np.testing.assert_allclose(smooth(heights, at), expected, atol=1e-12)
    line = smooth(heights[:, :2], at)
    np.testing.assert_allclose(line, torch.lerp(heights[:, :1], heights[:, 1:2], at[..., None]), atol=1e-12)


def test_magnitude_warp_is_a_smooth_factor_of_each_column():
    op = MagnitudeWarp(sigma=0.3, knots=4)
    factor = op(ragged(torch.ones(8, 12, 3)), drawn(2)).values
    found = op(ragged(noise()), drawn(2)).values
    np.testing.assert_allclose(found, factor * ragged(noise()).values, atol=1e-6)
    heights = 1 + 0.3 * torch.randn(8, 4, 3, generator=_after(drawn(2), 8), dtype=torch.float64)
    for row, size in enumerate(LENGTHS.tolist()):
        curve = CubicSpline(np.linspace(0, 1, 4), heights[row], bc_type="natural")
        expected = curve(np.arange(size) / max(size - 1, 1))
        np.testing.assert_allclose(factor[row, :size], expected, atol=1e-5)


def _after(generator, count):
    """The generator as it is once it was drawn which windows are changed."""
    torch.rand(count, generator=generator)
    return generator


def test_time_never_runs_back_and_keeps_its_ends():
    place = TimeWarp(sigma=3.0)(ragged(steps()), drawn(1)).values[..., 0]
    for row, size in enumerate(LENGTHS.tolist()):
        own = place[row, :size]
        assert (own.diff() > 0).all()
        assert float(own[0]) == 1
        assert float(own[-1]) == pytest.approx(size, abs=1e-4)


def test_window_warp_stretches_or_squeezes_one_part():
    values = torch.arange(101.0)[None, :, None].expand(60, 101, 1)
    pace = WindowWarp(share=0.2, factor=2)(Windows(values, 101, torch.full((60,), 101)), drawn()).values[..., 0].diff()
    for row in pace:
        outside, inside = row.median(), row[(row - row.median()).abs() > 0.1 * row.median()]
        length = 100 + 20 * (1 if outside > 1 else -0.5)
        assert float(outside) == pytest.approx(length / 100, abs=1e-3)
        assert float(inside.median()) == pytest.approx(length / 100 * (0.5 if outside > 1 else 2), abs=1e-3)


def test_crop_shortens_and_takes_tags_along():
    x = ragged(steps(), tags=torch.arange(1, 13).expand(8, 12) * (torch.arange(12) < LENGTHS[:, None]))
    found = Crop(share=0.3)(x, drawn(5))
    assert (found.sizes >= (0.3 * LENGTHS).ceil()).all()
    assert (found.sizes < LENGTHS).any()
    assert torch.equal(found.tags, found.values[..., 0].long())


def test_partners_are_others_and_shares_are_beta():
    found = partners(50, drawn())
    assert sorted(found.tolist()) == list(range(50))
    assert not (found == torch.arange(50)).any()
    assert partners(1, drawn()).tolist() == [0]
    assert float(shares(20_000, 0.2, drawn(1)).var()) == pytest.approx(1 / (4 * 1.4), rel=0.02)
    for alpha in (0.5, 1.0):
        assert stats.kstest(shares(20_000, alpha, drawn(1)).numpy(), stats.beta(alpha, alpha).cdf).pvalue > 0.01


@pytest.mark.parametrize("numbers", [True, False])
def test_mixup_averages_values_and_labels(numbers):
    label = torch.arange(8.0) if numbers else torch.arange(8)
    x = ragged(noise(), label=label, static=torch.arange(8.0)[:, None])
    found = Mixup(alpha=1.0)(x, drawn(2))
    generator = _after(drawn(2), 8)
    other, share = partners(8, generator).numpy(), shares(8, 1.0, generator).numpy()
    for row, size in enumerate(LENGTHS.tolist()):
        theirs = int(LENGTHS[other[row]])
        at = np.arange(size) * (theirs - 1) / max(size - 1, 1)
        own = noise()[row, :size].numpy()
        partner = noise()[other[row], :theirs].numpy()
        stretched = np.stack([np.interp(at, np.arange(theirs), partner[:, column]) for column in range(3)], 1)
        expected = share[row] * own + (1 - share[row]) * stretched
        np.testing.assert_allclose(found.values[row, :size], expected, atol=1e-5)
    mean = share * np.arange(8) + (1 - share) * other
    np.testing.assert_allclose(found.static[:, 0], mean, atol=1e-5)
    if numbers:
        np.testing.assert_allclose(found.label, mean, atol=1e-5)
    else:
        np.testing.assert_array_equal(found.beside, other)
        np.testing.assert_allclose(found.share, share)


def test_mixup_of_windows_takes_the_horizon_and_what_was_not_measured_along():
    observed, absent = torch.rand(2, 8, 12, 3, generator=drawn(7)) < 0.8
    x = Windows(noise(), 9, absent=~absent, observed=observed[:, 9:, :2])
    found = Mixup(alpha=1.0)(x, drawn(2))
    other = partners(8, _after(drawn(2), 8))
    assert torch.equal(found.observed, x.observed & x.observed[other])
    assert torch.equal(found.absent, x.absent | x.absent[other])
    assert not found.values[found.absent].any()


def test_a_window_that_was_not_mixed_has_its_label_whole():
    found = Mixup(probability=0.4)(ragged(noise(), label=torch.arange(8)), drawn(3))
    same = (found.values == ragged(noise()).values).flatten(1).all(1)
    assert 0 < int(same.sum()) < 8
    assert (found.share[same] == 1).all()
    assert (found.share[~same] < 1).any()


def test_cutmix_counts_labels_by_what_is_left():
    owner = torch.arange(1.0, 9)[:, None, None].expand(8, 12, 1)
    x = ragged(owner, label=torch.arange(8), tags=owner[..., 0].long() * (torch.arange(12) < LENGTHS[:, None]))
    found = CutMix()(x, drawn(4))
    for row, size in enumerate(LENGTHS.tolist()):
        own = (found.values[row, :size, 0] == row + 1).numpy()
        assert float(found.share[row]) == pytest.approx(own.mean(), abs=1e-6)
        strange = set(found.values[row, :size, 0][torch.tensor(~own)].tolist())
        assert strange <= {float(found.beside[row]) + 1}
        assert (np.diff(own.astype(int)) != 0).sum() <= 2
    assert torch.equal(found.tags, found.values[..., 0].long())


def _dtw(cost):
    total = np.full((len(cost) + 1, cost.shape[1] + 1), np.inf)
    total[0, 0] = 0
    for i, row in enumerate(cost, 1):
        for j, one in enumerate(row, 1):
            total[i, j] = one + min(total[i - 1, j - 1], total[i - 1, j], total[i, j - 1])
    return total[-1, -1]


def test_an_alignment_is_the_cheapest_of_each_pair():
    cost = torch.rand(8, 12, 12, generator=drawn(), dtype=torch.float64)
    rows, columns_, count = alignment(cost, LENGTHS)
    for pair, size in enumerate(LENGTHS.tolist()):
        i, j = rows[pair, : count[pair]].numpy(), columns_[pair, : count[pair]].numpy()
        assert (i[0], j[0], i[-1], j[-1]) == (0, 0, size - 1, size - 1)
        moves = np.stack([np.diff(i), np.diff(j)], 1)
        assert ((moves >= 0) & (moves <= 1)).all()
        assert (moves.sum(1) >= 1).all()
        assert cost[pair, i, j].sum() == pytest.approx(_dtw(cost[pair, :size, :size].numpy()))


def test_spawner_averages_two_of_a_class_and_leaves_the_only_one_alone():
    label = torch.tensor([0, 0, 1, 1, 1, 0, 1, 2])
    x = ragged(label[:, None, None].expand(8, 12, 2).float() * 10 + noise(width=2), label=label)
    found = Spawner(probability=1, sigma=0)(x, drawn(3))
    assert torch.equal(found.values[7], x.values[7])
    assert found.label is x.label
    for row, size in enumerate(LENGTHS[:7].tolist()):
        assert abs(float(found.values[row, :size].mean()) - 10 * int(label[row])) < 3, "of its own class"
    same = ragged(steps(), label=torch.zeros(8, dtype=torch.int64))
    same = Windows(same.values[:1].expand(4, 12, 1), 12, torch.full((4,), 12), label=torch.zeros(4, dtype=torch.int64))
    mean = Spawner(probability=1, sigma=0)(same, drawn(1)).values
    assert float((mean - same.values).abs().max()) < 2.5, "equal ones differ only as far as the path is bent"


def test_frequencies_are_taken_out_of_context_and_horizon_together():
    op = FrequencyMask(probability=1, rate=0.4)
    found = op(Windows(noise(), 9), drawn(1)).values
    kept = torch.rand(8, 7, 3, generator=_after(drawn(1), 8)) >= 0.4
    kept[:, 0] = True
    for row in range(8):
        expected = np.fft.irfft(np.fft.rfft(noise()[row].numpy(), axis=0) * kept[row].numpy(), n=12, axis=0)
        np.testing.assert_allclose(found[row], expected, atol=1e-5)
    np.testing.assert_allclose(found.mean(1), noise().mean(1), atol=1e-6)


def test_frequencies_of_another_window():
    observed = torch.rand(8, 3, 3, generator=drawn(7)) < 0.7
    found = FrequencyMix(probability=1, rate=0.4)(Windows(noise(), 9, observed=observed), drawn(1))
    generator = _after(drawn(1), 8)
    other = partners(8, generator)
    kept = torch.rand(8, 7, 3, generator=generator) >= 0.4
    for row in range(8):
        own, theirs = (np.fft.rfft(noise()[one].numpy(), axis=0) for one in (row, int(other[row])))
        expected = np.fft.irfft(np.where(kept[row], own, theirs), n=12, axis=0)
        np.testing.assert_allclose(found.values[row], expected, atol=1e-5)
    assert torch.equal(found.observed, observed & observed[other])


@pytest.mark.parametrize("op", [FrequencyMask, FrequencyMix, MovingBlockBootstrap])
def test_past_columns_end_at_the_present(op):
    names = WindowColumns(("numbers",) * 3, ("target", "past", "future"), {})
    values = noise()
    values[:, 9:, 1] = 0
    found = op(probability=1)(Windows(values, 9, columns=names), drawn(1)).values
    assert not found[:, 9:, 1].any()
    assert (found[:, :9, 1] != values[:, :9, 1]).any()
    assert (found[:, 9:, 0] != values[:, 9:, 0]).any()
    assert torch.equal(found[..., 2], values[..., 2])


def test_a_bootstrap_keeps_trend_and_season_and_takes_blocks_of_the_rest():
    op = MovingBlockBootstrap(probability=1, block=4, trend=5, season=3)
    found = op(Windows(noise(), 9), drawn(1)).values
    first = torch.randint(0, 9, (8, 3), generator=_after(drawn(1), 8)).numpy()
    for row in range(8):
        x = noise()[row].double().numpy()
        trend = np.stack([x[max(t - 2, 0) : t + 3].mean(0) for t in range(12)])
        season = np.stack([(x - trend)[t % 3 :: 3].mean(0) for t in range(12)])
        rest = x - trend - season
        again = np.concatenate([rest[at : at + 4] for at in first[row]])
        np.testing.assert_allclose(found[row], trend + season + again, atol=1e-5)


def test_a_remainder_from_where_there_is_no_value_makes_none():
    """Three targets; the context lacks some inputs, the horizon some truths."""
    op = MovingBlockBootstrap(probability=1, block=4, trend=5)
    absent = (torch.rand(8, 12, 3, generator=drawn(5)) < 0.2) & (torch.arange(12) < 9)[:, None]
    observed = torch.rand(8, 3, 3, generator=drawn(6)) < 0.8
    found = op(Windows(noise(), 9, absent=absent, observed=observed), drawn(1))
    first = torch.randint(0, 9, (8, 3), generator=_after(drawn(1), 8))
    steps = (first[..., None] + torch.arange(4)).flatten(1)
    known = torch.cat([~absent[:, :9], observed], 1)
    known &= torch.stack([known[row, steps[row]] for row in range(8)])
    assert torch.equal(found.absent[:, :9], ~known[:, :9])
    assert not found.absent[:, 9:].any()
    assert torch.equal(found.observed, known[:, 9:])
    assert not found.values[found.absent].any()
    assert torch.equal(
        op(Windows(noise(), 9, observed=observed), drawn(1)).values, op(Windows(noise(), 9), drawn(1)).values
    )


def tokens(**more):
    values = torch.randint(1, 11, (8, 12, 1), generator=drawn(3)).float()
    return ragged(values, columns=columns("tokens", 1), **more)


def test_tokens_become_unknown():
    x = tokens()
    found = TokenDropout(rate=0.5)(x, drawn(1)).values
    assert ((found == x.values) | (found == 0)).all()
    assert 0.3 < float((found == 0)[x.valid].float().mean()) < 0.7
    for longest in (1, 4):
        hidden = (TokenMask(longest=longest)(x, drawn(1)).values == 0)[..., 0]
        for row, size in enumerate(LENGTHS.tolist()):
            own = hidden[row, :size].numpy().astype(int)
            assert own.sum() == 0 if size == 1 else 1 <= own.sum() <= min(longest, size - 1)
            assert (np.diff(np.concatenate([[0], own, [0]])) == 1).sum() <= 1


def test_two_steps_trade_places_with_their_tags():
    x = tokens(tags=torch.arange(12).expand(8, 12), tags_observed=torch.arange(12) < LENGTHS[:, None])
    found = TokenSwap()(x, drawn(1))
    for row, size in enumerate(LENGTHS.tolist()):
        order = found.tags[row, :size].numpy()
        assert (order != np.arange(size)).sum() == (2 if size > 1 else 0)
        np.testing.assert_array_equal(found.values[row, :size, 0], x.values[row, order, 0])


def test_synonyms_take_the_place_of_their_words():
    op = Synonyms(rate=0.5, words={"a": ("b", "zebra"), "c": ("d", "e"), "zoo": ("a",)})
    x = tokens()
    found = op(x, drawn(1)).values
    may = {1: {1, 2}, 3: {3, 4, 5}}
    for before, after in zip(x.values.flatten().long().tolist(), found.flatten().long().tolist(), strict=True):
        assert after in may.get(before, {before})
    assert (found != x.values).any()


def test_noise_has_the_ratio_that_is_asked_for():
    x = Windows(torch.randn(5, 4000, 1, generator=drawn()) * 3, 4000, columns=columns("samples", 1))
    added = Noise(low=20, high=20)(x, drawn(1)).values - x.values
    ratio = 10 * (x.values.square().mean(1) / added.square().mean(1)).log10()
    np.testing.assert_allclose(ratio, 20, atol=0.3)
    spread = Noise(low=0, high=40)(x, drawn(1)).values - x.values
    assert float(spread.square().mean(1).max() / spread.square().mean(1).min()) > 3
    with pytest.raises(ValueError, match="at most `high`"):
        Noise(low=30, high=20)


def test_gain_is_one_factor_within_its_decibels():
    x = Windows(noise(), 12, columns=columns("samples", 3))
    factor = Gain(decibels=6)(x, drawn()).values / x.values
    np.testing.assert_allclose(factor, factor[:, :1, :1].expand_as(factor), rtol=1e-4)
    assert float(factor.abs().max()) < 10 ** (6 / 20) + 1e-4
    assert float(factor.abs().min()) > 10 ** (-6 / 20) - 1e-4


def test_shift_moves_and_fills_with_nothing():
    x = ragged(steps(), tags=torch.arange(1, 13).expand(8, 12) * (torch.arange(12) < LENGTHS[:, None]))
    found = Shift(share=0.5)(x, drawn(2))
    for row, size in enumerate(LENGTHS.tolist()):
        own = found.values[row, :size, 0].numpy()
        distances = {int(t + 1 - value) for t, value in enumerate(own) if value}
        assert len(distances) == 1
        (distance,) = distances
        assert abs(distance) <= size // 2
        assert (own == 0).sum() == abs(distance)
    assert torch.equal(found.tags, found.values[..., 0].long())


def test_stretches_and_bands_are_hidden():
    found = TimeMask(share=0.5)(ragged(torch.ones(8, 12, 3)), drawn(4)).values
    for row, size in enumerate(LENGTHS.tolist()):
        own = found[row, :size].numpy()
        assert (own == own[:, :1]).all(), "whole steps"
        assert (own[:, 0] == 0).sum() <= size // 2
    bands = BandMask(widest=5)(ragged(torch.ones(8, 12, 9)), drawn(4)).values[0]
    assert (bands == bands[:1]).all(), "the same at all steps"
    assert int((bands[0] == 0).sum()) in range(6)


def frames(height, width, channels=2):
    values = torch.rand(8, 3, height * width * channels, generator=drawn(1))
    return Windows(values, 3, columns=columns("pixels", values.shape[2], frame=(height, width, channels)))


def as_frames(values, height, width, channels=2):
    return values.reshape(*values.shape[:2], height, width, channels).numpy()


def test_frames_are_flipped():
    x = frames(4, 5)
    for axis, name in ((3, "horizontal"), (2, "vertical")):
        found = as_frames(FrameFlip(probability=1, axis=name)(x, drawn()).values, 4, 5)
        np.testing.assert_array_equal(found, np.flip(as_frames(x.values, 4, 5), axis))


@pytest.mark.parametrize(("height", "width"), [(6, 6), (5, 8)])
@pytest.mark.parametrize("kind", ["rotation", "scaling", "crop"])
def test_frames_are_seen_as_scipy_shows_them(kind, height, width):
    x = frames(height, width)
    generator = _after(drawn(2), 8)
    if kind == "rotation":
        op = FrameRotation(degrees=40)
        angle = np.radians(40) * (2 * torch.rand(8, generator=generator).numpy() - 1)
        turns = [np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]]) for a in angle]
        centres = np.zeros((8, 2))
    elif kind == "scaling":
        op = FrameScaling(change=0.4)
        turns = [np.eye(2) / f for f in 1 + 0.4 * (2 * torch.rand(8, generator=generator).numpy() - 1)]
        centres = np.zeros((8, 2))
    else:
        op = FrameCrop(share=0.5)
        size, right, down = torch.rand(3, 8, generator=generator).numpy()
        side = 0.5 + 0.5 * size
        turns = [np.eye(2) * one for one in side]
        centres = ((1 - side) * (2 * np.stack([down, right]) - 1)).T * np.array([height, width]) / 2
    found = as_frames(op(x, drawn(2)).values, height, width)
    middle = (np.array([height, width]) - 1) / 2
    for row, (turn, centre) in enumerate(zip(turns, centres, strict=True)):
        shift = middle + centre - turn @ middle
        picture = as_frames(x.values, height, width)[row, 1, ..., 0].astype(float)
        expected = affine_transform(picture, turn, shift, order=1, mode="nearest")
        np.testing.assert_allclose(found[row, 1, ..., 0], expected, atol=1e-5)


def test_brightness_adds_one_number_to_all_frames():
    x = frames(4, 5)
    added = Brightness(change=0.3)(x, drawn()).values - x.values
    np.testing.assert_allclose(added, added[:, :1, :1].expand_as(added), atol=1e-6)
    assert 0.01 < float(added.abs().max()) <= 0.3


def test_frames_come_early_or_late_in_their_order():
    place = TemporalJitter(steps=2)(ragged(steps()), drawn()).values[..., 0]
    for row, size in enumerate(LENGTHS.tolist()):
        own = place[row, :size]
        assert (own.diff() >= 0).all()
        assert ((own - torch.arange(1, size + 1)).abs() <= 2).all()
    assert (place[0].diff() == 0).any()


@pytest.mark.parametrize("op", [WindowSlice(share=0.5), Crop(share=0.3), Speed(change=0.5), TimeFlip(), CutMix()])
def test_padding_has_no_tags(op):
    known = torch.arange(12) < LENGTHS[:, None]
    x = ragged(steps(), tags=torch.arange(1, 13).expand(8, 12) * known, tags_observed=known)
    found = op.model_copy(update={"probability": 1.0})(x, drawn(1))
    assert torch.equal(found.tags_observed, found.valid)
    assert torch.equal(found.tags > 0, found.valid)


def test_a_spectrum_that_is_played_faster_keeps_its_pitch_and_samples_do_not():
    tone = torch.sin(2 * torch.pi * 0.25 * torch.arange(800))
    spectrum = torch.stft(tone, 64, center=False, return_complex=True, window=torch.hann_window(64)).abs().T[None]
    for x, of_samples in ((tone[None, :, None], True), (spectrum, False)):
        faster = Speed(probability=1, change=0.5)(Windows(x, x.shape[1]), drawn())
        length = int(faster.lengths[0])
        assert abs(length - x.shape[1]) > x.shape[1] / 20
        found = faster.values[0, :length]
        if of_samples:
            assert torch.fft.rfft(found[:, 0]).abs().argmax() / length == pytest.approx(
                0.25 * x.shape[1] / length, rel=0.02
            )
        else:
            assert set(found.argmax(dim=1).tolist()) == {16}
