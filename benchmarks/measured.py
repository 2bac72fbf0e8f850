"""Data sets that are read from the folder of benchmark data, in the long form that specs read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
from scipy.io import loadmat

from benchmarks.m4 import hourly

SIDE = 28
MNIST_TEST = 10_000
MNIST_VALIDATION = 5_000
PARTS = {"traindata": "train", "validdata": "validation", "testdata": "test"}


def m4_hourly(data: Path) -> pl.DataFrame:
    """series, hour (counted from 0), value; the official test rows stand at each series' end."""
    series = hourly(data)
    whole = [np.concatenate(pair) for pair in zip(series.train, series.test, strict=True)]
    return pl.DataFrame(
        {
            "series": np.repeat(np.array(series.names), [len(values) for values in whole]),
            "hour": np.concatenate([np.arange(len(values)) for values in whole]),
            "value": np.concatenate(whole),
        }
    )


def mnist_rows(data: Path) -> pl.DataFrame:
    """image, row, p0 … p27 (0 to 255), digit, part; the last 5,000 train images are for validation."""
    return _mnist(data, SIDE)


def mnist_pixels(data: Path) -> pl.DataFrame:
    """image, row (the number of the pixel), p0, digit, part."""
    return _mnist(data, 1)


def _mnist(data: Path, width: int) -> pl.DataFrame:
    with np.load(data / "image" / "mnist" / "mnist.npz") as file:
        images = np.concatenate([file["x_train"], file["x_test"]])
        digits = np.concatenate([file["y_train"], file["y_test"]])
    steps, train = SIDE * SIDE // width, len(images) - MNIST_TEST - MNIST_VALIDATION
    parts = np.repeat(["train", "validation", "test"], [train, MNIST_VALIDATION, MNIST_TEST])
    pixels = images.reshape(len(images) * steps, width)
    return pl.DataFrame(
        {
            "image": np.repeat(np.arange(len(images), dtype=np.int32), steps),
            "row": np.tile(np.arange(steps, dtype=np.int16), len(images)),
            **{f"p{column}": np.ascontiguousarray(pixels[:, column]) for column in range(width)},
            "digit": np.repeat(digits.astype(np.uint8), steps),
            "part": np.repeat(parts, steps),
        }
    )


def jsb_chorales(data: Path) -> pl.DataFrame:
    """chorale, frame, n0 … n87 (the keys that sound), part; what is told of a frame are the keys of the next."""
    rolls = loadmat(str(data / "music" / "JSB_Chorales" / "JSB_Chorales.mat"))
    frames, number = [], 0
    for name, part in PARTS.items():
        for roll in rolls[name].ravel():
            keys = {f"n{key}": np.ascontiguousarray(roll[:, key]) for key in range(roll.shape[1])}
            length = len(roll)
            names = {"chorale": np.full(length, number), "frame": np.arange(length), "part": np.full(length, part)}
            frames.append(pl.DataFrame({**names, **keys}))
            number += 1
    return pl.concat(frames)
