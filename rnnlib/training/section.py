"""The section of a training."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from rnnlib.errors import misplaced
from rnnlib.layers import Flow, flows
from rnnlib.models import AnyModel
from rnnlib.part import Part
from rnnlib.training.averaging import Average
from rnnlib.training.clipping import AnyClip
from rnnlib.training.early_stopping import EarlyStopping
from rnnlib.training.numerics import processors, threads_for
from rnnlib.training.optimizers import Adam, AnyOptimizer
from rnnlib.training.penalties import AnyPenalty
from rnnlib.training.precision import Precision
from rnnlib.training.schedules import AnySchedule, Constant


class Training(Part):
    """What is trained and how: a model, and how its weights are found."""

    model: AnyModel = Field(description="what is trained")
    optimizer: AnyOptimizer = Field(Adam(), description="how gradients become steps")
    epochs: int = Field(20, ge=1, le=1_000_000, description="the most passes over the train part")
    batch: int = Field(32, ge=1, le=65_536, description="windows or sequences per step")
    accumulate: int = Field(1, ge=1, le=65_536, description="batches whose gradients make one step together")
    clip: AnyClip | None = Field(
        None, description="what a gradient is cut to; a number is the greatest norm over all weights"
    )
    schedule: AnySchedule = Field(Constant(), description="how the learning rate changes")
    penalty: tuple[AnyPenalty, ...] = Field((), max_length=16, description="what is made small beside the loss")
    average: Average | None = Field(None, description="a moving average of the weights, to be evaluated and kept")
    keep: Literal["best", "last"] = Field(
        "best", description="the weights that become the model: those of the epoch with the lowest loss, or the last"
    )
    precision: Precision = Field("float32", description="what layers compute in; weights and gradients are float32")
    early_stopping: EarlyStopping | None = Field(
        None, description="when to stop before the last epoch; needs a validation part"
    )
    threads: int | None = Field(
        None, ge=1, le=1024, description="threads of the arithmetic; chosen by the model's size where it is left out"
    )

    @model_validator(mode="after")
    def _fits_into_its_epochs(self) -> Self:
        if self.average is not None and self.average.from_epoch > self.epochs:
            rule = f"the average begins with an epoch of the training, which has {self.epochs}"
            message = f"{rule}: received from_epoch {self.average.from_epoch}; begin earlier, or train longer"
            raise misplaced(message, "average", "from_epoch")
        warmup = self.schedule.warmup
        if warmup is not None and warmup.epochs is not None and warmup.epochs >= self.epochs:
            rule = f"the warm-up ends before the training does, which has {self.epochs} epochs"
            message = f"{rule}: received {warmup.epochs:g}; make it shorter, or train longer"
            raise misplaced(message, "schedule", "warmup")
        return self

    def thread_count(self) -> int:
        """The threads that training runs on here: known before any data is read, so that a result's key can hold it."""
        if self.threads is not None:
            return self.threads
        widest = max((flow.width for flow in flows(self.model.layers, Flow(None)) if flow.width is not None), default=1)
        return threads_for(self.batch * widest**2, processors())
