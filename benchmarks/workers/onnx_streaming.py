"""One sample, one step, with onnxruntime: one LSTM node."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from benchmarks.latency import FEATURES, UNITS, latency
from benchmarks.serving import Action

OPSET = 22
IR = 10


def start(options: Mapping[str, Any]) -> Mapping[str, Action]:
    """The state of one step is that which the next one gets."""
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = options["threads"]
    settings.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(_graph().SerializeToString(), settings, ["CPUExecutionProvider"])
    zero = np.zeros((1, 1, UNITS), np.float32)
    feed = {"x": np.random.default_rng(1).standard_normal((1, 1, FEATURES), np.float32), "h": zero, "c": zero}

    def step() -> None:
        feed["h"], feed["c"] = session.run(None, feed)

    return {"measure": lambda steps: latency(step, steps)}


def _graph() -> Any:
    draw = np.random.default_rng(2)
    weights = {"W": (1, 4 * UNITS, FEATURES), "R": (1, 4 * UNITS, UNITS), "B": (1, 8 * UNITS)}
    constants = [
        numpy_helper.from_array(draw.uniform(-0.1, 0.1, shape).astype(np.float32), name)
        for name, shape in weights.items()
    ]
    shapes = {"x": [1, 1, FEATURES], "h": [1, 1, UNITS], "c": [1, 1, UNITS]}
    taken = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()]
    given = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 1, UNITS]) for name in ("h_after", "c_after")]
    node = helper.make_node("LSTM", ["x", "W", "R", "B", "", "h", "c"], ["", "h_after", "c_after"], hidden_size=UNITS)
    graph = helper.make_graph([node], "lstm", taken, given, constants)
    return onnx.helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR)
