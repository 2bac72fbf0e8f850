"""The model: its layers, how many numbers each learned, and what it was trained with."""

from __future__ import annotations

import json
from dataclasses import dataclass

from flows.report.facts import RunFacts, StepFacts
from flows.report.wording import number, size
from rnnlib.errors import BundleError


@dataclass(frozen=True)
class ModelView:
    """One trained model."""

    step: str
    sentence: str
    layers: tuple[tuple[str, str, str, str], ...]
    """Place and kind, settings, width, parameters."""


def models(run: RunFacts) -> list[ModelView]:
    """Every model that was trained."""
    return [_view(step) for step in run.steps_of("train") if step.file("bundle", "model.json")]


def _view(step: StepFacts) -> ModelView:
    from rnnlib.bundle import open_bundle
    from rnnlib.models import describe

    assert step.folder is not None, "a step with a bundle has a folder"
    try:
        bundle = open_bundle(step.folder / "bundle")
    except BundleError as error:  # the report of a failed run says so, and goes on
        return ModelView(step.name, str(error), ())
    described = describe(bundle.model, bundle.shape)
    settings = [part.model_dump(mode="json") for part in (*bundle.model.layers, bundle.model.head)]
    if len(described) > len(settings):  # the vectors of categories come first
        settings.insert(0, dict(bundle.model.embed))
    layers = tuple(
        (one.name, _settings(own), number(one.width), number(one.parameters))
        for one, own in zip(described, settings, strict=True)
    )
    total = sum(one.parameters for one in described)
    weights = step.file("bundle", "weights.safetensors")
    stored = f", {size(weights.stat().st_size)} of weights" if weights else ""
    sentence = f"A {bundle.model.kind} of {number(total)} parameters{stored}; loss: {bundle.model.loss.kind}."
    return ModelView(step.name, sentence, layers)


def _settings(section: dict[str, object]) -> str:
    shown = ((name, value) for name, value in section.items() if name != "kind" and value is not None)
    return ", ".join(f"{name}: {value if isinstance(value, str) else json.dumps(value)}" for name, value in shown)
