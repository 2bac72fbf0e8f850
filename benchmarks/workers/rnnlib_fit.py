"""rnnlib through its public API: `rnnlib.training.fit`, the whole loop with its checks, on a `DataSet`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
import torch
from torch import Tensor, nn

from benchmarks.clock import Moment, between, now
from benchmarks.serving import Action
from benchmarks.workloads import WORKLOADS, Workload
from rnnlib.data.about import About, Column
from rnnlib.data.dataset import DataSet
from rnnlib.models import Regressor, Shape
from rnnlib.training import Training, fit

OPERATIONS = 12
"""Lines of a profile that are shown."""


def start(options: Mapping[str, Any]) -> Mapping[str, Action]:
    """Trains a regressor on whole sequences. The first epoch of a `fit` warms it up, the others are timed."""
    workload = WORKLOADS[options["workload"]]
    section = _section(workload, options)
    data = _data(workload, workload.batches)

    def train(epochs: int) -> dict[str, Any]:
        ends: list[Moment] = []
        several = section.model_copy(update={"epochs": 1 + epochs})
        fit(several, data, _shape(workload), seed=1, report=lambda _epoch, _record: ends.append(now()))
        return between(ends[0], ends[-1], epochs * workload.batches * workload.batch)

    def losses(steps: int) -> dict[str, Any]:
        # a model with given weights is no matter of a spec: it is put in place of the section's, unvalidated
        given = Given.model_construct(**dict(section.model), workload=workload)
        stepped = section.model_copy(update={"model": given, "epochs": steps})
        found = fit(stepped, _data(workload, 1), _shape(workload), seed=1)
        return {"losses": [record["train_loss"] for record in found.history]}

    def profile(epochs: int) -> dict[str, Any]:
        with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as seen:
            train(epochs)
        events = sorted(seen.key_averages(), key=lambda event: -event.self_cpu_time_total)
        total = sum(event.self_cpu_time_total for event in events)
        shares = [[event.key, event.self_cpu_time_total / total, event.count] for event in events[:OPERATIONS]]
        return {"profile": shares}

    return {"train": train, "losses": losses, "profile": profile}


class Given(Regressor):
    """A regressor that starts from the weights that every library is given."""

    workload: Workload

    def build(self, shape: Shape) -> nn.Module:
        """The module, its weights set."""
        module = super().build(shape)
        module.load_state_dict(_equal_weights(module.state_dict(), self.workload))
        return module


def _section(workload: Workload, options: Mapping[str, Any]) -> Training:
    layers = [{"kind": workload.cell, "units": workload.units}] * workload.layers
    return Training.model_validate(
        {
            "model": {"kind": "regressor", "layers": layers},
            "optimizer": {"kind": workload.optimizer, "learning_rate": workload.learning_rate},
            "batch": workload.batch,
            "threads": options["threads"],
            **options.get("section", {}),
        }
    )


def _data(workload: Workload, batches: int) -> DataSet:
    inputs, labels = workload.data(batches)
    columns = tuple(Column(name=f"x{number}", role="features") for number in range(workload.features))
    return DataSet(
        about=About(columns=columns, names={"label": "label"}),
        raw=inputs.reshape(-1, workload.features).astype(np.float64),
        offsets=np.arange(len(inputs) + 1) * workload.steps,
        sequences=pl.DataFrame({"key": [str(number) for number in range(len(inputs))], "label": labels}),
        part=np.zeros(inputs.shape[0] * workload.steps, np.int8),
    )


def _shape(workload: Workload) -> Shape:
    return Shape(inputs=workload.features)


def _equal_weights(state: Mapping[str, Tensor], workload: Workload) -> dict[str, Tensor]:
    """The module's weights: of every layer the two kernels, the head's matrix, and zeros."""
    given: dict[str, Tensor] = {name: torch.zeros_like(tensor) for name, tensor in state.items()}
    layers = iter(workload.weights())
    for name in state:
        if name.endswith(".kernel"):
            weights = next(layers)
            given[name] = torch.from_numpy(weights.kernel)
            given[f"{name.removesuffix('kernel')}recurrent_kernel"] = torch.from_numpy(weights.recurrent_kernel)
        elif name.startswith("head.") and name.endswith("weight"):
            given[name] = torch.from_numpy(workload.head())
    return given
