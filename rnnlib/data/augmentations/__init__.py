"""Augmentations of the train part: vectorised over the batch, every draw from a generator that is passed in."""

from __future__ import annotations

from typing import Annotated

from rnnlib.data.augmentations.band_mask import BandMask
from rnnlib.data.augmentations.base import Augmentation
from rnnlib.data.augmentations.brightness import Brightness
from rnnlib.data.augmentations.channel_rotation import ChannelRotation
from rnnlib.data.augmentations.crop import Crop
from rnnlib.data.augmentations.cutmix import CutMix
from rnnlib.data.augmentations.frame_crop import FrameCrop
from rnnlib.data.augmentations.frame_flip import FrameFlip
from rnnlib.data.augmentations.frame_rotation import FrameRotation
from rnnlib.data.augmentations.frame_scaling import FrameScaling
from rnnlib.data.augmentations.frequency_mask import FrequencyMask
from rnnlib.data.augmentations.frequency_mix import FrequencyMix
from rnnlib.data.augmentations.gain import Gain
from rnnlib.data.augmentations.jitter import Jitter
from rnnlib.data.augmentations.magnitude_warp import MagnitudeWarp
from rnnlib.data.augmentations.mixup import Mixup
from rnnlib.data.augmentations.moving_block_bootstrap import MovingBlockBootstrap
from rnnlib.data.augmentations.noise import Noise
from rnnlib.data.augmentations.permutation import Permutation
from rnnlib.data.augmentations.scaling import Scaling
from rnnlib.data.augmentations.shift import Shift
from rnnlib.data.augmentations.sign_flip import SignFlip
from rnnlib.data.augmentations.spawner import Spawner
from rnnlib.data.augmentations.speed import Speed
from rnnlib.data.augmentations.synonyms import Synonyms
from rnnlib.data.augmentations.temporal_jitter import TemporalJitter
from rnnlib.data.augmentations.time_flip import TimeFlip
from rnnlib.data.augmentations.time_mask import TimeMask
from rnnlib.data.augmentations.time_warp import TimeWarp
from rnnlib.data.augmentations.token_dropout import TokenDropout
from rnnlib.data.augmentations.token_mask import TokenMask
from rnnlib.data.augmentations.token_swap import TokenSwap
from rnnlib.data.augmentations.window_slice import WindowSlice
from rnnlib.data.augmentations.window_warp import WindowWarp
from rnnlib.data.augmentations.windows import WindowColumns, Windows
from rnnlib.part import Family

AnyAugmentation = Annotated[
    # series
    Jitter
    | Scaling
    | SignFlip
    | ChannelRotation
    | TimeFlip
    | Permutation
    | MagnitudeWarp
    | TimeWarp
    | WindowSlice
    | WindowWarp
    | Crop
    | Mixup
    | CutMix
    | Spawner
    | FrequencyMask
    | FrequencyMix
    | MovingBlockBootstrap
    # texts
    | TokenDropout
    | TokenMask
    | TokenSwap
    | Synonyms
    # recordings and their spectra
    | Noise
    | Gain
    | Shift
    | Speed
    | TimeMask
    | BandMask
    # frames
    | FrameRotation
    | FrameFlip
    | FrameScaling
    | FrameCrop
    | Brightness
    | TemporalJitter,
    Family("augmentation"),
]

__all__ = [
    "AnyAugmentation", "Augmentation", "BandMask", "Brightness", "ChannelRotation", "Crop", "CutMix", "FrameCrop",
    "FrameFlip", "FrameRotation", "FrameScaling", "FrequencyMask", "FrequencyMix", "Gain", "Jitter", "MagnitudeWarp",
    "Mixup", "MovingBlockBootstrap", "Noise", "Permutation", "Scaling", "Shift", "SignFlip", "Spawner", "Speed",
    "Synonyms", "TemporalJitter", "TimeFlip", "TimeMask", "TimeWarp", "TokenDropout", "TokenMask", "TokenSwap",
    "WindowColumns", "WindowSlice", "WindowWarp", "Windows",
]  # fmt: skip
