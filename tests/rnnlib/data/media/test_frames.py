"""Folders of images and videos become frames of pixels; moving digits; frames scaled and without colour."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import torch
from PIL import Image

from rnnlib.data.dataset import DataSet
from rnnlib.data.encoders import FrameSize, encoded
from rnnlib.data.generated_sources.moving_digits import DIGITS
from rnnlib.data.loading import load
from rnnlib.data.loading.reading import Reading
from rnnlib.errors import DataError, ModelError, Refused
from rnnlib.layer import Flow
from rnnlib.layers.frames import Frames
from rnnlib.place import Place
from rnnlib.training.sizes import shape_of
from tests.rnnlib.data.made import samples

ROLES = {"sample": "file", "features": "frame", "label": "what"}
FOLDERS = {"kind": "frames", "path": "*/*.png", "named": "{what}_{take}"}
VIDEOS = {"kind": "video", "path": "*.mp4", "named": "{what}_{take}.mp4"}
DRAW = np.random.default_rng(0)


def read(folder: Path, source: dict[str, Any], roles: dict[str, Any] = ROLES) -> DataSet:
    return load(Reading.model_validate({"source": source, "roles": roles}), Place(folder, folder))


def images(folder: Path, frames: Any) -> None:
    folder.mkdir()
    for number, frame in enumerate(frames):
        Image.fromarray(np.asarray(frame, np.uint8)).save(folder / f"f{number}.png")


def video(file: Path, frames: Any, rate: int = 10) -> None:
    with av.open(str(file), "w") as out:
        stream = out.add_stream("libx264rgb", rate=rate, options={"crf": "0"})
        stream.height, stream.width, stream.pix_fmt = *frames[0].shape[:2], "rgb24"
        for frame in frames:
            out.mux(stream.encode(av.VideoFrame.from_ndarray(np.asarray(frame, np.uint8), format="rgb24")))
        out.mux(stream.encode())


def test_each_folder_is_a_clip_and_its_images_stand_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    walks = DRAW.integers(0, 256, (12, 4, 6))
    images(tmp_path / "walk_1", walks)
    images(tmp_path / "run_1", walks[:2])
    data = read(tmp_path, FOLDERS)
    assert data.lengths.tolist() == [2, 12]
    assert data.raw[2:].tolist() == walks.reshape(12, 24).tolist(), "f10 stands behind f2"
    assert data.sequences["label"].to_list() == ["run", "walk"]
    assert (data.about.frame, data.about.rate, data.about.columns[0].holds) == ((4, 6, 1), None, "pixels")
    assert len(data.about.files) == 14


def test_frames_are_scaled_and_may_have_colour(tmp_path: Path) -> None:
    frames = DRAW.integers(0, 256, (2, 4, 6, 3))
    images(tmp_path / "walk_1", frames)
    colour = read(tmp_path, {**FOLDERS, "colour": "rgb"})
    assert colour.about.frame == (4, 6, 3)
    assert colour.raw.reshape(2, 4, 6, 3).tolist() == frames.tolist()
    small = read(tmp_path, {**FOLDERS, "colour": "rgb", "height": 2, "width": 3})
    means = frames.reshape(2, 2, 2, 3, 2, 3).mean(axis=(2, 4))
    np.testing.assert_allclose(small.raw.reshape(2, 2, 3, 3), means, atol=1.01)  # Pillow rounds twice
    smooth = read(tmp_path, {**FOLDERS, "height": 2, "width": 3, "scaling": "bilinear"})
    assert not np.array_equal(smooth.raw, read(tmp_path, {**FOLDERS, "height": 2, "width": 3}).raw)


def test_frames_that_do_not_fit_each_other_are_refused(tmp_path: Path) -> None:
    images(tmp_path / "walk_1", [np.zeros((4, 6)), np.zeros((4, 5))])
    with pytest.raises(DataError, match=r"walk_1/f1\.png: all frames of a clip have one size, 4 × 6.*4 × 5"):
        read(tmp_path, FOLDERS)
    images(tmp_path / "run_1", np.zeros((1, 3, 3)))
    (tmp_path / "walk_1" / "f1.png").unlink()
    with pytest.raises(DataError, match=r"all frames have one size, 3 × 3 in run_1/f0\.png"):
        read(tmp_path, FOLDERS)
    (tmp_path / "run_1" / "f0.png").write_bytes(b"no image")
    with pytest.raises(DataError, match=r"run_1/f0\.png: cannot be read as an image"):
        read(tmp_path, FOLDERS)


def test_videos_are_read_frame_by_frame(tmp_path: Path) -> None:
    frames = DRAW.integers(0, 256, (9, 16, 16, 3))
    video(tmp_path / "walk_1.mp4", frames)
    data = read(tmp_path, {**VIDEOS, "colour": "rgb"})
    assert (data.about.frame, data.about.rate) == ((16, 16, 3), 10)
    assert data.raw.reshape(9, 16, 16, 3).tolist() == frames.tolist()
    fewer = read(tmp_path, {**VIDEOS, "colour": "rgb", "rate": 4})
    assert fewer.about.rate == 4
    assert fewer.raw.tolist() == data.raw[[0, 3, 5, 8]].tolist(), "the first frames at or after k / 4 s"
    with pytest.raises(DataError, match="20 frames a second are asked for, and the video has 10"):
        read(tmp_path, {**VIDEOS, "rate": 20})
    video(tmp_path / "run_1.mp4", frames, rate=15)
    with pytest.raises(
        DataError, match=r"walk_1\.mp4: all videos have one rate, and run_1.mp4 has 15 .*one has 10; say"
    ):
        read(tmp_path, VIDEOS)
    assert read(tmp_path, {**VIDEOS, "rate": 7.1}).about.rate == 7.1
    (tmp_path / "run_1.mp4").write_bytes(b"no video")
    with pytest.raises(DataError, match=r"run_1\.mp4: cannot be read as a video"):
        read(tmp_path, VIDEOS)


@pytest.mark.parametrize(("library", "source"), [("PIL.Image", FOLDERS), ("av", VIDEOS)])
def test_without_its_library_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str, source: dict[str, Any]
) -> None:
    images(tmp_path / "walk_1", np.zeros((1, 3, 3)))
    (tmp_path / "walk_1.mp4").write_bytes(b"")
    monkeypatch.setitem(__import__("sys").modules, library, None)
    with pytest.raises(Refused, match=r"pip install 'rnnlib\[video\]'"):
        read(tmp_path, source)


def test_digits_move_straight_on_and_are_thrown_back() -> None:
    roles = {"series": "clip", "target": "frame"}
    source = {"kind": "moving_digits", "samples": 30, "length": 40}
    data = read(Path(), source, roles)
    frames = data.raw.reshape(30, 40, 16, 16)
    assert data.about.frame == (16, 16, 1)
    assert {len(np.unique(frame)) for frame in frames[0]} == {2}
    assert np.array_equal(frames.sum(axis=(2, 3)), np.repeat(frames[:, :1].sum(axis=(2, 3)), 40, 1)), "none leaves"
    rows = np.arange(16)[:, None]
    centre = (frames * rows).sum(axis=(2, 3)) / frames.sum(axis=(2, 3))
    speed = np.abs(np.diff(centre, axis=1)).round(6)
    assert set(np.unique(speed)) <= {0.0, 1.0, 2.0}
    assert [np.unique(one).size for one in speed].count(1) > 5, "the same speed all the way, but at a wall"
    assert not np.array_equal(read(Path(), {**source, "seed": 1}, roles).raw, data.raw)
    two = read(Path(), {**source, "digits": 2, "side": 20}, {**ROLES, "sample": "clip", "label": "digit"})
    assert two.sequences["label"].str.len_chars().to_list() == [2] * 30
    assert two.raw.sum() <= 30 * 40 * 2 * DIGITS.sum(axis=(1, 2)).max()


def test_frames_become_smaller_and_grey(tmp_path: Path) -> None:
    frames = DRAW.integers(0, 256, (2, 9, 6, 3))
    images(tmp_path / "walk_1", frames)
    data = read(tmp_path, {**FOLDERS, "colour": "rgb"})
    encoder = FrameSize(height=4, width=5, grey=True)
    made = encoded(data, (encoder.fit(data).model_dump(mode="json"),))
    assert (made.about.frame, made.raw.shape, made.lengths.tolist()) == ((4, 5, 1), (2, 20), [2])
    for frame, ours in zip(frames, made.raw, strict=True):
        grey = frame @ np.array([0.299, 0.587, 0.114])
        fine = grey.repeat(4, axis=0).repeat(5, axis=1).reshape(4, 9, 5, 6)  # every old pixel as 4 × 5 smaller ones
        np.testing.assert_allclose(ours.reshape(4, 5), fine.mean(axis=(1, 3)))


def test_a_pixel_is_missing_or_filled_where_one_that_it_covers_is() -> None:
    data = samples([0], lengths=[3], features=24)
    raw, observed = np.arange(72.0).reshape(3, 24), np.ones((3, 24), bool)
    observed[1, [0, 23]] = False
    raw[1, 23] = np.nan
    sized = FrameSize(of=(4, 6, 1), height=2, width=2).fit(data).apply(replace(data, raw=raw, observed=observed))
    assert np.flatnonzero(np.isnan(sized.raw)).tolist() == [7]
    assert sized.observed is not None
    assert np.flatnonzero(~sized.observed).tolist() == [4, 7]
    whole = FrameSize(of=(4, 6, 1), height=2, width=2).fit(data).apply(replace(data, raw=np.nan_to_num(raw)))
    assert np.array_equal(np.delete(sized.raw, 7), np.delete(whole.raw, 7))


def test_columns_are_frames_where_the_spec_says_so(tmp_path: Path) -> None:
    np.savez(tmp_path / "f.npz", x=np.arange(48).reshape(2, 2, 12), y=[1, 2])
    source = {"kind": "npz", "path": "f.npz", "arrays": {"frame": "x", "what": "y"}}
    data = read(tmp_path, source, {**ROLES, "sample": "sample"})
    with pytest.raises(Refused, match=r"no frames that the source knows: say with `of"):
        FrameSize().fit(data)
    with pytest.raises(Refused, match="frames of 2 × 2 pixels of 1 are 4 columns: received 12"):
        FrameSize(of=(2, 2, 1)).fit(data).apply(data)
    with pytest.raises(Refused, match="`grey` is made of red, green and blue: received 1 values a pixel"):
        FrameSize(of=(3, 4, 1), grey=True).fit(data)
    made = encoded(data, (FrameSize(of=(3, 4, 1)).fit(data).model_dump(mode="json"),))
    assert np.array_equal(made.raw, data.raw)
    assert shape_of(made, None).frame == (3, 4, 1)
    assert shape_of(data, None).frame is None


def test_the_layer_takes_its_frame_from_the_data() -> None:
    said, found = Frames(height=3, width=4, filters=(2,)), Frames(filters=(2,))
    flow = Flow(12, frame=(3, 4, 1))
    assert found.after(flow) == said.after(flow)
    for layer in (said, found):
        torch.manual_seed(0)
        given = layer.build(flow)(torch.arange(24.0).reshape(1, 2, 12))[0]
        assert given.shape == (1, 2, 8)
    with pytest.raises(ModelError, match="does not say that its steps are frames"):
        found.after(Flow(12))
    with pytest.raises(ModelError, match="a pixel of the data has 1 values: received 3"):
        Frames(filters=(2,), channels=3).after(flow)
    assert found.after(Flow(None)).width is None, "while only the spec is read"
    with pytest.raises(ValueError, match="received no `width`"):
        Frames(height=3)


@pytest.mark.parametrize("dtype", [np.uint16, np.int32, np.float32])
def test_pixels_of_more_than_8_bits_are_refused(tmp_path: Path, dtype: Any) -> None:
    """Pillow would cut them off at 255."""
    (tmp_path / "walk_1").mkdir()
    Image.fromarray(np.arange(16, dtype=dtype).reshape(4, 4) * 100).save(tmp_path / "walk_1" / "f0.tiff")
    with pytest.raises(DataError, match=r"walk_1/f0\.tiff.*of 8 bits.*save it with 8 bits"):
        read(tmp_path, {**FOLDERS, "path": "*/*.tiff"})


def test_a_file_of_several_images_is_refused(tmp_path: Path) -> None:
    (tmp_path / "walk_1").mkdir()
    one, *more = (Image.fromarray(DRAW.integers(0, 256, (4, 4)).astype(np.uint8)) for _ in range(3))
    one.save(tmp_path / "walk_1" / "f0.gif", save_all=True, append_images=more)
    with pytest.raises(DataError, match="a file holds one image, this one 3"):
        read(tmp_path, {**FOLDERS, "path": "*/*.gif"})


def test_a_video_whose_frames_change_their_size_is_refused_unless_they_are_scaled(tmp_path: Path) -> None:
    with (tmp_path / "walk_1.mjpeg").open("wb") as out:
        for side in (16, 32, 16):
            Image.fromarray(np.zeros((side, 16), np.uint8)).save(out, "JPEG")
    source = {"kind": "video", "path": "*.mjpeg", "named": "{what}_{take}.mjpeg"}
    with pytest.raises(DataError, match=r"one size, 16 × 16 at first: received 32 × 16; give `height`"):
        read(tmp_path, source)
    assert read(tmp_path, {**source, "height": 8, "width": 8}).lengths.tolist() == [3]
