"""Makes `spoken-digits/`: the ten English digits as a speech synthesiser says them, in several voices.

`pip install espeakng-loader==0.2.4 soundfile scipy`, then `python pipelines/data/make_spoken.py [FOLDER]`. No test runs
it: the synthesiser is needed for nothing else. What it says is not random: the same version says the same again.
"""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path
from typing import NamedTuple

import espeakng_loader
import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy.signal import resample_poly

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


class Voice(NamedTuple):
    """Who speaks: a language or dialect, a variant of the voice, words a minute and a pitch (0 to 99)."""

    name: str
    speed: int
    pitch: int


VOICES = {
    "annie": Voice("en-us+Annie", 150, 55),
    "gene": Voice("en-us+Gene", 165, 40),
    "michael": Voice("en+Michael", 140, 45),
    "linda": Voice("en+linda", 160, 60),
    "max": Voice("en-gb-scotland+max", 150, 35),
    "steph": Voice("en-gb-scotland+steph", 170, 50),
    "f2": Voice("en-gb-x-rp+f2", 145, 65),
    "m3": Voice("en-gb-x-rp+m3", 175, 40),
    "m7": Voice("en-gb-x-gbclan+m7", 155, 30),
    "f4": Voice("en-gb-x-gbclan+f4", 165, 55),
    "adam": Voice("en-029+adam", 150, 45),
    "anika": Voice("en-us-nyc+anika", 160, 70),
}
TAKES = ((1.0, 0), (1.2, 8))
"""Every voice says each digit twice: as it is, and faster and higher."""

RATE = 8000
LOUD = 0.6
ENCODED = {"subtype": "OPUS", "compression_level": 0.98}
"""Some 25 kbit a second."""

_SYNCHRONOUS, _SPEED, _PITCH, _UTF8 = 2, 1, 3, 1
_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


def main() -> None:
    """Writes `{digit}_{voice}_{take}.ogg` for all of them into the folder that is named, else beside this script."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "spoken-digits"
    folder.mkdir(exist_ok=True)
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    rate = library.espeak_Initialize(_SYNCHRONOUS, 0, espeakng_loader.get_data_path().encode(), 0)
    for name, voice in VOICES.items():
        for take, (faster, higher) in enumerate(TAKES):
            said = voice._replace(speed=round(voice.speed * faster), pitch=voice.pitch + higher)
            for digit, word in enumerate(DIGITS):
                sound = resample_poly(_trimmed(_spoken(library, said, word)), RATE, rate)
                sound *= LOUD / np.abs(sound).max()
                soundfile.write(folder / f"{digit}_{name}_{take}.ogg", sound, RATE, **ENCODED)


def _spoken(library: ctypes.CDLL, voice: Voice, word: str) -> NDArray[np.float64]:
    """The samples of one word. Raises `ValueError` where the synthesiser has no such voice."""
    pieces: list[NDArray[np.float64]] = []

    def heard(samples: ctypes._Pointer[ctypes.c_short], count: int, _events: int) -> int:
        if samples and count:
            pieces.append(np.ctypeslib.as_array(samples, (count,)) / 32768)
        return 0

    callback = _CALLBACK(heard)
    library.espeak_SetSynthCallback(callback)
    if library.espeak_SetVoiceByName(voice.name.encode()) != 0:
        raise ValueError(f"there is no voice {voice.name}")
    library.espeak_SetParameter(_SPEED, voice.speed, 0)
    library.espeak_SetParameter(_PITCH, voice.pitch, 0)
    text = word.encode()
    library.espeak_Synth(text, len(text) + 1, 0, 0, 0, _UTF8, None, None)
    library.espeak_Synchronize()
    return np.concatenate(pieces)


def _trimmed(sound: NDArray[np.float64]) -> NDArray[np.float64]:
    """Without the silence before and behind it, but for a little."""
    (loud,) = np.nonzero(np.abs(sound) > 0.01 * np.abs(sound).max())
    return sound[max(0, loud[0] - 500) : loud[-1] + 1000]


if __name__ == "__main__":
    main()
