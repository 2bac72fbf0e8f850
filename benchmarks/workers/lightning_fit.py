"""Lightning: the same network and loader as by hand, in a Trainer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import lightning
import torch
from torch import Tensor, nn

from benchmarks.clock import Moment, between, now
from benchmarks.serving import Action
from benchmarks.workers.torch_by_hand import Network, equal_weights, loader_of, optimizer_of
from benchmarks.workloads import WORKLOADS, Workload


class Module(lightning.LightningModule):
    """The network, its loss and its optimiser."""

    def __init__(self, workload: Workload) -> None:
        super().__init__()
        self.network = Network(workload)
        self.workload = workload

    def training_step(self, batch: tuple[Tensor, Tensor], index: int) -> Tensor:  # noqa: ARG002 - Lightning's protocol
        inputs, label = batch
        return nn.functional.mse_loss(self.network(inputs), label)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return optimizer_of(self.workload, self.network)


class EpochEnds(lightning.Callback):
    """When every epoch ended, and its last loss."""

    def __init__(self) -> None:
        self.times: list[Moment] = []
        self.losses: list[float] = []

    def on_train_epoch_end(self, trainer: Any, module: Any) -> None:  # noqa: ARG002 - Lightning's protocol
        self.times.append(now())

    def on_train_batch_end(self, trainer: Any, module: Any, outputs: Any, batch: Any, index: int) -> None:  # noqa: ARG002
        self.losses.append(outputs["loss"])


def start(options: Mapping[str, Any]) -> Mapping[str, Action]:
    """Trains with every extra of the Trainer off. The first epoch of a `fit` warms it up, the others are timed."""
    torch.set_num_threads(options["threads"])
    workload = WORKLOADS[options["workload"]]
    module, loader = Module(workload), loader_of(workload, workload.batches)

    def train(epochs: int) -> dict[str, Any]:
        ends = _fit(module, loader, 1 + epochs)
        return between(ends.times[0], ends.times[-1], epochs * workload.batches * workload.batch)

    def losses(steps: int) -> dict[str, Any]:
        fresh = Module(workload)
        equal_weights(fresh.network, workload)
        return {"losses": [float(loss) for loss in _fit(fresh, loader_of(workload, 1), steps).losses]}

    return {"train": train, "losses": losses}


def _fit(module: Module, loader: Any, epochs: int) -> EpochEnds:
    ends = EpochEnds()
    trainer = lightning.Trainer(
        max_epochs=epochs,
        accelerator="cpu",
        callbacks=[ends],
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        log_every_n_steps=10**9,
    )
    trainer.fit(module, loader)
    return ends
