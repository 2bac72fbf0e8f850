"""What every spec of benchmarks/specs is to score, and what others scored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple


class Quality(NamedTuple):
    """One row of the table. Source of every published figure: the paper that is named."""

    spec: str
    task: str
    metric: str
    """A metric of the spec's `evaluate`; `mse` is also had as the square of `rmse`."""
    goal: float | None
    """None where a score is shown beside others, and none is asked for."""
    published: str
    seeds: tuple[int, ...] = (1, 2, 3)
    better: Literal["lower", "higher"] = "lower"
    factor: float = 1.0
    unit: str = ""
    folds: tuple[str, ...] = ()
    """Overrides (`PATH=VALUE`) of one run each; a seed's score is then the mean over them."""

    def reached(self, value: float) -> bool:
        """Whether a mean over seeds reaches the goal; where there is none, any does."""
        if self.goal is None:
            return True
        return value <= self.goal if self.better == "lower" else value >= self.goal


QUALITIES = (
    Quality(
        "adding-problem",
        "adding problem, T=600, squared error",
        "mse",
        1e-3,
        "GRU 5.3e-5, LSTM .164, RNN .177 (Bai et al. 2018); without memory .167",
    ),
    Quality(
        "copy-memory",
        "copy memory, T=1000, nats a step",
        "nll",
        0.002,
        "LSTM .0204 (Bai et al. 2018); without memory .0204",
        seeds=(1,),
    ),
    Quality(
        "mnist-rows",
        "MNIST row by row, accuracy",
        "accuracy",
        99.0,
        "–",
        better="higher",
        factor=100,
        unit=" %",
    ),
    Quality(
        "mnist-pixels",
        "MNIST pixel by pixel, accuracy",
        "accuracy",
        98.8,
        "LSTM 98.8, GRU 99.1, IndRNN 99.0, TCN 99.0, S4 99.6",
        seeds=(1,),
        better="higher",
        factor=100,
        unit=" %",
    ),
    Quality(
        "japanese-vowels",
        "JapaneseVowels, accuracy",
        "accuracy",
        97.0,
        "FCN 99.3, ResNet 99.2, ESN 96.5",
        seeds=(1, 2, 3, 4, 5),
        better="higher",
        factor=100,
        unit=" %",
    ),
    Quality(
        "italy-power-demand",
        "ItalyPowerDemand, accuracy",
        "accuracy",
        96.0,
        "LSTM-FCN 96.3, ResNet 96.3, FCN 96.1, ESN 88.0, 1-NN 95.5",
        seeds=(1, 2, 3, 4, 5),
        better="higher",
        factor=100,
        unit=" %",
    ),
    Quality(
        "synthetic-control",
        "SyntheticControl, accuracy",
        "accuracy",
        99.0,
        "ResNet 99.8, FCN 98.5, ESN 87.4, 1-NN 88.0",
        seeds=(1, 2, 3, 4, 5),
        better="higher",
        factor=100,
        unit=" %",
    ),
    Quality(
        "gunpoint",
        "GunPoint, accuracy",
        "accuracy",
        98.0,
        "LSTM-FCN 100, FCN 100, ResNet 99.1, ESN 92.1, 1-NN 91.3",
        seeds=(1, 2, 3, 4, 5),
        better="higher",
        factor=100,
        unit=" %",
    ),
    Quality(
        "ecg200",
        "ECG200, accuracy",
        "accuracy",
        87.0,
        "FCN 88.9, ResNet 87.4, ESN 84.2, 1-NN 88.0",
        seeds=(1, 2, 3, 4, 5),
        better="higher",
        factor=100,
        unit=" %",
    ),
    Quality(
        "jsb-chorales",
        "JSB Chorales, nats a frame",
        "nll",
        8.5,
        "TCN 8.10, GRU 8.43, LSTM 8.45, RNN 8.91 (Bai et al. 2018); independent 11.06",
    ),
    Quality(
        "etth1-336",
        "ETTh1, L=336, H=96, squared error in z-scored units",
        "mse",
        0.375,
        "PatchTST .375, DLinear .375; repeat-last 1.294",
    ),
    Quality(
        "etth1-720",
        "ETTh1, L=720, H=96, squared error in z-scored units",
        "mse",
        0.360,
        "SegRNN .351 (Lin et al. 2023); repeat-last 1.294",
    ),
    Quality(
        "tinyshakespeare",
        "tinyshakespeare, nats a character",
        "nll",
        1.55,
        "transformer 1.47 on a GPU and 1.88 in 3 CPU minutes, minGRU 1.548, minLSTM 1.555, Mamba 1.463",
        seeds=(1,),
    ),
    Quality(
        "m4-hourly",
        "M4 hourly, MASE",
        "mase",
        1.193,
        "ES-RNN .893, seasonal naive 1.193, Naive2 2.395 (M4 competition)",
    ),
    Quality(
        "m4-hourly-lstm",
        "M4 hourly with the network of the hand-written PyTorch, MASE",
        "mase",
        1.193,
        "PyTorch by hand, Darts, NeuralForecast: 1.74, 1.64, 1.42",
        seeds=(1,),
    ),
    Quality(
        "names",
        "names in 18 languages, accuracy",
        "accuracy",
        None,
        "– (no standard split)",
        better="higher",
        factor=100,
        unit=" %",
    ),
    Quality(
        "sst2",
        "SST-2, no vectors learned elsewhere, accuracy",
        "accuracy",
        80.0,
        "CNN from scratch 82.7 (with phrases; recalled), Ludwig 80.5 and PyTorch 75.6 on these files",
        better="higher",
        factor=100,
        unit=" %",
    ),
    Quality(
        "snips-slots",
        "SNIPS, slots, F1 of entities",
        "entity_f1",
        91.0,
        "slot-gated attention BiRNN 88.8 (Goo et al. 2018)",
        better="higher",
        factor=100,
        unit=" %",
    ),
    Quality(
        "snips-intent",
        "SNIPS, intents, accuracy",
        "accuracy",
        97.0,
        "slot-gated attention BiRNN 97.0 (Goo et al. 2018)",
        better="higher",
        factor=100,
        unit=" %",
    ),
    Quality(
        "carphone",
        "the next frame of a video, 32 × 32 pixels of 0 to 255, squared error",
        "mse",
        7.86,
        "the last frame again 7.86",
    ),
    Quality(
        "fsdd",
        "FSDD, spoken digits, official test, accuracy",
        "accuracy",
        98.0,
        "92 to 97 (hobby-grade)",
        better="higher",
        factor=100,
        unit=" %",
    ),
    Quality(
        "fsdd-speaker",
        "FSDD, a speaker never heard, mean over the six, accuracy",
        "accuracy",
        None,
        "–",
        better="higher",
        factor=100,
        unit=" %",
        folds=tuple(
            f'split.test=["*_{speaker}_*.flac"]'
            for speaker in ("george", "jackson", "lucas", "nicolas", "theo", "yweweler")
        ),
    ),
)


def score(scores: Mapping[str, Any], quality: Quality) -> float:
    """The model's score on the test part, from the content of `scores.json`. Raises `KeyError` where it has none."""
    return quality.factor * _metric(scores["parts"]["test"]["model"], quality.metric)


def baselines(scores: Mapping[str, Any], quality: Quality) -> dict[str, float]:
    """The same of every baseline that has it."""
    found = scores["parts"]["test"]["baselines"]
    return {name: quality.factor * _metric(own, quality.metric) for name, own in found.items()}


def _metric(own: Mapping[str, float], name: str) -> float:
    if name in own:
        return own[name]
    if name == "mse" and "rmse" in own:
        return own["rmse"] ** 2
    raise KeyError(f"the spec's metrics are {', '.join(own)}, not {name}")
