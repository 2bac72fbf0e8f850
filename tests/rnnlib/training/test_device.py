import pytest
import torch

from rnnlib.data.batching.batch import Batch
from rnnlib.errors import ModelError
from rnnlib.training.device import CPU, Device, device_for, placed


def gpus(monkeypatch: pytest.MonkeyPatch, there: bool) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: there)


@pytest.mark.parametrize(
    ("wanted", "there", "worth_it", "taken"),
    [
        ("auto", True, True, "cuda"),
        ("auto", True, False, "cpu"),
        ("auto", False, True, "cpu"),
        ("cpu", True, True, "cpu"),
        ("cuda", True, False, "cuda"),
    ],
)
def test_what_is_taken(
    wanted: Device, there: bool, worth_it: bool, taken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    gpus(monkeypatch, there)
    assert device_for(wanted, worth_it).type == taken


def test_a_gpu_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    gpus(monkeypatch, False)
    with pytest.raises(ModelError, match="use `device: auto`") as refused:
        device_for("cuda", True)
    assert refused.value.at == ("device",)


def a_batch() -> Batch:
    inputs, lengths = torch.ones(2, 3, 1), torch.tensor([3, 3])
    return Batch(inputs=inputs, lengths=lengths, index=torch.arange(2), label=torch.ones(2), padded=False)


def test_a_batch_that_is_there_already_is_not_copied() -> None:
    batch = a_batch()
    assert placed(batch, CPU) is batch


def test_every_tensor_of_a_batch_moves_and_the_rest_stays() -> None:
    # a device without memory stands for the GPU that a test machine may lack
    moved = placed(a_batch(), torch.device("meta"))
    assert {moved.inputs.device.type, moved.lengths.device.type, moved.index.device.type} == {"meta"}
    assert moved.label is not None
    assert moved.label.device.type == "meta"
    assert moved.target is None
    assert not moved.padded
