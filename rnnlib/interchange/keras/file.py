"""What a `.keras` file holds: its layers in a row, each with its configuration and its weights."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rnnlib.errors import DataError, ModelError

LARGEST = 4 << 30
"""Bytes of weights that are read at most."""
_MEMBERS = ("metadata.json", "config.json", "model.weights.h5")


@dataclass(frozen=True)
class KerasLayer:
    """One layer: its class, its name, its configuration, and its weights by their place in the file."""

    kind: str
    name: str
    config: Mapping[str, Any]
    weights: Mapping[str, Tensor]


@dataclass(frozen=True)
class KerasModel:
    """A model whose layers stand in a row, and the shape of what it reads: [steps, width] or [steps]; none if any."""

    layers: tuple[KerasLayer, ...]
    reads: tuple[int | None, ...]
    version: str


def read_keras(file: Path) -> KerasModel:
    """Reads a model that Keras 3 saved; nothing in it is executed.

    Raises `DataError` for a file that is none, `ModelError` for a model whose layers do not stand in a row. Needs h5py
    (`pip install rnnlib[keras]`).
    """
    members = _members(file)
    version = str(_json(members["metadata.json"], file).get("keras_version", ""))
    if not version.startswith("3."):
        raise DataError(
            f"files of Keras 3 are read, received one of Keras {version or 'unknown'}: save it with Keras 3"
        )
    top = _json(members["config.json"], file)
    weights = _weights(members["model.weights.h5"], file)
    row = list(_in_a_row(top))
    reads = next((_reads(one["config"]) for one in row if one["class_name"] == "InputLayer"), None)
    if reads is None:
        raise ModelError("the model does not say what it reads: build it (give it a `keras.Input`) and save it again")
    names = _places(row)
    layers = tuple(
        KerasLayer(one["class_name"], one["config"]["name"], one["config"], weights.get(place, {}))
        for one, place in zip(row, names, strict=True)
        if one["class_name"] != "InputLayer"
    )
    return KerasModel(layers, reads, version)


def _members(file: Path) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(file) as opened:
            sizes = {info.filename: info.file_size for info in opened.infolist()}
            if missing := [name for name in _MEMBERS if name not in sizes]:
                raise DataError(f"a `.keras` file holds {', '.join(_MEMBERS)}, and this one lacks {missing[0]}")
            if max(sizes[name] for name in _MEMBERS) > LARGEST:
                raise DataError(f"weights of at most {LARGEST >> 30} GiB are read: received more")
            return {name: opened.read(name) for name in _MEMBERS}
    except (OSError, zipfile.BadZipFile) as error:
        raise DataError(
            f"{file.name} is no `.keras` file: {error}; save the model with `model.save('….keras')`"
        ) from error


def _json(content: bytes, file: Path) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except ValueError as error:
        raise DataError(f"{file.name} is damaged: {error}") from error
    if not isinstance(found, dict):
        raise DataError(f"{file.name} is damaged: its description is no mapping")
    return found


def _in_a_row(top: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The layers in the order in which they run; raises where one reads two, or two read one."""
    kind, layers = top.get("class_name"), top.get("config", {}).get("layers", [])
    if kind == "Sequential":
        yield from layers
        return
    if kind != "Functional":
        raise ModelError(f"Sequential and Functional models are read, received {kind}: rebuild it as one of them")
    reads = {one["name"]: _sources(one) for one in layers}
    fed = Counter(source for sources in reads.values() for source in sources)
    for one in layers:
        if len(reads[one["name"]]) > 1 or fed[one["name"]] > 1:
            rule = "models are read whose layers stand in a row"
            raise ModelError(f"{rule}: `{one['name']}` has several inputs or readers; such a model cannot be imported")
    follows = {sources[0]: name for name, sources in reads.items() if sources}
    named = {one["name"]: one for one in layers}
    at: str | None = next(name for name, sources in reads.items() if not sources)
    while at is not None:
        yield named[at]
        at = follows.get(at)


def _sources(layer: Mapping[str, Any]) -> list[str]:
    """The names of the layers that a layer reads, found by the history that Keras writes beside each tensor."""
    text = json.dumps(layer.get("inbound_nodes", []))
    return re.findall(r'"keras_history": \["([^"]+)"', text)


def _reads(config: Mapping[str, Any]) -> tuple[int | None, ...]:
    return tuple(config["batch_shape"][1:])


def _places(row: list[dict[str, Any]]) -> list[str]:
    """Where each layer's weights stand in the file: its class in snake case, numbered from the second on."""
    seen: Counter[str] = Counter()
    places = []
    for one in row:
        name = _snake(one["class_name"])
        places.append(f"{name}_{seen[name]}" if seen[name] else name)
        seen[name] += 1
    return places


def _snake(name: str) -> str:
    """A class name as Keras writes it in a file: `SimpleRNN` is `simple_rnn`, `Conv1D` is `conv1d`."""
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)).lower()


def _weights(content: bytes, file: Path) -> dict[str, dict[str, Tensor]]:
    """Every stored array by its layer's place and its own place within the layer."""
    try:
        import h5py
    except ImportError as error:
        raise ModelError("a `.keras` file is read by h5py: `pip install rnnlib[keras]`") from error

    found: dict[str, dict[str, Tensor]] = {}

    def note(path: str, item: object) -> None:
        if isinstance(item, h5py.Dataset) and path.startswith("layers/"):
            _, layer, place = path.split("/", 2)
            found.setdefault(layer, {})[place] = torch.from_numpy(np.asarray(item, np.float32))

    try:
        with h5py.File(io.BytesIO(content), "r") as opened:
            opened.visititems(note)
    except OSError as error:
        raise DataError(f"{file.name} is damaged: {error}") from error
    return found
