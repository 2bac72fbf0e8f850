"""What the last recurrent layer of a module gave in its last forward pass."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor, nn

from rnnlib.cells import CellLayer
from rnnlib.errors import ModelError
from rnnlib.layer import Lengths
from rnnlib.layers import Stack


class Outputs:
    """Watches the last recurrent layer of `module`; raises `ModelError` where there is none."""

    def __init__(self, module: nn.Module) -> None:
        stack = next((one for one in module.modules() if isinstance(one, Stack)), ())
        recurrent = [layer for layer in stack if any(isinstance(one, CellLayer) for one in layer.modules())]
        if not recurrent:
            rule = "a penalty on activations looks at the last recurrent layer, and the model has none"
            raise ModelError(f"{rule}: add one, or take the penalty out", at=("penalty",))
        self._found: tuple[Tensor, Lengths] | None = None
        recurrent[-1].register_forward_hook(self._keep)

    def _keep(self, _layer: nn.Module, _inputs: object, given: tuple[Tensor, Lengths]) -> None:
        self._found = given

    def last(self) -> tuple[Float[Tensor, "batch time unit"], Lengths]:
        """What was given last."""
        assert self._found is not None, "a forward pass comes before its loss"
        return self._found
