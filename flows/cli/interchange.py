"""Commands that carry a model to another runtime and back."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="print JSON, for programs")]


class Units(StrEnum):
    """What goes into an exported graph and comes out of it."""

    data = "data"
    model = "model"


def export(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="models:/NAME@ALIAS, models:/NAME/VERSION or a folder")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="the .onnx file to write")],
    units: Annotated[
        Units, typer.Option(help="of what goes in and comes out; `model`: normalised outside")
    ] = Units.data,
    json: AsJson = False,
) -> None:
    """Write a model as ONNX, and check it beside onnxruntime."""
    from flows.cli.printing import as_json, say, table
    from flows.interchange import export as exported

    made = exported(model, file, units=units.value)
    if json:
        as_json(made._asdict())
        return
    say(f"wrote {made.file}: opset {made.opset}, onnxruntime agrees to {made.difference:.1e}")
    rows = [
        (way, name, " × ".join(str(axis) for axis in axes))
        for way, values in (("in", made.inputs), ("out", made.outputs))
        for name, axes in values.items()
    ]
    table("", ["", "name", "shape"], rows)


def import_(  # noqa: PLR0917 - options, each by its name
    file: Annotated[Path, typer.Argument(metavar="FILE", help="a .keras file of Keras 3")],
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="where the bundle is written")],
    column: Annotated[
        list[str] | None, typer.Option(help="names of the input columns, in order; default: x1, x2, …")
    ] = None,
    target: Annotated[str | None, typer.Option(help="the column that the model forecasts, where it forecasts")] = None,
    class_: Annotated[
        list[str] | None, typer.Option("--class", help="names of the classes, in order; default: 0, 1, …")
    ] = None,
    json: AsJson = False,
) -> None:
    """Turn a model of Keras into a bundle, which predicts, exports and is trained on."""
    from flows.cli.printing import as_json, say
    from flows.interchange import import_model

    made = import_model(file, folder, columns=column or (), target=target, classes=class_ or ())
    if json:
        as_json(made._asdict())
        return
    say(f"wrote {made.folder}: a {made.kind} of {', '.join(made.layers)}; {made.parameters} parameters")
    say(f"\nrnn predict {made.folder} new.csv")
