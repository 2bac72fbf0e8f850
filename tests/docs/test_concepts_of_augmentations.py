"""The pictures of the pages of augmentations are drawn by the code that they show."""

import importlib.util
from pathlib import Path

import matplotlib
import pytest

from rnnlib.data.augmentations import AnyAugmentation
from tests.rnnlib.families import members

CONCEPTS = Path(__file__).parents[2] / "docs" / "concepts"
_spec = importlib.util.spec_from_file_location("draw_augmentations", CONCEPTS / "draw_augmentations.py")
drawing = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(drawing)
ALREADY = {"jitter", "scaling", "sign_flip", "channel_rotation", "window_slice"}  # drawn from the shipped data


def test_every_augmentation_is_drawn():
    assert set(drawing.PICTURES) | ALREADY == set(members(AnyAugmentation))


@pytest.mark.parametrize("name", sorted(drawing.PICTURES))
def test_a_picture_is_small_and_drawn_by_the_script(name):
    file = CONCEPTS / f"{name}.svg"
    assert 0 < file.stat().st_size < 40_000
    if matplotlib.__version__ != "3.11.2":
        pytest.skip("the pictures were drawn with another version of matplotlib")
    assert drawing.svg(drawing.PICTURES[name]) == file.read_text()
