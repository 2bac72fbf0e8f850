"""Every layer there is: written as nodes that compute the same, or refused by its name; a new one joins by existing."""

from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper

from rnnlib.errors import ModelError
from rnnlib.interchange.onnx.graph import Graph, Steps
from rnnlib.interchange.onnx.write import write
from tests.rnnlib.layers.examples import EXAMPLES, FLOW, FRAMES, INPUTS, TIME, TOKENS

REFUSED = {"spelling",
    "slstm", "tcn", "tcn, two blocks", "segment", "segment, two layers", "instance_norm", "attention_pooling",
    "attention_pooling, multiplicative", "input_attention", "time_attention", "positional", "positional, beside",
    "learned_positional", "learned_positional, beside", "parallel, nested", "frames", "frames, mean",
}  # fmt: skip
"""What nobody has written down yet. One that is here and is written after all fails: take it out."""
LENGTHS = np.array([TIME, 3, 5], np.int32)


def graph_of(section: Any, module: torch.nn.Module) -> bytes:
    graph = Graph()
    steps = write(module, graph, Steps("x", "lengths"))
    graph.named(steps.values, "y")
    inputs = [
        helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", "time", INPUTS]),
        helper.make_tensor_value_info("lengths", TensorProto.INT32, ["batch"]),
    ]
    outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", "steps", section.after(FLOW).known])]
    content: bytes = graph.finished("layer", inputs, outputs, {}).SerializeToString()
    return content


@pytest.mark.parametrize("name", [*EXAMPLES, *FRAMES])
def test_a_layer_is_written_or_refused_by_its_name(name: str) -> None:
    section = {**EXAMPLES, **FRAMES}[name]
    torch.manual_seed(3)
    module = section.build(FLOW).eval()
    if name in REFUSED:
        with pytest.raises(ModelError, match=r"received .*; (serve the bundle itself|use another cell)"):
            graph_of(section, module)
        return
    x = torch.randn(3, TIME, INPUTS)
    x[..., 0] = torch.randint(TOKENS, (3, TIME))  # tokens, for the layer that reads them
    lengths = torch.from_numpy(LENGTHS).long()
    with torch.no_grad():
        ours, after = module(x, lengths)
    session = onnxruntime.InferenceSession(graph_of(section, module))
    (theirs,) = session.run(None, {"x": x.numpy(), "lengths": LENGTHS})
    valid = np.arange(ours.shape[1]) < (np.full(3, ours.shape[1]) if after is None else after.numpy())[:, None]
    np.testing.assert_allclose(theirs[valid], ours.numpy()[valid], rtol=0, atol=2e-6)
