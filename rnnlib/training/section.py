"""The section of a training."""

from __future__ import annotations

from typing import Annotated, Literal, Self

import torch
from pydantic import Field, model_validator

from rnnlib.errors import ModelError, misplaced
from rnnlib.layers import Flow, flows
from rnnlib.models import AnyModel
from rnnlib.part import Part
from rnnlib.training.allocation import Allocation
from rnnlib.training.averaging import Average
from rnnlib.training.carried import Order
from rnnlib.training.clipping import AnyClip
from rnnlib.training.device import Device, device_for
from rnnlib.training.early_stopping import EarlyStopping
from rnnlib.training.gradients_seen import Watching
from rnnlib.training.numerics import WORK, processors, threads_for
from rnnlib.training.optimizers import Adam, AnyOptimizer
from rnnlib.training.penalties import AnyPenalty
from rnnlib.training.precision import Precision
from rnnlib.training.schedules import AnySchedule, Constant
from rnnlib.training.streams import refuse_without_recurrence

USUAL = 64
"""The batch that threads are chosen for where its size is not known yet."""

OutOfMemory = Literal["refuse", "halve"]
"""`halve`: the batch is cut in two whose gradients add up, again and again until it fits."""


class Training(Part):
    """What is trained and how: a model, and how its weights are found."""

    model: AnyModel = Field(description="what is trained")
    optimizer: AnyOptimizer = Field(Adam(), description="how gradients become steps")
    epochs: int = Field(20, ge=1, le=1_000_000, description="the most passes over the train part")
    batch: Annotated[int, Field(ge=1, le=65_536)] | Literal["auto"] = Field(
        32, description="windows or sequences per step; `auto` tries which number is fast and fits"
    )
    out_of_memory: OutOfMemory = Field(
        "refuse", description="what becomes of a batch that does not fit into memory: `halve` does it in pieces"
    )
    shuffle: bool = Field(True, description="whether every epoch shows its windows or sequences in an order of its own")
    truncate: int | None = Field(
        None, ge=1, le=10**9, description="the most steps that a gradient goes back along a recurrent layer; none: all"
    )
    carry_state: bool = Field(
        False, description="whether a window starts from the states that the one before it ended with"
    )
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
    watch: Watching | None = Field(None, description="what is looked at while the model is trained")
    device: Device = Field("auto", description="where arithmetic is done; `auto`: on a GPU, if there is work for one")
    allocation: Allocation = Field(
        "kept", description="whether freed memory is `kept` for the next step, or given back as the `system` does"
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

    @model_validator(mode="after")
    def _states_pass_where_there_are_any(self) -> Self:
        wanted = [name for name in ("truncate", "carry_state") if getattr(self, name) not in (None, False)]
        try:
            for name in wanted:
                refuse_without_recurrence(self.model, name)
        except ModelError as error:
            raise misplaced(error.message, *error.at) from error
        if self.carry_state and self.shuffle:
            rule = "`carry_state` reads windows one after the other, and they are shuffled"
            raise misplaced(f"{rule}: received shuffle true; use `shuffle: false`", "carry_state")
        if self.carry_state and self.accumulate > 1:
            rule = "`carry_state` hands states from step to step, and a step takes one batch then"
            raise misplaced(f"{rule}: received accumulate {self.accumulate}; use 1, or a larger batch", "accumulate")
        return self

    def thread_count(self) -> int:
        """The threads that training runs on here: known before any data is read, so that a result's key can hold it."""
        return self.threads if self.threads is not None else threads_for(self._work(), processors())

    def placed(self) -> torch.device:
        """Where training runs here; raises `ModelError` where a GPU is asked for and there is none."""
        return device_for(self.device, worth_it=self._work() >= WORK)

    def device_there(self) -> str:
        """What `placed` finds, in a word; what is asked for where it is not there."""
        try:
            return self.placed().type
        except ModelError:
            return self.device

    @property
    def order(self) -> Order:
        """How an epoch goes through its examples."""
        if self.shuffle:
            return "shuffled"
        return "in lanes" if self.carry_state else "as it is"

    def _work(self) -> int:
        """Multiplications per step of time, as far as the section tells them."""
        widths = (flow.width for flow in flows(self.model.layers, Flow(None)))
        widest = max((width for width in widths if width is not None), default=1)
        return (USUAL if self.batch == "auto" else self.batch) * widest**2
