"""An ONNX graph as it is being written: values have names, nodes are added in the order in which they run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Any, NamedTuple

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor

OPSET = 21
"""Understood by onnxruntime 1.18 and later."""
IR_VERSION = 10
"""The file format that came with that opset."""


class Steps(NamedTuple):
    """A sequence in the graph: the names of its values [batch, time, width] and of its lengths [batch] (whole numbers).

    Where nothing is padded there are no lengths.
    """

    values: str
    lengths: str | None


Step = Callable[["Graph", Sequence[str], Sequence[str]], tuple[Sequence[str], str]]
"""One step of a loop: from the states and this step's slices to the states after it and what is shown."""


class Graph:
    """Nodes and constants; every method that adds something gives the name of its output."""

    def __init__(self, numbers: count[int] | None = None) -> None:
        """`numbers` tell names apart; a loop's body shares them with the graph around it, whose values it may read."""
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._numbers = count(1) if numbers is None else numbers

    def node(self, operator: str, *inputs: str, attributes: Mapping[str, Any] | None = None) -> str:
        """One node with one output."""
        return self.nodes(operator, inputs, 1, attributes)[0]

    def nodes(
        self, operator: str, inputs: Sequence[str], outputs: int, attributes: Mapping[str, Any] | None = None
    ) -> list[str]:
        """One node with several outputs."""
        names = [self._fresh(operator) for _ in range(outputs)]
        self._nodes.append(helper.make_node(operator, list(inputs), names, **(attributes or {})))
        return names

    def weight(self, tensor: Tensor) -> str:
        """A constant from a weight, in float32."""
        return self.constant(tensor.detach().cpu().float().contiguous().numpy())

    def constant(self, array: np.ndarray) -> str:
        """A constant."""
        name = self._fresh("constant")
        self._constants.append(numpy_helper.from_array(np.array(array, order="C"), name))
        return name

    def integers(self, *numbers: int) -> str:
        """A constant list of int64: axes, shapes, positions."""
        return self.constant(np.array(numbers, np.int64))

    def integer(self, number: int) -> str:
        """A constant int64."""
        return self.constant(np.array(number, np.int64))

    def number(self, number: float | int) -> str:
        """A constant float32."""
        return self.constant(np.array(number, np.float32))

    def affine(self, x: str, kernel: Tensor, bias: Tensor | None) -> str:
        """x Wᵀ + b over the last axis."""
        product = self.node("MatMul", x, self.weight(kernel.T))
        return product if bias is None else self.node("Add", product, self.weight(bias))

    def turned(self, x: str) -> str:
        """The first two axes change places: batch and time."""
        return self.node("Transpose", x, attributes={"perm": [1, 0, 2]})

    def valid(self, steps: Steps) -> str:
        """Which steps are no padding: bool [batch, time]; the sequence has lengths."""
        assert steps.lengths is not None, "asked only where there are lengths"
        lengths = self.whole(steps.lengths)
        return self.node("Less", self.places(steps.values), self.node("Unsqueeze", lengths, self.integers(1)))

    def valid_or(self, steps: Steps, other: float | int) -> str:
        """The values, and `other` where there is padding; the sequence has lengths."""
        valid = self.node("Unsqueeze", self.valid(steps), self.integers(2))
        return self.node("Where", valid, steps.values, self.number(other))

    def zeroed(self, steps: Steps) -> str:
        """The values, and 0 where there is padding."""
        return steps.values if steps.lengths is None else self.valid_or(steps, 0)

    def whole(self, x: str) -> str:
        """As int64."""
        return self.node("Cast", x, attributes={"to": TensorProto.INT64})

    def real(self, x: str) -> str:
        """As float32."""
        return self.node("Cast", x, attributes={"to": TensorProto.FLOAT})

    def places(self, x: str) -> str:
        """0, 1, … up to the number of steps of x [batch, time, …]: int64 [time]."""
        time = self.node("Gather", self.node("Shape", x), self.integer(1))
        return self.node("Range", self.integer(0), time, self.integer(1))

    def last(self, steps: Steps) -> str:
        """The last step that is no padding: [batch, width]."""
        if steps.lengths is None:
            return self.node("Gather", steps.values, self.integer(-1), attributes={"axis": 1})
        at = self.node("Sub", self.whole(steps.lengths), self.integers(1))
        place = self.node("Unsqueeze", at, self.integers(1))
        return self.node("GatherND", steps.values, place, attributes={"batch_dims": 1})

    def loop(self, step: Step, states: Sequence[str], slices: Sequence[str]) -> str:
        """What `step` shows at every place of the first axis, on which all `slices` are cut: the ONNX operator Scan."""
        body = Graph(self._numbers)
        before = [self._fresh("state") for _ in states]
        read = [self._fresh("slice") for _ in slices]
        after, shown = step(body, before, read)
        ends = [*after, shown]
        names = [body.node("Identity", end) for end in ends]  # a name may leave once, and what came in may not leave
        inner = helper.make_graph(
            body._nodes, self._fresh("step"), _floats([*before, *read]), _floats(names), body._constants
        )
        attributes = {"body": inner, "num_scan_inputs": len(slices)}
        return self.nodes("Scan", [*states, *slices], len(states) + 1, attributes)[-1]

    def finished(
        self,
        name: str,
        inputs: Sequence[onnx.ValueInfoProto],
        outputs: Sequence[onnx.ValueInfoProto],
        metadata: Mapping[str, str],
    ) -> onnx.ModelProto:
        """The model, checked by ONNX itself."""
        graph = helper.make_graph(self._nodes, name, list(inputs), list(outputs), self._constants)
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
            producer_name="rnnlib",
        )
        helper.set_model_props(model, dict(metadata))
        onnx.checker.check_model(model, full_check=True)
        return model

    def named(self, value: str, name: str) -> None:
        """Gives a value the name under which it leaves the graph."""
        self._nodes.append(helper.make_node("Identity", [value], [name]))

    def _fresh(self, kind: str) -> str:
        return f"{kind.lower()}_{next(self._numbers)}"


def _floats(names: Sequence[str]) -> list[onnx.ValueInfoProto]:
    return [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names]
