"""The loss of a model, as its head has it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ValidationInfo

from rnnlib.errors import misplaced
from rnnlib.models.heads import Head
from rnnlib.models.losses import AnyLoss, Loss, usual_loss


def _head(info: ValidationInfo) -> Head | None:
    """The model's head; none where it does not hold, or the loss is looked at by itself."""
    return (info.data or {}).get("head")


def _usual(value: Any, info: ValidationInfo) -> Any:
    """The usual loss of the head where none is named."""
    if value is not None:
        return value
    head = _head(info)
    return usual_loss("values" if head is None else head.gives)


def _completed(loss: Loss, info: ValidationInfo) -> Loss:
    """The loss with the fields that are its head's."""
    head = _head(info)
    if head is None or head.gives != loss.takes:  # that one of them is wrong is said elsewhere
        return loss
    for name in loss.from_head:
        of_head, own = getattr(head, name), getattr(loss, name)
        if own is not None and own != of_head:
            rule = f"`{name}` of the loss are those of the head, {list(of_head)}"
            raise misplaced(f"{rule}: received {list(own)}; leave them out here", name)
    return loss.model_copy(update={name: getattr(head, name) for name in loss.from_head})


FittingLoss = Annotated[AnyLoss, AfterValidator(_completed), BeforeValidator(_usual)]
"""A field declared behind `head`: left out, it is the loss that fits the head."""
