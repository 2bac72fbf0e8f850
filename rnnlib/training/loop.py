"""The loop that trains every model. What differs between models is in their own `loss_of`."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

from rnnlib.models import AnyModel
from rnnlib.seeds import derived
from rnnlib.training.clipping import clip_gradients, gradient_norm
from rnnlib.training.feed import Feed
from rnnlib.training.health import check_epoch, check_inputs, check_step
from rnnlib.training.interruption import Hold
from rnnlib.training.section import Training
from rnnlib.training.state import Record, State


def train(
    section: Training,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    feed: Feed,
    state: State,
    *,
    hold: Hold,
    save: Callable[[bool], None],
    report: Callable[[int, Record], None],
) -> None:
    """Trains `model` from where `state` stands until its epochs are over or early stopping ends it.

    An epoch visits every example once: for each batch θ ← step(θ, ∇ Σ loss / count), with Σ loss and count over the
    batch's observed values. `save(end of an epoch)` is called wherever the state is whole.
    """
    while state.stopped is None:
        model.train()
        for number, batch in feed.training(state.epoch, state.batch):
            where = f"epoch {state.epoch}, batch {number + 1}"
            check_inputs(batch, feed.columns, where)
            # dropout draws from torch's own generator: seeded by place, a resumed run drops what it would have dropped
            torch.default_generator.manual_seed(derived(feed.seed, "dropout", state.epoch, number))
            loss, count = section.model.loss_of(model(batch), batch)
            mean = loss / count
            optimizer.zero_grad()
            mean.backward()  # type: ignore[no-untyped-call]
            norm = gradient_norm(model)
            check_step(model, mean, norm, where)
            if section.clip is not None:
                clip_gradients(model, norm, section.clip)
            with hold:
                optimizer.step()
                state.add_batch(loss, count, norm)
            save(False)

        epoch = state.epoch
        validation_loss = mean_loss(section.model, model, feed, f"epoch {epoch}") if feed.validation else None
        record = state.record(validation_loss, optimizer.param_groups[0]["lr"])
        check_epoch(model, record, epoch)
        with hold:
            state.end_epoch(section, model, record)
        save(True)
        report(epoch, record)


def mean_loss(section: AnyModel, model: nn.Module, feed: Feed, where: str) -> float:
    """The mean loss per observed value over all validation examples, without dropout and without gradients."""
    model.eval()
    sums = torch.zeros(2, dtype=torch.float64)
    with torch.inference_mode():
        for number, batch in enumerate(feed.validating(), start=1):
            check_inputs(batch, feed.columns, f"{where}, validation batch {number}")
            loss, count = section.loss_of(model(batch), batch)
            sums += torch.stack([loss.double(), count.double()])
    return float(sums[0] / sums[1])
