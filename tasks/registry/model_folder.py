"""The folder that MLflow registers: a bundle, what loads it, its signature, its requirements, the project's wheel."""

from __future__ import annotations

import shutil
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnnlib.data.about import About
from rnnlib.data.loading.as_trained import not_needed
from rnnlib.data.roles import Roles
from tasks.registry.own_wheel import write_wheel

if TYPE_CHECKING:
    from mlflow.models import ModelSignature

LOADER = "rnnlib.served"
BUNDLE = "data/bundle"
"""Where the bundle lies in the folder."""
_PINNED = ("mlflow", "jaxtyping", "numpy", "pandas", "polars", "pydantic", "safetensors", "torch")


def write_model_folder(bundle: Path, about: About, folder: Path) -> None:
    """Writes a pyfunc model of a bundle: it loads and serves without pickle, in an environment of its own too."""
    copied = folder.with_name("bundle")  # MLflow keeps the folder's own name
    shutil.copytree(bundle, copied)
    wheel = write_wheel(folder.with_name("wheels"))
    with warnings.catch_warnings():
        # MLflow warns of its own types as it is imported
        warnings.filterwarnings("ignore", message=".*Any type hint is inferred as AnyType", category=UserWarning)
        # an example would be rows of the person's own data
        warnings.filterwarnings("ignore", message=".*An input example was not provided", category=UserWarning)
        import mlflow.pyfunc

        mlflow.pyfunc.save_model(
            folder,
            loader_module=LOADER,
            data_path=str(copied),
            signature=signature_of(about),
            pip_requirements=[f"wheels/{wheel.name}", *pinned(about)],
        )
    shutil.move(str(wheel.parent), str(folder / "wheels"))
    shutil.rmtree(copied)


def pinned(about: About) -> list[str]:
    """What loading a bundle and predicting with it needs, at the versions that run here, extras of its data included.

    The project itself is named by its wheel's path: its name could be registered by anybody on a public index.
    """
    extras = {"tokenizers": any(state["kind"] == "byte_pair" for state in about.encoders)}
    extras["holidays"] = bool((about.made.get("calendar") or {}).get("holidays"))
    names = (*_PINNED, *(name for name, needed in extras.items() if needed))
    return [f"{name}=={version(name).partition('+')[0]}" for name in names]


def signature_of(about: About) -> ModelSignature:
    """The columns that the model reads, required but for truths and what only training asks for.

    Their types are checked by the loader, value by value. MLflow's own are too narrow: `double` refuses whole numbers,
    `float` refuses float64.
    """
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema
    from mlflow.types.schema import AnyType

    roles = Roles.model_validate(about.roles)
    anything: Any = AnyType  # MLflow's classes are untyped
    optional = (*not_needed(about), "tags")
    columns: list[Any] = [ColSpec(anything(), place.column, place.role not in optional) for place in roles.places()]
    return ModelSignature(inputs=Schema(columns))
