"""Truncated backpropagation through time, and states that go from batch to batch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import torch
from jaxtyping import Bool, Int64
from torch import Tensor

from rnnlib.cells import CellLayer, State, one_pass
from rnnlib.data.batching.windows import Examples
from rnnlib.training.passage import Run, detached, stretches

Order = Literal["shuffled", "as it is", "in lanes"]
"""How an epoch goes through the examples; `in lanes`: each row of a batch goes on from that row of the batch before."""


class Carriage:
    """What becomes of the states of recurrent layers from batch to batch.

    With `truncate` = k, h_t is the same number as without it, but no gradient flows from step t + 1 to step t where t
    lies a multiple of k steps before the end: ∂L/∂h reaches back k steps along a layer at most. With `carry`, the state
    after a window is that before the next one, if that follows it: a stream is read as one sequence.

    Source: Williams and Peng 1990, doi:10.1162/neco.1990.2.4.490 (truncated at k, k steps at a time).
    """

    def __init__(self, truncate: int | None = None, carry: bool = False, *, in_training: bool = True) -> None:
        """It acts in training alone, or in evaluation alone."""
        self.truncate = truncate
        self.carry = carry
        self._in_training = in_training
        self._before: dict[str, State] = {}
        self._after: dict[str, list[State]] = {}
        self._index: Int64[Tensor, " batch"] | None = None
        self._continuing: Bool[Tensor, " batch"] | None = None

    @property
    def acts(self) -> bool:
        """Whether there is anything for it to do."""
        return self.carry or self.truncate is not None

    def over(self, name: str, layer: CellLayer, sequence: Run, x: Tensor, state: State) -> tuple[Tensor, State]:
        """A layer's sequence from the state that is carried to it, with the gradient cut every `truncate` steps.

        Where it does not act it is `sequence` itself: in evaluation, as in prediction, unless it is made for that.
        """
        if layer.training != self._in_training:
            return sequence(x, state)
        if self.carry:
            state = self._carried(name, state)
        outputs: list[Tensor] = []
        with one_pass(layer):
            for stretch in stretches(x, self.truncate or len(x)):
                output, state = sequence(stretch, detached(state) if outputs else state)
                outputs.append(output)
        if self.carry:
            self._after.setdefault(name, []).append(detached(state))
        return torch.cat(outputs) if len(outputs) > 1 else outputs[0], state

    def board(self, index: Int64[Tensor, " batch"], examples: Examples) -> None:
        """Tells which examples the batch holds that comes next. Called again, what was begun since is forgotten."""
        self._after.clear()
        if self.carry:
            self._continuing = None if self._index is None else following(examples, self._index, index.cpu())

    def arrive(self, index: Int64[Tensor, " batch"]) -> None:
        """The batch is done: its last states are those that the next one starts from."""
        if self.carry:
            self._before = {name: _joined(pieces) for name, pieces in self._after.items()}
            self._after.clear()
            self._index = index.cpu()

    def reset(self) -> None:
        """A stream starts anew."""
        self._before, self._index, self._continuing = {}, None, None
        self._after.clear()

    def tensors(self) -> dict[str, Tensor]:
        """All that it holds between two batches: the last batch's examples, `<layer>.<member>` of each state."""
        if self._index is None:
            return {}
        states = {f"{name}.{at}": member for name, state in self._before.items() for at, member in enumerate(state)}
        return {"index": self._index, **{place: member.contiguous() for place, member in states.items()}}

    def load(self, tensors: Mapping[str, Tensor]) -> None:
        """Puts back what `tensors` gave."""
        self.reset()
        members: dict[str, dict[int, Tensor]] = {}
        for place, tensor in tensors.items():
            if place == "index":
                self._index = tensor
            else:
                name, _, at = place.rpartition(".")
                members.setdefault(name, {})[int(at)] = tensor
        self._before = {name: tuple(held[at] for at in sorted(held)) for name, held in members.items()}

    def _carried(self, name: str, start: State) -> State:
        """The state of each row that goes on, and the start of each that does not."""
        if self._continuing is None:
            return start
        first = sum(len(piece[0]) for piece in self._after.get(name, []))  # of a batch that came in pieces
        rows = slice(first, first + len(start[0]))
        goes_on = self._continuing[rows].to(start[0].device)
        return tuple(
            torch.where(goes_on.view(-1, *[1] * (member.ndim - 1)), before[rows].to(member.device), member)
            for before, member in zip(self._before[name], start, strict=True)
        )


def lanes(count: int, size: int) -> Int64[Tensor, " count"]:
    """An order of `count` consecutive examples in which each row of a batch goes on from that row of the batch before.

    The examples are cut into `size` runs of about equal length, side by side; only the last batch may have fewer rows.
    """
    runs = min(size, count)
    lengths = torch.full((runs,), count // runs)
    lengths[: count % runs] += 1
    starts = torch.cumsum(lengths, 0) - lengths
    steps = torch.arange(int(lengths[0]))
    places = starts[None, :] + steps[:, None]
    return places[steps[:, None] < lengths[None, :]]


def following(
    examples: Examples, before: Int64[Tensor, " batch"], index: Int64[Tensor, " batch_"]
) -> Bool[Tensor, " batch_"]:
    """Which rows of a batch start where the same row of the batch before ended, in the same sequence."""
    last, now = before[: len(index)].numpy(), index.numpy()
    same = examples.sequence[last] == examples.sequence[now]
    return torch.from_numpy(same & (examples.start[last] + examples.length[last] == examples.start[now]))


def _joined(pieces: list[tuple[Tensor, ...]]) -> tuple[Tensor, ...]:
    return pieces[0] if len(pieces) == 1 else tuple(torch.cat(members) for members in zip(*pieces, strict=True))
