"""Recordings, images and videos whose bytes are damaged are read, or refused with the name of their file."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from PIL import Image

from rnnlib.data.loading import load
from rnnlib.data.loading.reading import Reading
from rnnlib.errors import DataError
from rnnlib.place import Place
from tests.rnnlib.data.media.test_frames import images, video

DRAW = np.random.default_rng(0)
TIMES, HEADER = 60, 120


def recording(file: Path) -> None:
    soundfile.write(file, 0.4 * np.sin(np.arange(600)), 8000)


def image(file: Path) -> None:
    images(file.parent, DRAW.integers(0, 256, (1, 12, 12)))
    if file.suffix != ".png":
        Image.open(file.with_suffix(".png")).save(file)
        file.with_suffix(".png").unlink()


def film(file: Path) -> None:
    video(file, DRAW.integers(0, 256, (3, 16, 16, 3)))


MEDIA: dict[str, tuple[str, str, Callable[[Path], None]]] = {
    "clip.wav": ("audio", "audio", recording),
    "clip.flac": ("audio", "audio", recording),
    "clip.ogg": ("audio", "audio", recording),
    "clip/f0.png": ("frames", "frame", image),
    "clip/f0.jpg": ("frames", "frame", image),
    "clip.mp4": ("video", "frame", film),
}


def damaged(content: bytes, seed: int) -> Iterator[bytes]:
    """Its beginnings, and itself with other bytes in its header, or anywhere."""
    draw = random.Random(seed)
    for number in range(TIMES):
        at, bent = draw.randrange(len(content)), bytearray(content)
        for _ in range(draw.choice((1, 2, 8))):
            bent[draw.randrange(min(HEADER, len(content)) if number % 2 else len(content))] = draw.choice(
                (0, 255, at % 256)
            )
        yield content[:at] if number % 3 == 0 else bytes(bent)


@pytest.mark.parametrize("name", MEDIA)
def test_damage_is_refused_by_name_or_does_not_matter(tmp_path: Path, name: str) -> None:
    kind, block, write = MEDIA[name]
    file = tmp_path / name
    write(file)
    source: dict[str, Any] = {"kind": kind, "path": name}
    section = Reading.model_validate({"source": source, "roles": {"series": "file", "target": block}})
    place = Place(tmp_path, tmp_path)
    good, refused = load(section, place), list[str]()
    for content in damaged(file.read_bytes(), seed=len(name)):
        file.write_bytes(content)
        try:
            data = load(section, place)
        except DataError as error:
            refused.append(str(error))
        else:
            assert np.isfinite(data.raw).all()
            assert data.about.columns[0].name == good.about.columns[0].name
    assert len(refused) > TIMES / 10
    assert [message for message in refused if name not in message] == []


def test_a_header_that_tells_of_more_than_can_be_held_is_refused(tmp_path: Path) -> None:
    recording(tmp_path / "a.flac")
    content = bytearray((tmp_path / "a.flac").read_bytes())
    content[22:26] = b"\xff" * 4  # the lower bits of how many samples there are
    content[21] |= 15
    (tmp_path / "a.flac").write_bytes(bytes(content))
    (tmp_path / "large").mkdir()
    Image.new("L", (1200, 900)).save(tmp_path / "large" / "f0.png")
    for source, block, message in (
        ({"kind": "audio", "path": "a.flac"}, "audio", r"a\.flac: .*(more samples than memory holds|cannot be read)"),
        ({"kind": "frames", "path": "large/*"}, "frame", r"large/f0\.png: .*1,048,576 values, this one 1,080,000"),
    ):
        section = Reading.model_validate({"source": source, "roles": {"series": "file", "target": block}})
        with pytest.raises(DataError, match=message):
            load(section, Place(tmp_path, tmp_path))
