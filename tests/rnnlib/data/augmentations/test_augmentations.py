"""Every augmentation keeps one contract; each does what its equation says."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from pydantic import TypeAdapter
from torch.nn.functional import interpolate

from rnnlib.data.about import Column
from rnnlib.data.augmentations import (
    AnyAugmentation,
    ChannelRotation,
    FrameCrop,
    FrameFlip,
    FrameRotation,
    FrameScaling,
    FrequencyMix,
    Jitter,
    Mixup,
    MovingBlockBootstrap,
    Scaling,
    SignFlip,
    WindowColumns,
    Windows,
    WindowSlice,
)
from rnnlib.data.batching.batch import Batch
from rnnlib.data.batching.batches import augmented
from tests.rnnlib.data.made import samples
from tests.rnnlib.families import members

MEMBERS = members(AnyAugmentation)
EACH = pytest.mark.parametrize("kind", MEMBERS)
OPTION = TypeAdapter(AnyAugmentation)


WORDS = ("<unknown>", *"abcdefghij")
FRAME = (4, 5, 1)


def drawn(seed=0):
    return torch.Generator().manual_seed(seed)


def made(kind, **fields):
    """One of a kind, the fields that it needs filled in."""
    needed = {"words": {"a": ("b",), "c": ("d", "e"), "f": ("g",)}} if kind == "synonyms" else {}
    return MEMBERS[kind](**{**needed, **fields})


def fitting(op, x):
    """The windows as this operation wants to have them: tokens, samples or pixels in place of numbers."""
    generator, columns = drawn(4), x.values.shape[2]
    if "numbers" in op.works_on:
        x = replace(x, columns=WindowColumns(("numbers",) * columns, ("features",) * columns, {}))
    elif "samples" in op.works_on:
        x = replace(x, columns=WindowColumns(("samples",) * columns, ("features",) * columns, {}))
    elif "pixels" in op.works_on:
        values = torch.rand(*x.values.shape[:2], 20, generator=generator) + 3
        pixels = WindowColumns(("pixels",) * 20, ("features",) * 20, {}, FRAME)
        x = replace(x, values=values.masked_fill(~x.valid[..., None], 0), columns=pixels)
    else:
        tokens = torch.randint(1, 11, x.values.shape, generator=generator).float()
        names = WindowColumns(("tokens",) * columns, ("features",) * columns, dict.fromkeys(range(columns), WORDS))
        x = replace(x, values=tokens.masked_fill(~x.valid[..., None], 0), columns=names)
    return replace(x, label=torch.arange(len(x.values)) % 2) if x.lengths is not None or op.needs_all else x


def ragged(batch=6, time=9, columns=3, lengths=(9, 1, 4, 2, 7, 9)):
    """Whole sequences, padded with zeros."""
    lengths = torch.tensor(lengths[:batch])
    values = torch.randn(batch, time, columns, generator=drawn(9)) + 3
    return Windows(values.masked_fill(torch.arange(time)[:, None] >= lengths[:, None, None], 0), time, lengths)


def full(batch=6, time=9, columns=3, context=9):
    return Windows(torch.randn(batch, time, columns, generator=drawn(9)) + 3, context)


@EACH
def test_the_generator_alone_decides(kind):
    op = made(kind, probability=0.7, **SURE.get(kind, {}))
    torch.manual_seed(1)
    before = torch.random.get_rng_state()
    one, same, other = (op(fitting(op, full(batch=60)), drawn(seed)).values for seed in (3, 3, 4))
    assert torch.equal(torch.random.get_rng_state(), before)
    assert torch.equal(one, same)
    assert one.shape != other.shape or not torch.equal(one, other)


@EACH
def test_the_input_stays_as_it_is(kind):
    x = fitting(made(kind), ragged())
    before = {name: value.clone() for name, value in vars(x).items() if isinstance(value, torch.Tensor)}
    made(kind)(x, drawn())
    assert all(torch.equal(getattr(x, name), value) for name, value in before.items())


@EACH
@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 5, 1), (1, 1, 3), (4, 2, 2), (4, 3, 1), (2, 3, 2)])
@pytest.mark.parametrize("steps", [1, 2, 3])
def test_one_sample_few_steps_one_column(kind, shape, steps):
    lengths = torch.full((shape[0],), min(steps, shape[1])) if "forecaster" not in MEMBERS[kind].fits else None
    op = made(kind, probability=1)
    x = fitting(op, Windows(torch.ones(shape), shape[1], lengths))
    made_of = op(x, drawn())
    found = made_of.values
    assert found.shape[::2] == x.values.shape[::2]
    assert found.shape[1] == shape[1] or kind == "speed"
    assert int(made_of.sizes.min()) > 0
    assert not found[~made_of.valid].any()
    assert found.dtype == torch.float32
    assert torch.isfinite(found).all()


@EACH
def test_padding_stays_zero_and_does_not_leak_in(kind):
    op = made(kind, probability=1.0)
    if op.fits == {"forecaster"}:
        return  # windows of a forecast have no padding
    x = fitting(op, ragged())
    found = op(x, drawn())
    assert not found.values[~found.valid].any()
    if kind in MOVING:  # these only move values about: none comes from the padding
        assert (found.values[found.valid] >= x.values[x.valid].min() - 1e-5).all()


@pytest.mark.parametrize("size", [2.0**-100, 2.0**60, 2.0**100])
@EACH
def test_what_is_done_does_not_rest_on_the_size_of_values(kind, size):
    """Squares of such values are 0 or infinite in float32."""
    op = made(kind, probability=1.0)
    if kind in {"jitter", "brightness"} or op.works_on == {"tokens"}:
        return  # what is added is told in model units; tokens have no size
    x = fitting(op, full() if op.fits == {"forecaster"} else ragged())
    larger = op(replace(x, values=x.values * size), drawn(1)).values
    assert torch.allclose(larger / size, op(x, drawn(1)).values, rtol=1e-4, atol=1e-5)


@EACH
def test_the_share_of_changed_windows_is_the_probability(kind):
    op = made(kind, probability=0.3, **SURE.get(kind, {}))
    x = fitting(op, full(batch=300 if kind == "spawner" else 2000, columns=4))
    found = op(x, drawn()).values[:, : x.values.shape[1]]
    changed = (found != x.values).any(-1).any(-1).float().mean()
    assert 0.2 < changed < 0.36


@EACH
def test_a_window_that_is_not_chosen_is_bit_identical(kind):
    op = made(kind, probability=1e-9)
    x = fitting(op, full() if op.fits == {"forecaster"} else ragged())
    found = op(x, drawn())
    assert torch.equal(found.values[:, : x.values.shape[1]], x.values)
    assert torch.equal(found.sizes, x.sizes)


@EACH
def test_it_is_read_from_json_as_it_was_written(kind):
    op = made(kind, probability=0.25)
    assert OPTION.validate_python(op.model_dump(mode="json")) == op


CHANGES = {
    "jitter": {"sigma": 0.5}, "scaling": {"sigma": 0.5}, "sign_flip": {"per": "column"}, "channel_rotation": {},
    "time_flip": {}, "permutation": {"segments": 2}, "magnitude_warp": {"sigma": 0.5, "knots": 6},
    "time_warp": {"sigma": 0.5, "knots": 6}, "window_slice": {"share": 0.5},
    "window_warp": {"share": 0.5, "factor": 3.0}, "crop": {"share": 0.3}, "mixup": {"alpha": 0.9},
    "cutmix": {"alpha": 0.3}, "spawner": {"sigma": 0.5}, "frequency_mask": {"rate": 0.5},
    "frequency_mix": {"rate": 0.5}, "moving_block_bootstrap": {"block": 2, "trend": 3, "season": 4},
    "token_dropout": {"rate": 0.5}, "token_mask": {"spans": 2, "longest": 6}, "token_swap": {"swaps": 3},
    "synonyms": {"rate": 0.9, "words": {"a": ("h",)}}, "noise": {"low": 1.0, "high": 80.0},
    "gain": {"decibels": 20.0}, "shift": {"share": 0.5}, "speed": {"change": 0.5},
    "time_mask": {"masks": 3, "share": 0.5}, "band_mask": {"masks": 3, "widest": 2},
    "frame_rotation": {"degrees": 90.0}, "frame_flip": {"axis": "vertical"}, "frame_scaling": {"change": 0.5},
    "frame_crop": {"share": 0.3}, "brightness": {"change": 0.9}, "temporal_jitter": {"steps": 3},
}  # fmt: skip
MOVING = {
    "channel_rotation", "time_flip", "permutation", "time_warp", "window_slice", "window_warp", "crop", "speed",
    "token_swap", "temporal_jitter",
}  # fmt: skip
SURE = {  # so that hardly a window that is chosen stays as it is
    "permutation": {"segments": 9}, "crop": {"share": 0.05}, "shift": {"share": 0.9},
    "time_mask": {"masks": 9, "share": 0.9}, "band_mask": {"masks": 9}, "frequency_mask": {"rate": 0.9},
    "frequency_mix": {"rate": 0.9}, "token_dropout": {"rate": 0.9}, "synonyms": {"rate": 0.9},
    "temporal_jitter": {"steps": 3}, "spawner": {"sigma": 0.5}, "moving_block_bootstrap": {"block": 2, "trend": 3},
    "mixup": {"alpha": 1.0}, "cutmix": {"alpha": 1.0},
}  # fmt: skip


@pytest.mark.parametrize(("kind", "field"), [(kind, name) for kind, found in CHANGES.items() for name in found])
def test_every_field_changes_the_result(kind, field):
    one, other = made(kind, probability=1), made(kind, probability=1, **{field: CHANGES[kind][field]})
    x = fitting(one, full(batch=50, columns=4))
    one, other = one(x, drawn()).values, other(x, drawn()).values
    assert one.shape != other.shape or not torch.equal(one, other)


def test_no_field_is_left_out_of_the_changes():
    of_their_own = {kind: set(member.model_fields) - {"kind", "probability"} for kind, member in MEMBERS.items()}
    assert {kind: set(fields) for kind, fields in CHANGES.items()} == of_their_own


@EACH
def test_its_source_is_named(kind):
    assert "Source:" in MEMBERS[kind].__doc__


def test_jitter_is_gaussian_noise_on_the_input_only():
    x = full(batch=500, time=20, context=16)
    noise = Jitter(sigma=0.1)(x, drawn()).values - x.values
    assert not noise[:, 16:].any()
    assert abs(float(noise[:, :16].std()) - 0.1) < 0.003
    assert abs(float(noise[:, :16].mean())) < 0.003


def test_scaling_is_one_factor_per_column_over_context_and_horizon():
    x = full(batch=500, time=12, context=8)
    factor = Scaling(sigma=0.2)(x, drawn()).values / x.values
    assert torch.allclose(factor, factor[:, :1].expand_as(factor), atol=1e-4)
    assert abs(float(factor[:, 0].std()) - 0.2) < 0.02
    assert abs(float(factor[:, 0].mean()) - 1) < 0.02


def test_sign_flip_turns_windows_or_columns():
    x = full(batch=400)
    whole = SignFlip(probability=1)(x, drawn()).values
    assert torch.equal(whole, -x.values)
    column = SignFlip(probability=1, per="column")(x, drawn()).values / x.values
    assert set(column.unique().tolist()) == {-1.0, 1.0}
    assert torch.equal(column, column[:, :1].expand_as(column))
    assert 0.4 < float((column[:, 0] < 0).float().mean()) < 0.6


def test_channel_rotation_permutes_the_columns_of_each_window():
    x = full(batch=300)
    found = ChannelRotation(probability=1)(x, drawn()).values
    assert torch.equal(found.sort(-1).values, x.values.sort(-1).values)
    orders = {tuple(torch.argsort(row[0]).tolist()) for row in found - 0}
    assert len(orders) > 1
    for window, changed in zip(x.values[:20], found[:20], strict=True):
        place = [int((window[0] == value).nonzero()) for value in changed[0]]
        assert torch.equal(changed, window[:, place])


def test_window_slice_is_a_stretch_of_the_line_between_the_values():
    steps = torch.arange(11.0)[None, :, None].expand(200, 11, 1)
    found = WindowSlice(share=0.5, probability=1)(Windows(steps, 11), drawn()).values[..., 0]
    assert torch.allclose(found.diff(), torch.full((200, 10), 0.5), atol=1e-5)  # half the pace of the original
    assert (found[:, 0] >= 0).all()
    assert (found[:, -1] <= 10 + 1e-4).all()
    assert found[:, 0].std() > 1


def test_window_slice_as_torch_interpolates():
    x = full(batch=1, time=9, columns=2)
    op = WindowSlice(share=0.5, probability=1)
    seeds = [seed for seed in range(500) if abs(_start(op, seed) - round(_start(op, seed))) < 2e-3]
    first = round(_start(op, seeds[0]))
    expected = interpolate(x.values[:, first : first + 5].transpose(1, 2), 9, mode="linear", align_corners=True)
    found = op(x, drawn(seeds[0])).values.transpose(1, 2)
    assert torch.allclose(found, expected, atol=1e-2)


def _start(op, seed):
    steps = Windows(torch.arange(9.0)[None, :, None], 9)
    return float(op(steps, drawn(seed)).values[0, 0, 0])


def test_window_slice_stays_within_each_sequence():
    steps = torch.arange(1.0, 10)[None, :, None].expand(3, 9, 1)
    lengths = torch.tensor([9, 4, 2])
    found = WindowSlice(share=0.5, probability=1)(Windows(steps, 9, lengths), drawn()).values[..., 0]
    assert (found[1, :4] <= 4 + 1e-5).all()
    assert not found[1, 4:].any()
    assert torch.equal(found[2, :2], torch.tensor([1.0, 2.0]))


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("jitter", {"sigma": 0}),
        ("scaling", {"sigma": -1}),
        ("window_slice", {"share": 1}),
        ("sign_flip", {"probability": 0}),
    ],
)
def test_what_does_nothing_is_refused(kind, fields):
    with pytest.raises(ValueError, match=r"greater than|less than"):
        MEMBERS[kind](**fields)


def test_what_moves_time_or_columns_is_not_for_forecasters():
    frames = {"frame_rotation", "frame_flip", "frame_scaling", "frame_crop", "brightness"}
    assert {kind for kind, op in MEMBERS.items() if "forecaster" in op.fits} == {
        "jitter", "scaling", "sign_flip", "magnitude_warp", "mixup", "frequency_mask", "frequency_mix",
        "moving_block_bootstrap", "token_dropout", "synonyms", *frames,
    }  # fmt: skip


# batches


def forecast_batch():
    values = torch.randn(8, 12, 4, generator=drawn(1))  # two targets, a past and a future column
    return Batch(
        inputs=values[:, :9].contiguous(),
        lengths=torch.full((8,), 9),
        future=values[:, 9:, 3:],
        target=values[:, 9:, :2],
        target_observed=torch.ones(8, 3, 2, dtype=torch.bool),
        index=torch.arange(8),
    )


def test_the_truth_is_carried_along():
    batch = forecast_batch()
    found = augmented([SignFlip(probability=1)], batch, 0, 1, 2)
    for name in ("inputs", "target", "future"):
        assert torch.equal(getattr(found, name), -getattr(batch, name))
    assert found.target_observed is batch.target_observed
    scaled = augmented([Scaling()], batch, 0, 1, 2)
    factor = scaled.inputs / batch.inputs
    assert torch.allclose(scaled.target, batch.target * factor[:, :1, :2], atol=1e-5)
    assert torch.allclose(scaled.future, batch.future * factor[:, :1, 3:], atol=1e-5)


@pytest.mark.parametrize("op", [Jitter(), Scaling(), SignFlip(probability=1)], ids=lambda op: op.kind)
def test_what_has_no_value_gets_none(op):
    batch = forecast_batch()
    absent = torch.rand(batch.inputs.shape, generator=drawn(5)) < 0.3
    batch = replace(batch, inputs=batch.inputs.masked_fill(absent, 0), absent=absent)
    found = augmented([op], batch, 0, 1, 2)
    assert not found.inputs[absent].any()
    assert (found.inputs != batch.inputs)[~absent].all()
    assert torch.equal(found.absent, absent)


def test_sequences_keep_their_labels_and_lengths():
    x = ragged()
    batch = Batch(inputs=x.values, lengths=x.lengths, label=torch.arange(6), index=torch.arange(6))
    found = augmented([Jitter(), WindowSlice(), ChannelRotation()], batch, 0, 1, 2)
    assert not torch.equal(found.inputs, batch.inputs)
    assert not found.inputs[~x.valid].any()
    assert found.label is batch.label
    assert found.target is found.future is None


def test_what_is_drawn_depends_on_seed_epoch_and_batch():
    batch = forecast_batch()
    found = [
        augmented([Jitter()], batch, *place).inputs for place in [(0, 1, 2), (0, 1, 2), (1, 1, 2), (0, 2, 2), (0, 1, 3)]
    ]
    assert torch.equal(found[0], found[1])
    assert all(not torch.equal(found[0], other) for other in found[2:])
    assert augmented([], batch, 0, 1, 2) is batch


def test_operations_are_done_in_their_order():
    batch = forecast_batch()
    one = augmented([Jitter(sigma=1), Scaling(sigma=1)], batch, 0, 0, 0).inputs
    other = augmented([Scaling(sigma=1), Jitter(sigma=1)], batch, 0, 0, 0).inputs
    assert not torch.equal(one, other)
    assert np.isfinite(one.numpy()).all()


def test_gaps_and_tags_move_with_their_steps():
    values = torch.arange(1.0, 9)[None, :, None].expand(40, 8, 2)
    absent = torch.zeros(40, 8, 2, dtype=torch.bool)
    absent[:, 3, 0] = True
    tags, known = torch.arange(8).expand(40, 8), torch.ones(40, 8, dtype=torch.bool)
    x = Windows(values.masked_fill(absent, 0), 8, absent=absent, tags=tags, tags_observed=known)
    rotated = ChannelRotation(probability=1)(x, drawn())
    assert torch.equal(rotated.absent, rotated.values == 0)
    assert rotated.absent[..., 1].any()
    assert rotated.absent.sum() == 40
    sliced = WindowSlice(share=0.5, probability=1)(x, drawn())
    place = sliced.values[..., 1] - 1
    assert torch.equal(sliced.tags, (place.double() + 0.5).floor().long())
    between = (place > 2) & (place < 4)
    assert torch.equal(sliced.absent[..., 0], between)
    assert not sliced.values[sliced.absent].any()


def test_what_the_future_is_known_to_bring_stays_as_it_is():
    columns = WindowColumns(("numbers",) * 4, ("target", "target", "past", "future"), {})
    batch = forecast_batch()
    found = augmented([Scaling(), Jitter()], batch, 0, 1, 2, columns=columns)
    assert torch.equal(found.future, batch.future)
    assert torch.equal(found.inputs[..., 3], batch.inputs[..., 3])
    assert not torch.equal(found.inputs[..., 2], batch.inputs[..., 2])


@pytest.mark.parametrize(
    "op", [Mixup(), FrequencyMix(probability=1), MovingBlockBootstrap(probability=1)], ids=lambda op: op.kind
)
def test_a_gap_of_another_window_makes_none_in_what_is_known_ahead(op):
    columns = WindowColumns(("numbers",) * 4, ("target", "target", "past", "future"), {})
    batch = forecast_batch()
    absent = torch.zeros(batch.inputs.shape, dtype=torch.bool)
    absent[0, 4, 3] = absent[0, 2, 2] = True
    batch = replace(batch, inputs=batch.inputs.masked_fill(absent, 0), absent=absent)
    found = augmented([op], batch, 0, 1, 2, columns=columns)
    assert torch.equal(found.inputs[..., 3], batch.inputs[..., 3])
    assert torch.equal(found.absent[..., 3], absent[..., 3])
    assert found.absent[0, :, 2].any()


@pytest.mark.parametrize(
    "op",
    [FrameFlip(probability=1), FrameRotation(degrees=90), FrameScaling(change=0.5), FrameCrop(share=0.5)],
    ids=lambda op: op.kind,
)
def test_what_is_missing_of_a_frame_moves_with_it(op):
    """A frame of ones, and 0 where a pixel has no value: after any move each other pixel is still one."""
    pixels = WindowColumns(("pixels",) * 20, ("target",) * 20, {}, FRAME)
    gone = torch.rand(8, 6, 20, generator=drawn(2)) < 0.1
    shown = torch.ones(8, 6, 20).masked_fill(gone, 0)
    batch = Batch(
        inputs=shown[:, :4],
        lengths=torch.full((8,), 4),
        absent=gone[:, :4],
        target=shown[:, 4:],
        target_observed=~gone[:, 4:],
        index=torch.arange(8),
    )
    found = augmented([op], batch, 0, 1, 2, columns=pixels)
    assert torch.allclose(found.inputs[~found.absent], torch.ones(()), atol=1e-3)
    assert torch.allclose(found.target[found.target_observed], torch.ones(()), atol=1e-3)
    assert not found.inputs[found.absent].any()
    for before, after in ((batch.absent, found.absent), (~batch.target_observed, ~found.target_observed)):
        assert 0 < after.float().mean() < 6 * before.float().mean()
        assert not torch.equal(before, after)


@EACH
def test_what_was_made_of_the_times_is_no_measurement(kind):
    """A time that runs backwards means nothing, nor an hour that a sensor trades places with: they move with steps."""
    op = made(kind, probability=1)
    if "numbers" not in op.works_on or kind == "spawner":
        return  # spawner averages whole steps of two sequences
    about = samples(["a", "b"]).about
    names = ("v", "w", "time_delta", "hour_sin", "hour_cos")
    role = "past" if op.fits == {"forecaster"} else "features"
    about = about.model_copy(
        update={
            "columns": tuple(Column(name=name, role=role) for name in names),
            "made": {"calendar": {"cycles": ("hour",)}, "irregular": True, "time_delta": "1h"},
        }
    )
    x = full(columns=5) if op.fits == {"forecaster"} else ragged(columns=5)
    x = replace(x, columns=WindowColumns.of(about), label=torch.arange(6) % 2)
    steps = torch.arange(9.0)[None, :, None].expand(6, 9, 1) + torch.arange(6)[:, None, None] * 100
    values = torch.cat([x.values[..., :2], steps, steps, steps], -1).masked_fill(~x.valid[..., None], 0)
    found = op(replace(x, values=values), drawn()).values
    assert torch.equal(found[..., 2], found[..., 3])
    assert torch.equal(found[..., 3], found[..., 4])
    if kind not in MOVING | {"cutmix", "shift"}:
        assert torch.equal(found[..., 2:], values[..., 2:])


def test_a_token_is_no_number():
    columns = WindowColumns(("numbers", "tokens"), ("features", "features"), {1: ("<unknown>", "a")})
    x = replace(full(columns=2), columns=columns)
    for op in (Jitter(), Scaling(), SignFlip(probability=1), ChannelRotation(probability=1)):
        assert torch.equal(op(x, drawn()).values[..., 1], x.values[..., 1])
    sliced = WindowSlice(share=0.5, probability=1)(x, drawn()).values[..., 1]
    assert set(sliced.flatten().tolist()) <= set(x.values[..., 1].flatten().tolist())
