"""Memory of batches is used again, and never while anything still needs what stands in it."""

import numpy as np
import torch

from rnnlib.data.batching.gather import Buffers, Stretches, equal_rows

VALUES = torch.arange(400, dtype=torch.float32).view(100, 4)
ONE, OTHER = torch.tensor([3, 50]), torch.tensor([70, 11])


def place(tensor: torch.Tensor) -> int:
    return tensor.untyped_storage().data_ptr()


def test_the_rows_are_those_of_numpy_whatever_stood_there() -> None:
    stretches, draw = Stretches(VALUES, 7), np.random.default_rng(0)
    for size in (5, 5, 2, 9, 1, 5):
        start = draw.integers(0, 93, size)
        made = stretches(torch.from_numpy(start))
        assert np.array_equal(made.numpy(), np.stack([VALUES.numpy()[at : at + 7] for at in start]))
        assert torch.equal(made, equal_rows(VALUES, torch.from_numpy(start), 7))


def test_memory_is_used_again_when_its_batch_is_gone() -> None:
    stretches = Stretches(VALUES, 7)
    first = place(stretches(ONE))
    assert place(stretches(OTHER)) == first
    assert place(stretches(ONE[:1])) == first


def held(stretches: Stretches, what: str) -> object:
    """Something that needs a batch and is not the batch."""
    made = stretches(ONE)
    weight = torch.ones(4, requires_grad=True)
    return {
        "the batch": lambda: made,
        "a view": lambda: made[1:, ::2],
        "an array": made.numpy,
        "part of an array": lambda: made.numpy()[1:],
        "another view of an array": lambda: torch.from_numpy(made.numpy()[1:]),
        "a graph": (made * weight).sum,
        "a graph behind a view": (made[:, 1:] * weight).exp,
        "a batch on its way": lambda: [{"inputs": made.unbind(0)[1]}],
        "a list of numbers": made.detach,
    }[what]()


def test_memory_is_left_alone_while_anything_needs_it() -> None:
    things = (
        "the batch", "a view", "an array", "part of an array", "another view of an array", "a graph",
        "a graph behind a view", "a batch on its way", "a list of numbers",
    )  # fmt: skip
    for what in things:
        stretches = Stretches(VALUES, 7)
        first = place(stretches(ONE))
        thing = held(stretches, what)
        assert place(stretches(OTHER)) != first, what
        del thing
        assert place(stretches(OTHER)) == first or place(stretches(ONE)) == first, what


def test_gradients_are_those_of_fresh_memory() -> None:
    weight, stretches = torch.ones(4, requires_grad=True), Stretches(VALUES, 7)
    starts = (ONE, OTHER, ONE + 20, OTHER + 5, ONE + 1)
    losses = [(stretches(start) * weight).square().sum() for start in starts]
    (found,) = torch.autograd.grad(sum(losses), weight)
    fresh = [
        (equal_rows(VALUES, start, 7) * weight).square().sum() for start in (ONE, OTHER, ONE + 20, OTHER + 5, ONE + 1)
    ]
    (expected,) = torch.autograd.grad(sum(fresh), weight)
    assert torch.equal(found, expected)


def test_more_than_is_kept_is_fresh_and_memory_of_inference_is_not_kept() -> None:
    buffers = Buffers()
    taken = [buffers.take(VALUES, 8) for _ in range(Buffers.MOST + 3)]
    assert len({place(one) for one in taken}) == Buffers.MOST + 3
    stretches = Stretches(VALUES, 7)
    with torch.inference_mode():
        stretches(ONE)
    weight = torch.ones(4, requires_grad=True)
    (stretches(OTHER) * weight).sum().backward()
    assert weight.grad is not None
