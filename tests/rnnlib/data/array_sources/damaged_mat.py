"""Reads a MATLAB file damaged in a few hundred ways; run by itself, so that a crash of the reader ends this process."""

import io
import random
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from scipy.io import savemat
from scipy.sparse import csc_array

from rnnlib.data.array_sources.mat import Mat
from rnnlib.errors import DataError
from rnnlib.place import File


def whole(*, compressed: bool) -> bytes:
    """A file with everything that MATLAB's files hold."""
    cells = np.empty((1, 3), object)
    cells[:] = [[np.ones((2, 1)), np.ones((3, 1), np.int16), np.ones((1, 1))]]
    content = {"x": cells, "y": np.array([[1.0, 2]]), "c": np.array([[1 + 2j]]), "t": "text", "l": np.array([True])}
    more: dict[str, Any] = {
        "s": {"field": 1.0, "other": "a"},
        "e": np.empty((0, 0)),
        "p": csc_array(np.eye(2)),
        "wide": np.arange(40.0).reshape(2, 4, 5),
    }
    savemat(out := io.BytesIO(), {**content, **more}, do_compression=compressed)
    return out.getvalue()


def damaged(good: bytes, draw: random.Random) -> bytes:
    """Some bytes changed, or the end left out."""
    if draw.random() < 0.2:
        return good[: draw.randrange(len(good))]
    out = bytearray(good)
    for _ in range(draw.choice([1, 1, 3])):
        out[draw.randrange(128 if draw.random() < 0.95 else 0, len(out))] = draw.choice([draw.randrange(256), 0, 255])
    return bytes(out)


def main(path: Path, tries: int) -> None:
    """Prints how many files were read and how many refused."""
    warnings.simplefilter("ignore")
    source = Mat(path="f.mat", arrays={"x": "x", "y": "y"})
    draw, read, refused = random.Random(1), 0, 0
    for good in (whole(compressed=False), whole(compressed=True)):
        path.write_bytes(good)
        assert set(source.held([File("f.mat", path)], ["x", "y"])) == {"x", "y"}
        for _ in range(tries):
            path.write_bytes(damaged(good, draw))
            try:
                source.held([File("f.mat", path)], ["x", "y"])
                read += 1
            except DataError:
                refused += 1
    print(read, refused)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
