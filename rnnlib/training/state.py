"""Everything about a training that changes as it goes on, beside the optimizer's own state."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from jaxtyping import Float64
from torch import Tensor, nn

from rnnlib.training.early_stopping import Watch
from rnnlib.training.section import Training

Record = dict[str, float]
"""What one epoch gave: train_loss, validation_loss (where there is such a part), learning_rate, gradient_norm."""


@dataclass
class State:
    """Where a training stands: `batch` batches of epoch `epoch` are done."""

    epoch: int = 1
    batch: int = 0
    sums: Float64[Tensor, 3] = field(default_factory=lambda: torch.zeros(3, dtype=torch.float64))
    """Over this epoch's batches: the loss, the number of values that it is a sum of, the norm of the gradient."""
    best: dict[str, Tensor] = field(default_factory=dict)
    best_epoch: int = 0
    best_loss: float = math.inf
    watch: Watch = field(default_factory=Watch)
    history: list[Record] = field(default_factory=list)
    stopped: str | None = None
    exact: bool = True
    """Whether every step so far ran on the same threads and versions."""

    def add_batch(self, loss: Tensor, count: Tensor, norm: Tensor) -> None:
        """Counts one more batch as done."""
        self.sums += torch.stack([loss.detach().double(), count.double(), norm.double()])
        self.batch += 1

    def record(self, validation_loss: float | None, learning_rate: float) -> Record:
        """What this epoch gave, now that all of its batches are done."""
        total, count, norms = self.sums.tolist()
        train_loss = total / count if count else math.nan
        record = {"train_loss": train_loss, "learning_rate": learning_rate, "gradient_norm": norms / self.batch}
        return record if validation_loss is None else {**record, "validation_loss": validation_loss}

    def end_epoch(self, section: Training, model: nn.Module, record: Record) -> None:
        """Ends the epoch: keeps the weights if they are the best so far, and decides whether training is over.

        The validation loss decides; where there is no validation part, the train loss does.
        """
        loss = record.get("validation_loss", record["train_loss"])
        if loss < self.best_loss:
            self.best_loss, self.best_epoch, self.best = loss, self.epoch, copied(model.state_dict())
        if section.early_stopping is not None:
            self.watch = section.early_stopping.seen(self.watch, loss)
        if section.early_stopping is not None and section.early_stopping.ends(self.watch):
            self.stopped = "early"
        elif self.epoch >= section.epochs:
            self.stopped = "epochs"
        self.history.append(record)
        self.epoch, self.batch, self.sums = self.epoch + 1, 0, torch.zeros(3, dtype=torch.float64)

    def facts(self) -> dict[str, Any]:
        """All of it but the weights, as JSON; floats go through it without losing a bit."""
        return {
            "epoch": self.epoch,
            "batch": self.batch,
            "sums": self.sums.tolist(),
            "best_epoch": self.best_epoch,
            "best_loss": None if math.isinf(self.best_loss) else self.best_loss,
            "reference": None if math.isinf(self.watch.reference) else self.watch.reference,
            "wait": self.watch.wait,
            "history": self.history,
            "stopped": self.stopped,
            "exact": self.exact,
        }

    @classmethod
    def of(cls, facts: Mapping[str, Any], best: dict[str, Tensor]) -> State:
        """The state that `facts` tells of."""
        reference = math.inf if facts["reference"] is None else facts["reference"]
        return cls(
            epoch=facts["epoch"],
            batch=facts["batch"],
            sums=torch.tensor(facts["sums"], dtype=torch.float64),
            best=best,
            best_epoch=facts["best_epoch"],
            best_loss=math.inf if facts["best_loss"] is None else facts["best_loss"],
            watch=Watch(reference, facts["wait"]),
            history=facts["history"],
            stopped=facts["stopped"],
            exact=facts["exact"],
        )


def copied(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The weights as they are now; tied ones, which share memory, each on their own."""
    return {name: tensor.detach().clone(memory_format=torch.contiguous_format) for name, tensor in weights.items()}
