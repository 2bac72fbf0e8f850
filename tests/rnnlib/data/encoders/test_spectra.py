"""Log-mel spectra and cepstra against librosa; ragged and very short recordings; rates that do not fit."""

from dataclasses import replace
from typing import Any

import librosa
import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from rnnlib.data.about import Column
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.data.encoders import AnySpectrum, encoded
from rnnlib.data.encoders.log_mel import LogMel
from rnnlib.data.encoders.mel import mel_filters
from rnnlib.data.encoders.mfcc import Mfcc
from rnnlib.errors import Refused
from tests.rnnlib.data.made import samples
from tests.rnnlib.families import members

RATE = 8000.0


def recordings(*lengths: int, seed: int = 0, rate: float = RATE) -> DataSet:
    draw, data = np.random.default_rng(seed), samples(range(len(lengths)), lengths=lengths, features=1)
    raw = np.concatenate([np.cumsum(draw.normal(0, 0.05, length)) % 1 - 0.5 for length in lengths])[:, None]
    column = Column(name="audio", role="features", holds="samples")
    return replace(data.with_about(columns=(column,), rate=rate), raw=raw)


def of(encoder: Any, data: DataSet) -> DataSet:
    return encoded(data, (encoder.fit(data).model_dump(mode="json"),))


def librosa_s(sound: np.ndarray, window: int, hop: int, bands: int, **form: Any) -> np.ndarray:
    points = 1 << (window - 1).bit_length()
    power = librosa.feature.melspectrogram(
        y=sound, sr=RATE, n_fft=points, win_length=window, hop_length=hop, n_mels=bands, pad_mode="constant", **form
    )
    return np.log(np.maximum(power, 1e-10)).T


@pytest.mark.parametrize("scale", ["slaney", "htk"])
def test_filters_are_librosa_s(scale: str) -> None:
    ours = mel_filters(RATE, 256, 26, scale=scale, lowest=50.0, highest=3800.0)
    theirs = librosa.filters.mel(
        sr=RATE, n_fft=256, n_mels=26, fmin=50, fmax=3800, htk=scale == "htk", dtype=np.float64
    )
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)


@pytest.mark.filterwarnings("ignore:n_fft=256 is too large")
@pytest.mark.parametrize(
    ("fields", "window", "hop", "form"),
    [
        ({}, 200, 80, {}),
        ({"window": 256, "hop": 100, "scale": "htk", "lowest": 60.0, "highest": 3600.0}, 256, 100,
         {"htk": True, "fmin": 60, "fmax": 3600}),
    ],
)  # fmt: skip
def test_log_mel_is_librosa_s_recording_by_recording(
    fields: dict[str, Any], window: int, hop: int, form: dict[str, Any]
) -> None:
    data = recordings(4000, 150, 2399, 1)
    made = of(LogMel(bands=26, **fields), data)
    assert made.lengths.tolist() == [1 + length // hop for length in (4000, 150, 2399, 1)]
    for number, (start, end) in enumerate(zip(made.offsets[:-1], made.offsets[1:], strict=True)):
        sound = data.raw[data.offsets[number] : data.offsets[number + 1], 0]
        theirs = librosa_s(sound, window, hop, 26, **form)
        np.testing.assert_allclose(made.raw[start:end], theirs, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("kind", members(AnySpectrum))
def test_no_frame_of_train_hears_a_later_part(kind: str) -> None:
    data = recordings(4000, 1600)
    part = np.repeat([0, 1, 2, 0, 2], [2400, 805, 795, 800, 800]).astype(np.int8)
    encoder = TypeAdapter[Any](AnySpectrum).validate_python({"kind": kind, "deltas": 1, "bands": 26})
    one = of(encoder, replace(data, part=part))
    other = of(encoder, replace(data, part=part, raw=np.where(part[:, None] == PartOf.train, data.raw, 0.1)))
    assert one.lengths.tolist() == [31 + 11 + 10, 11 + 11]
    train = one.rows_of(PartOf.train)
    assert train.sum() == 31 + 11
    assert np.array_equal(one.raw[train], other.raw[train])
    assert not np.array_equal(one.raw, other.raw)


def test_coefficients_and_their_slopes_are_librosa_s() -> None:
    data = recordings(4000, 2400)
    made = of(Mfcc(bands=26, coefficients=13, deltas=2), data)
    for number, (start, end) in enumerate(zip(made.offsets[:-1], made.offsets[1:], strict=True)):
        sound = data.raw[data.offsets[number] : data.offsets[number + 1], 0]
        still = librosa.feature.mfcc(S=librosa_s(sound, 200, 80, 26).T, n_mfcc=13)
        speed = librosa.feature.delta(still, width=5, mode="nearest")
        change = librosa.feature.delta(speed, width=5, mode="nearest")
        np.testing.assert_allclose(made.raw[start:end], np.concatenate([still, speed, change]).T, rtol=1e-4, atol=1e-6)


def test_what_the_data_set_says_of_itself() -> None:
    data = recordings(800, 400)
    parts = replace(data, part=np.repeat(np.array([0, 2], np.int8), [800, 400]))
    made = of(Mfcc(coefficients=2, bands=8, deltas=1), parts)
    assert [column.name for column in made.about.columns] == ["mfcc_0", "mfcc_1", "delta_mfcc_0", "delta_mfcc_1"]
    assert {column.holds for column in made.about.columns} == {"numbers"}
    assert made.about.rate == 100
    assert made.part.tolist() == [PartOf.train] * 11 + [PartOf.test] * 6
    assert made.sequences.equals(data.sequences)


@pytest.mark.parametrize("kind", sorted(members(AnySpectrum)))
def test_a_recording_s_features_are_its_own(kind: str) -> None:
    encoder = members(AnySpectrum)[kind](bands=8, **({"coefficients": 4} if kind == "mfcc" else {}))
    alone, beside = of(encoder, recordings(700)), of(encoder, recordings(700, 3000))
    assert np.array_equal(alone.raw, beside.raw[: alone.rows])


def test_silence_is_the_floor() -> None:
    data = replace(recordings(400), raw=np.zeros((400, 1)))
    assert np.allclose(of(LogMel(bands=8, floor=1e-3), data).raw, np.log(1e-3))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"bands": 300}, "of 300 bands are narrower"),
        ({"highest": 5000.0}, "holds frequencies up to 4000 Hz"),
        ({"lowest": 4000.0}, "received 4000 to 4000 Hz"),
        ({"hop": "0.1ms"}, "two samples or more"),
    ],
)
def test_what_does_not_fit_the_rate_is_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(Refused, match=message):
        LogMel(**fields).fit(recordings(400))


@pytest.mark.parametrize("fields", [{"lowest": 300.0, "highest": 200.0}, {"coefficients": 41}, {"window": "25 s"}])
def test_fields_that_contradict_each_other_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Mfcc(**fields)


def test_other_data_is_refused() -> None:
    numbers = recordings(400).with_about(columns=(Column(name="audio", role="features"),))
    with pytest.raises(Refused, match="recordings become spectra, and no column holds samples"):
        LogMel().fit(numbers)
    state = LogMel().fit(recordings(400))
    with pytest.raises(Refused, match="trained on recordings of 8000 samples a second: received 16000"):
        state.apply(recordings(400, rate=16000.0))


@pytest.mark.parametrize("kind", sorted(members(AnySpectrum)))
def test_nothing_is_fitted_so_nothing_leaks(kind: str) -> None:
    encoder = members(AnySpectrum)[kind](bands=8, **({"coefficients": 4} if kind == "mfcc" else {}))
    data = replace(recordings(800, 400), part=np.repeat(np.array([0, 2], np.int8), [800, 400]))
    loud = np.array(data.raw)
    loud[800:] = np.random.default_rng(5).uniform(-1, 1, (400, 1))
    other = replace(data, raw=loud)
    assert encoder.fit(other) == encoder.fit(data)
    assert set(type(encoder.fit(data)).model_fields) - set(type(encoder).model_fields) == {"rate"}
    one, two = of(encoder, data), of(encoder, other)
    train = one.part == PartOf.train
    assert np.array_equal(one.raw[train], two.raw[train])
    assert not np.array_equal(one.raw, two.raw)
