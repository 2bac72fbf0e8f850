"""Models that leave for another runtime, and models that come from one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from flows.home import home_of, project_root
from rnnlib.errors import Refused
from tasks.registry.lookup import load_predictor

if TYPE_CHECKING:
    from rnnlib.interchange.keras import Imported
    from rnnlib.interchange.onnx import Exported, Units


def export(model: str, file: Path, *, units: Units = "data", home: Path | None = None) -> Exported:
    """Writes a model as ONNX, checked beside onnxruntime; `model` as `flows.predict.predict` takes it.

    Raises `Refused` for a file that is no `.onnx`, `ModelError` for a model that ONNX cannot express.
    """
    if file.suffix != ".onnx":
        raise Refused(f"models are exported as ONNX, received `{file}`: name a file that ends in .onnx")
    if not file.parent.is_dir():
        raise Refused(f"there is no folder `{file.parent}` to write `{file.name}` to: make it, or name another")
    from rnnlib.interchange.onnx import export_onnx

    return export_onnx(load_predictor(home or home_of(project_root()), model).bundle, file, units)


def import_model(
    file: Path, folder: Path, *, columns: Sequence[str] = (), target: str | None = None, classes: Sequence[str] = ()
) -> Imported:
    """Writes a `.keras` file as a bundle into `folder`; see `rnnlib.interchange.keras.import_keras`."""
    if file.suffix != ".keras":
        raise Refused(f"models of Keras 3 are imported, received `{file}`: name a file that ends in .keras")
    if folder.exists() and any(folder.iterdir()):
        raise Refused(f"a bundle is written into an empty folder, `{folder}` is not: name another")
    from rnnlib.interchange.keras import import_keras

    return import_keras(file, folder, columns=columns, target=target, classes=classes)
