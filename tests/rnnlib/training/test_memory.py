from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from rnnlib.data.batching.batch import Batch
from rnnlib.errors import ModelError
from rnnlib.training.learning import Gradient, Numbered
from rnnlib.training.memory import fitting, in_pieces, is_out_of_memory

ERRORS = (
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
    RuntimeError("[enforce fail at alloc_cpu.cpp:117] . DefaultCPUAllocator: can't allocate memory: you tried to"),
    RuntimeError("not enough memory: you tried to allocate 4096 bytes."),
    MemoryError(),
)


def a_batch(rows: int) -> Batch:
    return Batch(
        inputs=torch.randn(rows, 5, 2),
        lengths=torch.arange(rows) % 5 + 1,
        index=torch.arange(rows),
        label=torch.arange(rows).float(),
        target_observed=None,
    )


def up_to(rows: int, error: Exception) -> Callable[[Numbered], Gradient]:
    """A step of a memory that holds so many rows: the sum of their labels."""

    def gradient(batches: Numbered) -> Gradient:
        if any(len(batch.index) > rows for _, batch in batches):
            raise error
        losses = [batch.label.sum() for _, batch in batches if isinstance(batch.label, Tensor)]
        counts = [torch.tensor(len(batch.index)) for _, batch in batches]
        return Gradient(losses, counts, torch.tensor(1.0))

    return gradient


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_a_batch_that_does_not_fit_is_halved_until_it_does(error: Exception) -> None:
    batches = [(6, a_batch(13))]
    gradient, cut, pieces = fitting(up_to(4, error), batches, 1, "halve", epoch=2)
    assert pieces == 4
    assert [len(batch.index) for _, batch in cut] == [4, 4, 4, 1]
    assert {number for number, _ in cut} == {6}
    assert (int(sum(gradient.counts)), float(sum(gradient.losses))) == (13, sum(range(13)))
    assert fitting(up_to(4, error), batches, 4, "halve", epoch=2)[2] == 4


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_where_halving_is_not_asked_for_it_is_refused_with_what_to_do(error: Exception) -> None:
    with pytest.raises(ModelError) as refused:
        fitting(up_to(4, error), [(6, a_batch(13))], 1, "refuse", epoch=2)
    assert refused.value.at == ("batch",)
    assert "epoch 2, batch 7: 13 examples of up to 5 steps need more memory" in refused.value.message
    assert "use a `batch` of at most 6, or `out_of_memory: halve`" in refused.value.message


def test_where_not_even_one_fits_it_is_refused() -> None:
    with pytest.raises(ModelError, match="one at a time: use a smaller model, or shorter"):
        fitting(up_to(0, MemoryError()), [(0, a_batch(5))], 1, "halve", epoch=1)


def test_what_torch_itself_raises_is_known() -> None:
    with pytest.raises(RuntimeError) as raised:
        torch.empty(2**60, dtype=torch.uint8)
    assert is_out_of_memory(raised.value)


def test_another_error_is_not_taken_for_it() -> None:
    error = RuntimeError("mat1 and mat2 shapes cannot be multiplied")
    assert not is_out_of_memory(error)
    assert not is_out_of_memory(ValueError("can't allocate memory"))
    with pytest.raises(RuntimeError, match="mat1"):
        fitting(up_to(4, error), [(0, a_batch(5))], 1, "halve", epoch=1)


def test_pieces_hold_every_row_of_every_tensor_once() -> None:
    batch = a_batch(7)
    cut = [piece for _, piece in in_pieces([(0, batch), (1, a_batch(2))], 3)]
    assert [len(piece.index) for piece in cut] == [3, 3, 1, 1, 1]
    for name in ("inputs", "lengths", "index", "label"):
        torch.testing.assert_close(torch.cat([getattr(piece, name) for piece in cut[:3]]), getattr(batch, name))
    assert cut[0].target is None
    assert in_pieces([(0, batch)], 1) == [(0, batch)]
