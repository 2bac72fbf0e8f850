"""Augmentations of the train part: vectorised over the batch, every draw from a generator that is passed in."""

from __future__ import annotations

from typing import Annotated

from rnnlib.data.augmentations.base import Augmentation
from rnnlib.data.augmentations.channel_rotation import ChannelRotation
from rnnlib.data.augmentations.jitter import Jitter
from rnnlib.data.augmentations.scaling import Scaling
from rnnlib.data.augmentations.sign_flip import SignFlip
from rnnlib.data.augmentations.window_slice import WindowSlice
from rnnlib.data.augmentations.windows import WindowColumns, Windows
from rnnlib.part import Family

AnyAugmentation = Annotated[Jitter | Scaling | SignFlip | ChannelRotation | WindowSlice, Family("augmentation")]

__all__ = [
    "AnyAugmentation", "Augmentation", "ChannelRotation", "Jitter", "Scaling", "SignFlip", "WindowColumns",
    "WindowSlice", "Windows",
]  # fmt: skip
