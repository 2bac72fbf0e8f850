"""How each module is written as ONNX nodes: one function per module class, found by the class."""

from __future__ import annotations

from functools import singledispatch

from torch import nn

from rnnlib.errors import ModelError
from rnnlib.interchange.onnx.graph import Graph, Steps


@singledispatch
def write(module: nn.Module, graph: Graph, steps: Steps) -> Steps:  # noqa: ARG001 - others use them
    """Writes `module`, which reads `steps`, into `graph`, and gives what comes out of it.

    Raises `ModelError` for a module that ONNX's operators do not express, or that nobody has written down yet.
    """
    rule = "a model is exported layer by layer, and each must be made of ONNX's own operators"
    received = f"received {type(module).__name__}, which is not"
    raise ModelError(f"{rule}: {received}; serve the bundle itself (`rnn predict`, MLflow), or use another layer")
