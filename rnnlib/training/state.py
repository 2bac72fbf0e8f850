"""Where a training stands, beside what its players remember."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from rnnlib.training.early_stopping import Watch
from rnnlib.training.gradients_seen import Looks
from rnnlib.training.section import Training

Record = dict[str, float]
"""What one epoch gave: train_loss, validation_loss (where there is such a part), learning_rate, gradient_norm; of
players behind the first, train_loss and gradient_norm with their name; pieces, where batches were cut."""


@dataclass
class State:
    """Where a training stands: `batch` batches of epoch `epoch` are done."""

    epoch: int = 1
    batch: int = 0
    best: dict[str, Tensor] = field(default_factory=dict)
    """The weights of the best epoch; none where the last are kept."""
    best_epoch: int = 0
    best_loss: float = math.inf
    watch: Watch = field(default_factory=Watch)
    history: list[Record] = field(default_factory=list)
    stopped: str | None = None
    exact: bool = True
    """Whether every step so far ran on the same threads and versions."""
    pieces: int = 1
    """Into how many every batch is cut, for it to fit into memory."""
    looks: Looks | None = None
    """What was seen of the gradients, where that is asked for."""

    @property
    def losses(self) -> list[float]:
        """What decides on the best epoch, of every epoch that is done."""
        return [deciding(record) for record in self.history]

    def end_epoch(self, section: Training, module: nn.Module, record: Record) -> None:
        """Ends the epoch: keeps the weights of `module` if they are the best so far, and decides whether it is over."""
        loss = deciding(record)
        if loss < self.best_loss:
            self.best_loss, self.best_epoch = loss, self.epoch
            self.best = copied(module.state_dict()) if section.keep == "best" else {}
        if section.early_stopping is not None:
            self.watch = section.early_stopping.seen(self.watch, loss)
        if section.early_stopping is not None and section.early_stopping.ends(self.watch):
            self.stopped = "early"
        elif self.epoch >= section.epochs:
            self.stopped = "epochs"
        self.history.append(record)
        self.epoch, self.batch = self.epoch + 1, 0

    def facts(self) -> dict[str, Any]:
        """All of it but the weights, as JSON; floats go through it without losing a bit."""
        return {
            "epoch": self.epoch,
            "batch": self.batch,
            "best_epoch": self.best_epoch,
            "best_loss": None if math.isinf(self.best_loss) else self.best_loss,
            "reference": None if math.isinf(self.watch.reference) else self.watch.reference,
            "wait": self.watch.wait,
            "history": self.history,
            "stopped": self.stopped,
            "exact": self.exact,
            "pieces": self.pieces,
            "looks": None if self.looks is None else self.looks.facts(),
        }

    @classmethod
    def of(cls, facts: Mapping[str, Any], best: dict[str, Tensor]) -> State:
        """The state that `facts` tells of."""
        reference = math.inf if facts["reference"] is None else facts["reference"]
        return cls(
            epoch=facts["epoch"],
            batch=facts["batch"],
            best=best,
            best_epoch=facts["best_epoch"],
            best_loss=math.inf if facts["best_loss"] is None else facts["best_loss"],
            watch=Watch(reference, facts["wait"]),
            history=facts["history"],
            stopped=facts["stopped"],
            exact=facts["exact"],
            pieces=facts["pieces"],
            looks=None if facts["looks"] is None else Looks.of(facts["looks"]),
        )


def deciding(record: Record) -> float:
    """The validation loss; where there is no validation part, the train loss."""
    return record.get("validation_loss", record["train_loss"])


def copied(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The weights as they are now; tied ones, which share memory, each on their own."""
    return {name: tensor.detach().clone(memory_format=torch.contiguous_format) for name, tensor in weights.items()}
