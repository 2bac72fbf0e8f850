"""When the numbers of a step are read: at once, or, where reading makes a GPU wait, some steps later."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from rnnlib.training.feed import Feed
from rnnlib.training.health import check_step
from rnnlib.training.learning import Gradient, Learning, Numbered, Reading
from rnnlib.training.precision import Precision

EVERY: Final = 16
"""Steps whose numbers are read together on a GPU."""


class Readings(ABC):
    """What is known of a step before it is taken, and what becomes of a gradient that is not sound."""

    @abstractmethod
    def read(self, player: Learning, gradient: Gradient, batches: Numbered, feed: Feed, epoch: int) -> Any:
        """What `move` is to be told of this gradient; raises where it is seen to be NaN or infinite."""

    @abstractmethod
    def move(self, player: Learning, read: Any, learning_rate: float, epoch: int) -> None:
        """Counts the gradient, and moves the player along it if it is sound; else no weight changes."""

    @abstractmethod
    def settle(self) -> None:
        """Reads what was put off; raises what a step should have been refused for."""


class AtOnce(Readings):
    """Every number is read before its step: nothing is computed along a gradient that is not finite."""

    def read(self, player: Learning, gradient: Gradient, batches: Numbered, feed: Feed, epoch: int) -> Reading:
        """The numbers; raises where one is NaN or infinite."""
        return check_step(player, gradient, batches, feed, epoch)

    def move(self, player: Learning, read: Reading, learning_rate: float, epoch: int) -> None:
        """Moves along a sound gradient."""
        player.move(read, learning_rate, epoch)

    def settle(self) -> None:
        """Nothing was put off."""


class _Unread(NamedTuple):
    player: Learning
    gradient: Gradient
    batches: Numbered
    feed: Feed
    epoch: int
    sound: Bool[Tensor, ""]
    """Whether this gradient, and each before it, is finite."""


class Later(Readings):
    """Numbers stay on the device; those of `EVERY` steps are read together, and at every end of an epoch and save.

    Until then the device itself sees to it that nothing goes wrong: from the first gradient on that is not finite,
    every step leaves all weights and memories as they are. What is then raised is what `AtOnce` would have raised.
    """

    def __init__(self, device: torch.device) -> None:
        self._sound: Bool[Tensor, ""] = torch.ones((), dtype=torch.bool, device=device)
        self._unread: list[_Unread] = []
        self._first: dict[str, Float[Tensor, " weights"]] = {}
        """Of every player, its gradient in the first step that is not sound; until there is one, its last gradient."""

    def read(self, player: Learning, gradient: Gradient, batches: Numbered, feed: Feed, epoch: int) -> _Unread:
        """Nothing but a promise."""
        now, name = player.flat.gradient, player.player.name
        self._first[name] = torch.where(self._sound, now, self._first.get(name, now))
        self._sound = self._sound & torch.stack([*gradient.losses, gradient.norm]).isfinite().all()
        return _Unread(player, gradient, batches, feed, epoch, self._sound)

    def move(self, player: Learning, read: _Unread, learning_rate: float, epoch: int) -> None:
        """Takes the step, and takes it back where the gradient was not sound; the device alone knows which."""
        self._unread.append(read)
        player.begin(epoch)
        before = [tensor.clone() for tensor in player.moving()]
        player.step(learning_rate, epoch)
        for tensor, old in zip(player.moving(), before, strict=True):
            tensor.copy_(torch.where(read.sound, tensor, old))
        if len(self._unread) >= EVERY:
            self.settle()

    def settle(self) -> None:
        """Waits for the device once; counts every step, or raises for the first that should not have been taken."""
        unread, self._unread = self._unread, []
        for one, gradient in zip(unread, _on_the_host([one.gradient for one in unread]), strict=True):
            if not bool(torch.stack([*gradient.losses, gradient.norm]).isfinite().all()):
                one.player.flat.gradient.copy_(self._first[one.player.player.name])
            one.player.count(check_step(one.player, gradient, one.batches, one.feed, one.epoch))


def readings_on(device: torch.device, precision: Precision) -> Readings:
    """On the processor at once; on a GPU later. float16 has to know at once: its scale follows from every step."""
    return AtOnce() if device.type == "cpu" or precision == "float16" else Later(device)


def _on_the_host(gradients: Sequence[Gradient]) -> list[Gradient]:
    if not gradients:
        return []
    values = iter(torch.stack([value for one in gradients for value in (*one.losses, one.norm)]).cpu())
    counts = iter(torch.stack([count for one in gradients for count in one.counts]).cpu())
    return [
        Gradient([next(values) for _ in one.losses], [next(counts) for _ in one.counts], next(values))
        for one in gradients
    ]
