"""PyTorch as its tutorials write it: nn, a DataLoader over a TensorDataset, a loop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from benchmarks.clock import between, now
from benchmarks.serving import Action, tune_allocation
from benchmarks.workloads import WORKLOADS, Workload

CELLS = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


class Network(nn.Module):
    """A recurrent stack and one dense unit on its last state."""

    def __init__(self, workload: Workload) -> None:
        super().__init__()
        cell = CELLS[workload.cell]
        self.recurrent = cell(workload.features, workload.units, workload.layers, batch_first=True)
        self.head = nn.Linear(workload.units, 1)

    def forward(self, x: Tensor) -> Tensor:
        states, _ = self.recurrent(x)
        out: Tensor = self.head(states[:, -1]).squeeze(1)
        return out


def start(options: Mapping[str, Any]) -> Mapping[str, Action]:
    """Trains on one batch size of data in memory; `precision` is that of torch.autocast."""
    torch.set_num_threads(options["threads"])
    if options.get("tuned"):
        tune_allocation()
    workload, bfloat16 = WORKLOADS[options["workload"]], options.get("precision") == "bfloat16"
    model = Network(workload)
    optimizer = optimizer_of(workload, model)
    loader = loader_of(workload, workload.batches)

    def train(epochs: int) -> dict[str, Any]:
        begin = now()
        for _ in range(epochs):
            epoch(model, optimizer, loader, bfloat16)
        return between(begin, now(), epochs * workload.batches * workload.batch)

    def losses(steps: int) -> dict[str, Any]:
        fresh = Network(workload)
        equal_weights(fresh, workload)
        one, its_optimizer = loader_of(workload, 1), optimizer_of(workload, fresh)
        return {"losses": [epoch(fresh, its_optimizer, one, bfloat16) for _ in range(steps)]}

    return {"train": train, "losses": losses}


def epoch(model: nn.Module, optimizer: torch.optim.Optimizer, loader: DataLoader[Any], bfloat16: bool) -> float:
    """One pass over the data; the mean loss of its batches."""
    total = torch.zeros(())
    for inputs, label in loader:
        optimizer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
            out = model(inputs)
        loss = nn.functional.mse_loss(out.float(), label)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        total += loss.detach()
    return float(total) / len(loader)


def loader_of(workload: Workload, batches: int) -> DataLoader[Any]:
    inputs, labels = workload.data(batches)
    dataset = TensorDataset(torch.from_numpy(inputs), torch.from_numpy(labels))
    return DataLoader(dataset, batch_size=workload.batch, shuffle=True)


def optimizer_of(workload: Workload, model: nn.Module) -> torch.optim.Optimizer:
    if workload.optimizer == "adam":
        return torch.optim.Adam(model.parameters(), lr=workload.learning_rate)
    # Keras' decay: torch's own default is 0.99
    return torch.optim.RMSprop(model.parameters(), lr=workload.learning_rate, alpha=0.9)


@torch.no_grad()
def equal_weights(model: Network, workload: Workload) -> None:
    for parameter in model.parameters():
        parameter.zero_()
    for number, layer in enumerate(workload.weights()):
        getattr(model.recurrent, f"weight_ih_l{number}").copy_(torch.from_numpy(layer.kernel))
        getattr(model.recurrent, f"weight_hh_l{number}").copy_(torch.from_numpy(layer.recurrent_kernel))
    model.head.weight.copy_(torch.from_numpy(workload.head()))
