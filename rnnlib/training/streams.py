"""What truncated backpropagation and carried states need of a model."""

from __future__ import annotations

from collections.abc import Iterator

from torch import nn

from rnnlib.cells import Cell, CellLayer
from rnnlib.cells.stacked import Stacked
from rnnlib.errors import ModelError
from rnnlib.layer import Streams
from rnnlib.layers import Stack
from rnnlib.models import AnyModel
from rnnlib.part import Part

TRUNCATES = "`truncate` cuts gradients along the time of recurrent layers"
CARRIES = "`carry_state` reads windows one after the other as one sequence"


def cells_of(part: Part) -> Iterator[Cell]:
    """The recurrent cells in a section, however deep."""
    if isinstance(part, Cell):
        yield part
    for name in type(part).model_fields:
        for inner in _parts(getattr(part, name)):
            yield from cells_of(inner)


def _parts(value: object) -> Iterator[Part]:
    """The sections in a field: alone, in a row, or in rows of rows as branches are."""
    if isinstance(value, Part):
        yield value
    elif isinstance(value, tuple):
        for inner in value:
            yield from _parts(inner)


def refuse_without_recurrence(model: AnyModel, field: str) -> None:
    """Raises `ModelError` where the model has nothing for `field` to act on, or cells that read both ways."""
    cells = [cell for layer in model.layers for cell in cells_of(layer)]
    rule = TRUNCATES if field == "truncate" else CARRIES
    if not cells:
        raise ModelError(f"{rule}, and the model has no recurrent layer: leave it out, or add one", at=(field,))
    if field == "carry_state" and not all(cell.one_way for cell in cells):
        raise ModelError(f"{rule}, and a bidirectional layer needs what comes after: make it one-way", at=(field,))


def refuse_windows_of_their_own(module: nn.Module) -> None:
    """Raises `ModelError` where a layer looks at steps of its window by itself: it would miss what is carried."""
    layers, head = getattr(module, "layers", None), getattr(module, "head", nn.Identity())
    if not isinstance(layers, Stack):
        raise ModelError(f"{CARRIES}, and this model has no stack of layers that does", at=("carry_state",))
    if any(isinstance(one, CellLayer) for one in head.modules()):
        rule = f"{CARRIES}, and this head's cell starts from what one window was read to"
        raise ModelError(f"{rule}: use another head, or leave `carry_state` out", at=("model", "head"))
    for position, layer in enumerate(layers):
        if not (isinstance(layer, Stacked) or _remembers_nothing(layer)):
            rule = f"{CARRIES}, and this layer looks at other steps of its own window"
            raise ModelError(f"{rule}: take it out, or leave `carry_state` out", at=("model", "layers", position))


def reads_on(module: nn.Module) -> bool:
    """Whether the module can read windows one after the other as one sequence."""
    try:
        refuse_windows_of_their_own(module)
    except ModelError:
        return False
    return any(isinstance(one, CellLayer) for one in module.modules())


def _remembers_nothing(layer: nn.Module) -> bool:
    """Whether a layer sees each step by itself."""
    return isinstance(layer, Streams) and layer.start(1) == ()
