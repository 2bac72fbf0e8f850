"""Running statistics are state: a training that is stopped goes on with them, and ends with the same bits."""

import signal
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from rnnlib.training import Fit, checkpoints, fit
from rnnlib.training.learning import Learning
from tests.rnnlib.training.toys import toy

LAYERS = [
    {"kind": "batch_norm"},
    {"kind": "parallel", "branches": [
        [{"kind": "tcn", "filters": 4, "dropout": 0.3}, {"kind": "batch_norm", "momentum": 0.3}],
        [{"kind": "gru", "units": 4}],
    ]},
    {"kind": "pooling", "by": ["mean", "last"]},
]  # fmt: skip


class Stop(BaseException):
    """What a scheduler's signal handler raises."""


def trained(folder: Path | None, stop_after: int | None = None) -> Fit:
    subject = toy("classifier", model={"kind": "classifier", "layers": LAYERS})

    def report(epoch: int, _record: dict[str, float]) -> None:
        if epoch == stop_after:
            raise Stop

    return fit(
        subject.section, subject.data, subject.shape, classes=subject.classes, seed=11, folder=folder, report=report
    )


def bits(module: nn.Module) -> dict[str, bytes]:
    return {name: tensor.numpy().tobytes() for name, tensor in module.state_dict().items()}


@pytest.mark.parametrize("epoch", [1, 2, 3])
def test_a_training_that_goes_on_has_the_statistics_of_one_that_was_never_stopped(
    epoch: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "SHARE", 1e9)
    whole = trained(None)
    with pytest.raises(Stop):
        trained(tmp_path, epoch)
    resumed = trained(tmp_path)
    assert bits(resumed.module) == bits(whole.module)
    assert resumed.as_json() == whole.as_json()
    first = whole.module.get_submodule("layers.0")
    assert not torch.equal(first.mean, torch.zeros_like(first.mean))


@pytest.mark.parametrize("at", [1, 4, 7])
def test_a_signal_between_a_look_at_a_batch_and_its_step_counts_the_batch_once(
    at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The forward pass moves running statistics: what is saved afterwards must have its step too."""
    whole = trained(None)
    gradient, done = Learning.gradient, []

    def struck(*arguments: Any) -> Any:
        found = gradient(*arguments)
        done.append(1)
        if len(done) == at:
            signal.raise_signal(signal.SIGINT)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(Learning, "gradient", struck)
        with pytest.raises(KeyboardInterrupt):
            trained(tmp_path)
    resumed = trained(tmp_path)
    assert bits(resumed.module) == bits(whole.module)
    assert resumed.as_json() == whole.as_json()
