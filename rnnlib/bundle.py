"""A model that lives alone: a folder of JSON and safetensors that loads without its spec, its data, or pickle.

`model.json` (what rebuilds the module, and everything about the data it takes), `weights.safetensors`, `README.md` (the
model card) and `sha256` (the manifest, written last, in the format of `sha256sum`). Equal content, equal bytes.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

import torch
from pydantic import Field, ValidationError, model_validator
from torch import Tensor, nn

from rnnlib.data.about import About
from rnnlib.errors import BundleError, misplaced
from rnnlib.model_card import card
from rnnlib.models import AnyModel
from rnnlib.models.shape import Shape
from rnnlib.part import Facts
from rnnlib.weights import WEIGHTS, read_weights, write_weights

FORMAT = 1
DESCRIPTION, CARD, MANIFEST = "model.json", "README.md", "sha256"
_FILES = frozenset({DESCRIPTION, CARD, WEIGHTS})
_LARGEST_DESCRIPTION = 64 << 20
_LINE = re.compile(r"([0-9a-f]{64})  ([A-Za-z0-9_][A-Za-z0-9_.-]{0,99})")


class Description(Facts):
    """The content of `model.json`: what rebuilds the module, and what the model knows about its data."""

    format: Literal[1] = Field(1, description="the version of the bundle format")
    model: AnyModel = Field(description="the model's section")
    shape: Shape = Field(description="the sizes that the data gave the module")
    about: About = Field(description="roles, units, types, frequency, fitted transforms, window and split of the data")
    classes: tuple[str, ...] | None = Field(None, description="the labels, in the order of the module's outputs")
    facts: dict[str, Any] = Field({}, description="how it came about: seed, versions, best epoch")

    @model_validator(mode="after")
    def _sizes_agree(self) -> Self:
        classes = None if self.classes is None else len(self.classes)
        if classes != self.shape.classes:
            raise misplaced(f"the shape has {self.shape.classes} classes, the list of labels {classes}", "classes")
        if len(set(self.classes or ())) != (classes or 0):
            raise misplaced("a label stands twice in the list", "classes")
        if self.shape.inputs != len(self.about.columns):
            columns = len(self.about.columns)
            raise misplaced(f"the shape has {self.shape.inputs} inputs, the data {columns} columns", "shape", "inputs")
        return self


@dataclass(frozen=True)
class Bundle:
    """A verified bundle: nothing is built from a folder whose sha256 differ."""

    folder: Path
    digest: str
    """sha256 of the manifest: equal content, equal digest."""
    model: AnyModel
    shape: Shape
    about: About
    classes: tuple[str, ...] | None
    facts: Mapping[str, Any]
    weights: Mapping[str, Tensor] = field(repr=False)

    @property
    def reads(self) -> str:
        """What it is asked with: `text` that goes on, files of clips as their source's `kind` names them, a `table`."""
        if self.model.kind == "language_model":
            return "text"
        return "table" if self.about.source is None else str(self.about.source["fields"]["kind"])

    def module(self) -> nn.Module:
        """A fresh module with the stored weights, ready to predict; leaves the global generator as it was."""
        with torch.random.fork_rng(devices=[]):
            module = self.model.assembled(self.shape)
        module.load_state_dict(dict(self.weights), strict=True)
        return module.eval()


def save_bundle(
    folder: Path,
    *,
    model: AnyModel,
    shape: Shape,
    module: nn.Module,
    about: About,
    classes: tuple[str, ...] | None,
    facts: Mapping[str, Any],
) -> None:
    """Writes a bundle into `folder`, which is made, or is empty; the manifest last.

    Raises `BundleError` where the folder holds something, and where a weight is NaN or infinite.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise BundleError(f"a bundle is written into an empty folder, `{folder.name}` is not: name another")
    description = Description(model=model, shape=shape, about=about, classes=classes, facts=dict(facts))
    write_weights(folder / WEIGHTS, module.state_dict())
    content = description.model_dump(mode="json", by_alias=True)
    (folder / DESCRIPTION).write_text(
        json.dumps(content, indent=1, allow_nan=False, ensure_ascii=False) + "\n", "utf-8"
    )
    (folder / CARD).write_text(card(description), "utf-8")
    lines = [f"{_sha256(folder / name)}  {name}\n" for name in sorted(_FILES)]
    (folder / MANIFEST).write_text("".join(lines), "ascii")


def open_bundle(folder: Path) -> Bundle:
    """The bundle in `folder`, its sha256 verified before anything is built from it.

    Raises `BundleError` for a folder that is incomplete, damaged, of another format, or whose weights do not fit its
    model.
    """
    digests = _verified(folder)
    description = _description(folder)
    if set(digests) != _FILES:
        raise BundleError(
            f"{_named(folder)} holds {', '.join(sorted(digests))}; format {FORMAT} is made of {_listed()}"
        )
    try:
        with torch.device("meta"):  # the sizes only: a hostile description must not fill the memory
            expected = description.model.assembled(description.shape).state_dict()
    except (ValueError, RuntimeError, TypeError) as error:
        raise BundleError(f"{_named(folder)} describes a model that cannot be built: {error}") from error
    return Bundle(
        folder=folder,
        digest=_sha256(folder / MANIFEST),
        model=description.model,
        shape=description.shape,
        about=description.about,
        classes=description.classes,
        facts=description.facts,
        weights=read_weights(folder / WEIGHTS, expected),
    )


def _verified(folder: Path) -> dict[str, str]:
    """The manifest of a folder that holds what it lists and nothing else."""
    if not (folder / MANIFEST).is_file() or (folder / MANIFEST).stat().st_size > 1 << 16:
        raise BundleError(f"{_named(folder)} has no manifest `{MANIFEST}`: it is no bundle, or its writing was cut off")
    digests: dict[str, str] = {}
    for line in (folder / MANIFEST).read_bytes().decode("ascii", "replace").splitlines():
        match = _LINE.fullmatch(line)
        if match is None or match[2] in (MANIFEST, *digests):
            raise BundleError(f"{_named(folder)}: a manifest line is `<sha256>  <file name>`, once each, not {line!r}")
        digests[match[2]] = match[1]
    present = {path.name: path for path in folder.iterdir() if path.name != MANIFEST}
    if odd := present.keys() ^ digests.keys():
        raise BundleError(
            f"{_named(folder)}: {', '.join(sorted(odd))} missing or not in the manifest: restore the bundle"
        )
    for name, path in present.items():
        if path.is_symlink() or not path.is_file():
            raise BundleError(f"{_named(folder)}: {name} is no plain file; a bundle holds no links and no folders")
        if _sha256(path) != digests[name]:
            raise BundleError(
                f"{_named(folder)}: {name} differs from its sha256: it is damaged; restore or train again"
            )
    return digests


def _description(folder: Path) -> Description:
    file = folder / DESCRIPTION
    if not file.is_file() or file.stat().st_size > _LARGEST_DESCRIPTION:
        raise BundleError(f"{_named(folder)} has no {DESCRIPTION} of at most {_LARGEST_DESCRIPTION >> 20} MiB")
    try:
        content = json.loads(file.read_bytes(), parse_constant=_no_such_number)
    except (ValueError, RecursionError) as error:
        raise BundleError(f"{_named(folder)}: {DESCRIPTION} is no valid JSON: {error}") from error
    version = content.get("format") if isinstance(content, dict) else None
    if version != FORMAT or isinstance(version, bool):
        remedy = "update rnnlib" if isinstance(version, int) and version > FORMAT else "train the model again"
        raise BundleError(f"this rnnlib reads bundles of format {FORMAT}, {_named(folder)} is of {version!r}: {remedy}")
    try:
        return Description.model_validate(content)
    except (ValidationError, RecursionError) as error:
        raise BundleError(f"{_named(folder)}: {DESCRIPTION} does not describe a model: {_first(error)}") from error


def _first(error: ValidationError | RecursionError) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"


def _no_such_number(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _named(folder: Path) -> str:
    return f"the bundle `{folder.name}`"


def _listed() -> str:
    return ", ".join(sorted(_FILES))
