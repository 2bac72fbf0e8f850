"""Frames of pixels: folders of images, and videos."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal, Self
from warnings import catch_warnings, simplefilter

import numpy as np
import polars as pl
from jaxtyping import UInt8
from numpy import ndarray
from pydantic import Field, model_validator

from rnnlib.data.arrays import Arrays
from rnnlib.data.frame_sides import refuse_one_side
from rnnlib.data.media.clips import ClipSource
from rnnlib.errors import DataError, Refused
from rnnlib.place import File

if TYPE_CHECKING:
    from PIL.Image import Image

MODES = {"grey": "L", "rgb": "RGB"}
"""Pillow's names of how a pixel is stored."""

_MOST = 1 << 20
"""Values of a frame: each is a column."""

_NUMBERS = re.compile(r"(\d+)")


class FrameSource(ClipSource):
    """Clips as sequences of frames, the columns `frame_0`, `frame_1`, …: rows of pixels, their channels together.

    Pixels are 0 to 255. A data set keeps them as float64: n frames of h × w × c pixels take 8 n h w c bytes.
    """

    block = "frame"
    height: int | None = Field(None, ge=1, le=4096, description="rows that a frame is scaled to; none for its own")
    width: int | None = Field(None, ge=1, le=4096, description="pixels of a row that a frame is scaled to")
    colour: Literal["grey", "rgb"] = Field("grey", description="one value a pixel, or red, green and blue")
    scaling: Literal["area", "bilinear"] = Field(
        "area", description="pixels of a scaled frame: the mean of those that they cover, or a weighted one"
    )

    @model_validator(mode="after")
    def _both_sides_or_none(self) -> Self:
        refuse_one_side(self.height, self.width)
        return self

    def read_clips(self, files: Sequence[File], whole: Mapping[str, pl.Series]) -> Arrays:
        """The frames of all clips. Raises `DataError` where a clip has another rate or size than the first."""
        clips = list(self.frames_of(files))
        size = clips[0][1].shape[1:]
        for file, frames, rate in clips:
            if rate != clips[0][2]:  # only of videos: images have none
                rule = f"all videos have one rate, and {clips[0][0].shown} has {clips[0][2]:g} frames a second"
                remedy = "say with `rate` how many are taken"
                raise DataError(f"{rule}: this one has {rate:g}; {remedy}", file=file.shown, at=("source", "rate"))
            if frames.shape[1:] != size:
                rule = f"all frames have one size, {size[0]} × {size[1]} in {clips[0][0].shown}"
                received = f"this clip has {frames.shape[1]} × {frames.shape[2]}"
                raise DataError(f"{rule}: {received}; give `height` and `width`", file=file.shown)
        return Arrays(
            {self.block: np.concatenate([frames.reshape(len(frames), -1) for _, frames, _ in clips])},
            whole,
            np.array([len(frames) for _, frames, _ in clips], np.int64),
            np.arange(len(files)) if len(files) == len(clips) else None,
            holds={self.block: "pixels"},
            rate=clips[0][2],
            frame=(size[0], size[1], size[2]),
        )

    @abstractmethod
    def frames_of(
        self, files: Sequence[File]
    ) -> Iterator[tuple[File, UInt8[ndarray, "frame height width channel"], float | None]]:
        """Of every clip its (first) file, its frames, and how many there are a second."""

    def scaled(self, image: Image) -> UInt8[ndarray, "height width channel"]:
        """An image in the colour and the size that are asked for.

        Raises `ValueError` for one that is too large, and for one whose pixels are not of 8 bits: they would be cut.
        """
        from PIL.Image import Resampling

        if image.mode.startswith(("I", "F")):
            rule = "pixels are 0 to 255, of 8 bits, and those of this image are wider"
            raise ValueError(f"{rule} (mode {image.mode}): save it with 8 bits")
        height, width = self.height or image.height, self.width or image.width
        if (values := height * width * len(MODES[self.colour])) > _MOST:
            raise ValueError(f"a frame has at most {_MOST:,} values, this one {values:,}: give `height` and `width`")
        image = image.convert(MODES[self.colour])
        if self.height is not None and self.width is not None:
            filters = {"area": Resampling.BOX, "bilinear": Resampling.BILINEAR}
            image = image.resize((self.width, self.height), filters[self.scaling])
        return np.asarray(image, np.uint8).reshape(image.height, image.width, -1)


class Frames(FrameSource):
    """Folders of images (png, jpeg, …): each folder is a clip, its images in the order of their numbers."""

    kind: Literal["frames"] = "frames"

    def clips(self, files: Sequence[File]) -> list[str]:
        """The names of the folders."""
        return [folder for folder, _ in _folders(files)]

    def frames_of(
        self, files: Sequence[File]
    ) -> Iterator[tuple[File, UInt8[ndarray, "frame height width channel"], float | None]]:
        """The images of every folder."""
        for folder, images in _folders(files):
            read = [self._read(file) for file in images]
            for file, image in zip(images, read, strict=True):
                if image.shape != read[0].shape:
                    rule = f"all frames of a clip have one size, {read[0].shape[0]} × {read[0].shape[1]} in {folder}"
                    received = f"this one has {image.shape[0]} × {image.shape[1]}"
                    raise DataError(f"{rule}: {received}; give `height` and `width`", file=file.shown)
            yield images[0], np.stack(read), None

    def _read(self, file: File) -> UInt8[ndarray, "height width channel"]:
        try:
            from PIL.Image import DecompressionBombError, DecompressionBombWarning
            from PIL.Image import open as opened
        except ModuleNotFoundError as error:
            raise _without("Pillow", "images") from error
        try:
            with catch_warnings():
                simplefilter("error", DecompressionBombWarning)
                with opened(file.path) as image:
                    if (count := getattr(image, "n_frames", 1)) > 1:
                        raise ValueError(f"a file holds one image, this one {count}: save each in a file of its own")
                    return self.scaled(image)
        except (OSError, SyntaxError, ValueError, DecompressionBombError, DecompressionBombWarning) as error:
            raise DataError(f"cannot be read as an image (png, jpeg, …): {error}", file=file.shown) from error


class Video(FrameSource):
    """Videos (mp4, webm, avi, …): each is a clip."""

    kind: Literal["video"] = "video"
    rate: float | None = Field(
        None, gt=0, le=1000, description="frames that are taken of each second; without it all of them"
    )

    def frames_of(
        self, files: Sequence[File]
    ) -> Iterator[tuple[File, UInt8[ndarray, "frame height width channel"], float | None]]:
        """The frames of every video."""
        for file in files:
            frames, rate = self._read(file)
            yield file, frames, rate

    def _read(self, file: File) -> tuple[UInt8[ndarray, "frame height width channel"], float]:
        try:
            import av
        except ModuleNotFoundError as error:
            raise _without("PyAV", "videos") from error
        try:
            with av.open(str(file.path)) as video:
                stream = video.streams.video[0]
                own = float(stream.average_rate or 1)
                step = 1.0 if self.rate is None else own / self.rate
                if step < 1:
                    rule = f"{self.rate:g} frames a second are asked for, and the video has {own:g}"
                    raise DataError(f"{rule}: ask for fewer", file=file.shown, at=("source", "rate"))
                taken: list[UInt8[ndarray, "height width channel"]] = []
                for number, frame in enumerate(video.decode(stream)):
                    if number >= len(taken) * step:
                        taken.append(self.scaled(frame.to_image()))  # type: ignore[no-untyped-call]
        except (av.error.FFmpegError, IndexError, OSError, ValueError) as error:
            if isinstance(error, DataError):
                raise
            raise DataError(f"cannot be read as a video (mp4, webm, …): {error}", file=file.shown) from error
        if not taken:
            raise DataError("the video holds no frames: leave it out", file=file.shown)
        if odd := next((one.shape for one in taken if one.shape != taken[0].shape), None):
            rule = f"all frames of a video have one size, {taken[0].shape[0]} × {taken[0].shape[1]} at first"
            raise DataError(f"{rule}: received {odd[0]} × {odd[1]}; give `height` and `width`", file=file.shown)
        return np.stack(taken), own if self.rate is None else self.rate


def _folders(files: Sequence[File]) -> list[tuple[str, list[File]]]:
    """The folders in the order of their names, and the images of each in the order of their numbers."""
    ordered = sorted(files, key=lambda file: (str(PurePosixPath(file.shown).parent), _numbered(file.shown)))
    by_folder = groupby(ordered, lambda file: str(PurePosixPath(file.shown).parent))
    return [(folder, list(images)) for folder, images in by_folder]


def _numbered(path: str) -> list[tuple[int, str]]:
    """`frame_10` behind `frame_2`."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in _NUMBERS.split(PurePosixPath(path).name)]


def _without(library: str, what: str) -> Refused:
    rule = f"{what} are read by {library}, which is not installed"
    return Refused(f"{rule}: pip install 'rnnlib[video]'", at=("source", "kind"))
