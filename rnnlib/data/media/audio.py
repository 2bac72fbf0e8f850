"""Recordings of sound."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import gcd
from typing import Literal, NamedTuple

import numpy as np
import polars as pl
from jaxtyping import Bool, Float64
from numpy import ndarray
from pydantic import Field

from rnnlib.data.arrays import Arrays
from rnnlib.data.media.clips import ClipSource
from rnnlib.errors import DataError, Refused
from rnnlib.place import File

_FULL = 1 - 2**-15
"""The largest sample that 16 bits hold."""

_BEYOND = 2.0
"""A sample is between −1 and 1; what was resampled may ring beyond that, but not so far."""

_UNTOLD = 0x7FFF_0000
"""Bytes: a size from here on is none, but what stands where a recorder did not know it."""

_IN_A_ROW = 4
"""Samples at full scale, one after another: music and speech that is not clipped has no such plateau."""


class Audio(ClipSource):
    """Recordings (wav, flac, ogg, …) as sequences of samples between −1 and 1, the column `audio`.

    All have one rate: that of the files, or `rate`, to which they are then brought by polyphase filtering
    (`scipy.signal.resample_poly`, a Kaiser window with β = 5).
    """

    kind: Literal["audio"] = "audio"
    block = "audio"
    rate: int | None = Field(None, ge=100, le=1_000_000, description="samples a second; without it the files' own")
    channel: int | None = Field(None, ge=1, le=1024, description="the channel, from 1; without it the mean of all")
    clipped: Literal["refuse", "keep"] = Field(
        "refuse", description="what becomes of a recording with four samples or more in a row at full scale"
    )

    def read_clips(self, files: Sequence[File], whole: Mapping[str, pl.Series]) -> Arrays:
        """The samples of all recordings."""
        read = [self._read(file) for file in files]
        for file, one in zip(files, read, strict=True):
            if one.rate != read[0].rate:
                rule = f"all recordings have one rate, and {files[0].shown} has {read[0].rate} Hz"
                remedy = "say with `rate` to which they are to be brought"
                raise DataError(f"{rule}: this one has {one.rate} Hz; {remedy}", file=file.shown, at=("source", "rate"))
        kept = sum(one.clipped for one in read)
        return Arrays(
            {self.block: np.concatenate([one.samples for one in read])[:, None]},
            whole,
            np.array([len(one.samples) for one in read], np.int64),
            np.arange(len(files)),
            holds={self.block: "samples"},
            rate=float(read[0].rate),
            repairs={"clipped recordings kept": kept} if kept else {},
        )

    def _read(self, file: File) -> _Recording:
        sound, rate = _decoded(file)
        if self.channel is not None and self.channel > sound.shape[1]:
            rule = f"channel {self.channel} is asked for, and this recording has {sound.shape[1]}"
            raise DataError(f"{rule}: write another, or leave it out", file=file.shown, at=("source", "channel"))
        clipped = bool(_plateau(np.abs(sound) >= _FULL))
        if clipped and self.clipped == "refuse":
            rule = f"the recording is clipped: {_IN_A_ROW} samples or more in a row stand at full scale"
            remedy = "record it softer, leave it out, or write `clipped: keep`"
            raise DataError(f"{rule}; {remedy}", file=file.shown, at=("source", "clipped"))
        mono = sound.mean(axis=1) if self.channel is None else sound[:, self.channel - 1]
        return _Recording(_at_rate(mono, rate, self.rate or rate), self.rate or rate, clipped)


class _Recording(NamedTuple):
    samples: Float64[ndarray, " time"]
    rate: int
    clipped: bool


def _decoded(file: File) -> tuple[Float64[ndarray, "time channel"], int]:
    """All samples, and their rate. Raises `DataError` for a file that is empty, damaged, or holds no sound."""
    try:
        import soundfile
    except ModuleNotFoundError as error:
        raise Refused(
            "recordings are read by soundfile, which is not installed: pip install 'rnnlib[audio]'"
        ) from error
    try:
        sound, rate = soundfile.read(file.path, dtype="float64", always_2d=True)
    except (soundfile.LibsndfileError, RuntimeError, OSError, ValueError) as error:
        what = "is empty" if file.path.stat().st_size == 0 else "cannot be read as a recording (wav, flac, ogg, …)"
        raise DataError(f"the file {what}: {error}", file=file.shown) from error
    except MemoryError as error:
        rule = "the file tells of more samples than memory holds: it is damaged, or to be cut"
        raise DataError(rule, file=file.shown) from error
    if not len(sound):
        raise DataError("the recording holds no samples: leave it out", file=file.shown)
    _refuse_cut_off(file)
    if (most := float(np.abs(sound).max())) > _BEYOND and np.isfinite(most):
        rule = "samples are between −1 and 1"
        remedy = "write it again, divided by the largest that there may be (32768 of 16 bits)"
        raise DataError(f"{rule}: received one of {most:.4g}; {remedy}", file=file.shown)
    if not np.isfinite(sound).all():
        raise DataError("the recording holds samples that are no finite numbers: write it again", file=file.shown)
    return sound, int(rate)


def _refuse_cut_off(file: File) -> None:
    """Raises `DataError` for a wav file that ends before its samples do, which would be read as a shorter one.

    A recorder that was never told to stop, or that writes to a pipe, leaves 0 or the greatest number for the size.

    Source: IBM and Microsoft 1991, "Multimedia Programming Interface and Data Specifications 1.0": chunks of RIFF.
    """
    with file.path.open("rb") as stream:
        head = stream.read(12)
        if head[:4] != b"RIFF" or head[8:] != b"WAVE":
            return
        whole = file.path.stat().st_size
        while len(tag := stream.read(8)) == 8:
            size, start = int.from_bytes(tag[4:], "little"), stream.tell()
            if tag[:4] == b"data":
                if size < _UNTOLD and start + size > whole:
                    rule = f"the recording is to have {size} bytes of samples, and the file ends after {whole - start}"
                    raise DataError(f"{rule}: copy it again, or leave it out", file=file.shown)
                return
            stream.seek(start + size + size % 2)


def _plateau(full: Bool[ndarray, "time channel"]) -> bool:
    """Whether a channel stays at full scale for several samples."""
    run = full[: len(full) - _IN_A_ROW + 1]
    for ahead in range(1, _IN_A_ROW):
        run = run & full[ahead : ahead + len(run)]
    return len(full) >= _IN_A_ROW and bool(run.any())


def _at_rate(samples: Float64[ndarray, " time"], rate: int, wanted: int) -> Float64[ndarray, " time_"]:
    if rate == wanted:
        return samples
    from scipy.signal import resample_poly  # lazy: `rnn check` reads no data

    common = gcd(rate, wanted)
    made: Float64[ndarray, " time_"] = resample_poly(samples, wanted // common, rate // common)
    return made
