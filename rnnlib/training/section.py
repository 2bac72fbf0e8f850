"""The section of a training."""

from __future__ import annotations

from pydantic import Field

from rnnlib.layers import Flow, flows
from rnnlib.models import AnyModel
from rnnlib.part import Part
from rnnlib.training.early_stopping import EarlyStopping
from rnnlib.training.numerics import processors, threads_for
from rnnlib.training.optimizers import Adam, AnyOptimizer


class Training(Part):
    """What is trained and how: a model, and how its weights are found."""

    model: AnyModel = Field(description="what is trained")
    optimizer: AnyOptimizer = Field(Adam(), description="how gradients become steps")
    epochs: int = Field(20, ge=1, le=1_000_000, description="the most passes over the train part")
    batch: int = Field(32, ge=1, le=65_536, description="windows or sequences per step")
    clip: float | None = Field(None, gt=0, le=1e6, description="the greatest global norm of a gradient; longer is cut")
    early_stopping: EarlyStopping | None = Field(
        None, description="when to stop before the last epoch; needs a validation part"
    )
    threads: int | None = Field(
        None, ge=1, le=1024, description="threads of the arithmetic; chosen by the model's size where it is left out"
    )

    def thread_count(self) -> int:
        """The threads that training runs on here: known before any data is read, so that a result's key can hold it."""
        if self.threads is not None:
            return self.threads
        widest = max((flow.width for flow in flows(self.model.layers, Flow(None)) if flow.width is not None), default=1)
        return threads_for(self.batch * widest**2, processors())
