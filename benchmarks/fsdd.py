"""The Free Spoken Digit Dataset: 3,000 recordings of ten digits by six speakers, a FLAC file for each.

Source: Z. Jackson et al., Free Spoken Digit Dataset, doi:10.5281/zenodo.1342401; CC BY-SA 4.0.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

RATE = 8000


def write(data: Path, folder: Path) -> None:
    """`{digit}_{speaker}_{index}.flac`, as the recordings are named where they come from; nothing is lost."""
    with np.load(data / "audio" / "fsdd" / "fsdd_8k_int16.npz") as held:
        clips = np.split(held["audio"], np.cumsum(held["length"])[:-1])
        names = zip(held["digit"], held["speakers"][held["speaker"]], held["index"], strict=True)
        folder.mkdir()
        for clip, name in zip(clips, names, strict=True):
            soundfile.write(folder / f"{'_'.join(map(str, name))}.flac", clip, RATE, subtype="PCM_16")
