"""Models as ONNX graphs: nodes for every layer that ONNX's own operators express, a refusal for the others."""

from rnnlib.interchange.onnx import attention, cells, heads, loops, steps, time  # noqa: F401 - they register what they write
from rnnlib.interchange.onnx.export import Exported, Units, export_onnx

__all__ = ["Exported", "Units", "export_onnx"]
