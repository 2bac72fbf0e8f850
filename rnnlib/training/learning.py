"""A player as it learns: its weights as one vector, and all that its steps rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

from jaxtyping import Float, Int64
from torch import Tensor

from rnnlib.data.batching.batch import Batch
from rnnlib.models import Player
from rnnlib.seeds import derived
from rnnlib.training.clipping import length
from rnnlib.training.device import seeded
from rnnlib.training.flat import Flat
from rnnlib.training.optimizers import Memory, Optimizer
from rnnlib.training.outputs import Outputs
from rnnlib.training.penalties import OutputPenalty, WeightPenalty
from rnnlib.training.precision import Scaler, casting
from rnnlib.training.section import Training
from rnnlib.training.tally import Tally

Numbered = Sequence[tuple[int, Batch]]
"""The batches of one step, each with its number in the epoch."""


class Gradient(NamedTuple):
    """What a gradient is of, and how long it is."""

    losses: list[Float[Tensor, ""]]
    """Summed over the observed values of each batch."""
    counts: list[Int64[Tensor, ""]]
    """Observed values of each batch."""
    norm: Float[Tensor, ""]
    """With the penalties, before clipping."""


class Reading(NamedTuple):
    """The same in numbers."""

    loss: float
    """Summed over all batches."""
    seen: int
    norm: float
    sound: bool
    """False where the gradient is too large for float16: then no step is taken along it."""


class Group(NamedTuple):
    """A slice of θ that an optimizer of its own moves."""

    optimizer: Optimizer
    theta: Float[Tensor, " weights"]
    gradient: Float[Tensor, " weights"]
    memory: Memory


class Learning:
    """One player of a training."""

    def __init__(self, player: Player, section: Training, outputs: Outputs | None, *, among: bool) -> None:
        """`among` others: then a backward pass adds to the gradients of this player's weights alone."""
        self.player = player
        self.flat = Flat(player.parameters)
        self.memory = section.optimizer.start(self.flat.theta)
        self.groups = self._groups(section.optimizer)
        self.steps = 0
        self.scaler = Scaler.of(section.precision)
        self.average: Float[Tensor, " weights"] | None = None
        self._averaging = section.average
        self.tally = Tally()
        self._reach = list(self.flat.weights.values()) if among else None
        self._precision = section.precision
        self._outputs = outputs
        self._on_outputs = [one for one in section.penalty if isinstance(one, OutputPenalty)]
        self._on_weights = [one for one in section.penalty if isinstance(one, WeightPenalty)]

    def gradient(self, batches: Numbered, epoch: int, seed: int) -> Gradient:
        """∇ (Σ loss / Σ count + penalties) over all of these batches, into the flat gradient.

        Each batch's loss is divided by the count of the first, so that the gradient has its final size from the start;
        what the counts are together is made up for at the end. So k batches give the gradient of one k times as large.
        """
        flat, losses, counts = self.flat, list[Tensor](), list[Tensor]()
        flat.gradient.zero_()
        for number, batch in batches:
            # dropout draws from torch's own generator: seeded by place, a resumed run drops what it would have dropped
            seeded(derived(seed, "dropout", epoch, number), flat.theta.device)
            with casting(self._precision, flat.theta.device):
                loss, count = self.player.loss(batch)
            losses.append(loss.detach())
            counts.append(count)
            mean = self._with_penalties(loss, count) / counts[0]
            self.scaler.scaled(mean).backward(inputs=self._reach)  # type: ignore[no-untyped-call]
        if len(batches) > 1 or self.scaler.dynamic:
            flat.gradient.mul_(counts[0] / sum(counts) / self.scaler.scale)
        for penalty in self._on_weights:
            penalty.add_gradient(flat)
        return Gradient(losses, counts, length(flat.gradient))

    def _with_penalties(self, loss: Float[Tensor, ""], count: Int64[Tensor, ""]) -> Float[Tensor, ""]:
        for penalty in self._on_outputs:
            assert self._outputs is not None, "a penalty on outputs has what it looks at"
            loss = loss + count * penalty.of(*self._outputs.last())
        return loss

    def move(self, reading: Reading, learning_rate: float, epoch: int) -> None:
        """Counts what was seen; where its gradient is sound, takes the step."""
        if reading.sound:
            self.step(learning_rate, epoch)
        self.count(reading)

    def count(self, reading: Reading) -> None:
        """Adds to the sums of the epoch."""
        self.tally.saw(reading.loss, reading.seen)
        if reading.sound:
            self.tally.moved(reading.norm)

    def begin(self, epoch: int) -> None:
        """Begins the average in the epoch that it begins with."""
        if self._averaging is not None:
            self.average = self._averaging.begun(self.average, self.flat.theta, epoch)

    def moving(self) -> list[Float[Tensor, " weights"]]:
        """All that a step changes."""
        return [self.flat.theta, *self.memory.values(), *([] if self.average is None else [self.average])]

    def step(self, learning_rate: float, epoch: int) -> None:
        """One step of the optimizer and of the average."""
        self.begin(epoch)
        self.steps += 1
        for group in self.groups:
            group.optimizer.step(group.theta, group.gradient, group.memory, self.steps, learning_rate)
        if self._averaging is not None and self.average is not None:
            self.average.lerp_(self.flat.theta, 1 - self._averaging.decay)
        self.scaler.taken()

    def tensors(self) -> dict[str, Tensor]:
        """What the optimizer and the average remember, as a checkpoint holds it."""
        averages = {} if self.average is None else {"average": self.average}
        return {f"{self.player.name}.{name}": tensor.clone() for name, tensor in {**self.memory, **averages}.items()}

    def facts(self) -> dict[str, Any]:
        """The rest of it, as JSON; floats go through it without losing a bit."""
        return {"steps": self.steps, "scaler": self.scaler.facts(), "tally": asdict(self.tally)}

    def load(self, tensors: Mapping[str, Tensor], facts: Mapping[str, Any]) -> None:
        """Puts everything back as it was; the groups go on looking at the same memory."""
        prefix = f"{self.player.name}."
        own = {name.removeprefix(prefix): one for name, one in tensors.items() if name.startswith(prefix)}
        average = own.pop("average", None)
        self.average = None if average is None else average.to(self.flat.theta.device)
        for name, tensor in own.items():
            self.memory[name].copy_(tensor)
        self.steps, self.tally = facts["steps"], Tally(**facts["tally"])
        self.scaler.scale, self.scaler.good = facts["scaler"]["scale"], facts["scaler"]["good"]

    def _groups(self, optimizer: Optimizer) -> list[Group]:
        """θ as a whole, or its matrices and, without a decay, its vectors."""
        if optimizer.decays == "all":
            return [Group(optimizer, self.flat.theta, self.flat.gradient, self.memory)]
        spared = optimizer.model_copy(update={"weight_decay": 0.0, "decays": "all"})
        end = self.flat.matrices
        return [self._group(optimizer, slice(0, end)), self._group(spared, slice(end, None))]

    def _group(self, optimizer: Optimizer, part: slice) -> Group:
        memory = {name: tensor[part] for name, tensor in self.memory.items()}
        return Group(optimizer, self.flat.theta[part], self.flat.gradient[part], memory)
