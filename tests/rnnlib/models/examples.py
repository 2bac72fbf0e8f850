"""Small models, shapes and batches."""

import torch

from rnnlib.data.batching.batch import Batch
from rnnlib.layer import Tokens
from rnnlib.models import Classifier, Forecaster, LanguageModel, Model, Regressor, Shape, Tagger

LAYERS = ({"kind": "lstm", "units": 6}, {"kind": "attention", "heads": 2}, {"kind": "gru", "units": 4})
FORECAST = Shape(inputs=5, future=2, static=3, horizon=4, targets=2, context=7, target_columns=(0, 3))
CLASSES = Shape(inputs=5, static=3, classes=3)
VALUE = Shape(inputs=5, static=3)
TAGS = Shape(inputs=5, static=3, classes=3, tags=1)
KEYS = Shape(inputs=5, static=3, tags=4)
TEXT = Shape(inputs=1, static=3, classes=8, tags=1, tokens=(Tokens("said", 0, 8),))
ONE_WAY = ({"kind": "lstm", "units": 6}, {"kind": "attention", "heads": 2, "causal": True}, {"kind": "gru", "units": 4})
READ = ({"kind": "embedding", "width": 6}, *ONE_WAY[1:])
BINARY = {"head": {"kind": "step_binary"}, "loss": {"kind": "binary_cross_entropy"}}
CRF = {"head": {"kind": "crf"}, "loss": {"kind": "crf"}}

MODELS: dict[str, tuple[Model, Shape]] = {
    "forecaster": (Forecaster(layers=LAYERS), FORECAST),
    "forecaster relative to last": (Forecaster(layers=LAYERS, relative_to="last"), FORECAST),
    "forecaster relative to instance": (Forecaster(layers=LAYERS, relative_to="instance"), FORECAST),
    "classifier": (Classifier(layers=LAYERS), CLASSES),
    "regressor": (Regressor(layers=LAYERS), VALUE),
    "tagger": (Tagger(layers=ONE_WAY), TAGS),
    "tagger of the next step": (Tagger(layers=ONE_WAY, ahead=1, **BINARY), KEYS),
    "tagger with a crf": (Tagger(layers=LAYERS, **CRF), TAGS),
    "language_model": (LanguageModel(layers=READ), TEXT),
}


def batch_of(shape: Shape, batch: int = 5, time: int = 7, seed: int = 0) -> Batch:
    """Random values of a shape, of unequal lengths; beyond them the inputs are 0."""
    draw = torch.Generator().manual_seed(seed)

    def random(*sizes: int) -> torch.Tensor:
        return torch.randn(*sizes, generator=draw)

    if shape.tokens:
        return _of_tokens(shape, batch, time)
    lengths = torch.tensor([time, 1, 3, 5, 2] * batch)[:batch].clamp(max=time)
    inputs = random(batch, time, shape.inputs).masked_fill((torch.arange(time) >= lengths[:, None])[..., None], 0)
    ahead = (batch, shape.horizon, shape.targets) if shape.horizon else None
    if shape.tags:
        return _tagged(shape, inputs, lengths, random(batch, shape.static) if shape.static else None)
    label = torch.randint(shape.classes, (batch,), generator=draw) if shape.classes else random(batch)
    return Batch(
        inputs=inputs,
        lengths=lengths,
        static=random(batch, shape.static) if shape.static else None,
        future=random(batch, shape.horizon, shape.future) if shape.horizon and shape.future else None,
        target=random(*ahead) if ahead else None,
        target_observed=random(*ahead) > -1 if ahead else None,
        label=None if ahead else label,
        index=torch.arange(batch),
    )


def _of_tokens(shape: Shape, batch: int, time: int) -> Batch:
    """Random tokens, all but the last one, which tests may make of the one before it; the next ones as tags."""
    draw, size = torch.Generator().manual_seed(2), shape.tokens[0].size
    lengths = torch.tensor([time, 1, 3, 5, 2] * batch)[:batch].clamp(max=time)
    inside = torch.arange(time) < lengths[:, None]
    tokens = torch.randint(size - 1, (batch, time + 1), generator=draw)
    return Batch(
        inputs=(tokens[:, :-1] * inside).unsqueeze(2).float(),
        lengths=lengths,
        static=torch.randn(batch, shape.static, generator=draw) if shape.static else None,
        tags=tokens[:, 1:] * inside,
        tags_observed=inside,
        index=torch.arange(batch),
    )


def _tagged(shape: Shape, inputs: torch.Tensor, lengths: torch.Tensor, static: torch.Tensor | None) -> Batch:
    """Random tags of every step; one in four is not known, nor is any of padding."""
    draw = torch.Generator().manual_seed(1)
    steps = inputs.shape[:2] if shape.classes else (*inputs.shape[:2], shape.tags or 1)
    inside = torch.arange(inputs.shape[1]) < lengths[:, None]
    observed = (torch.rand(steps, generator=draw) < 0.75) & (inside if shape.classes else inside[..., None])
    tags = torch.randint(shape.classes or 2, steps, generator=draw) * observed
    return Batch(
        inputs=inputs,
        lengths=lengths,
        static=static,
        tags=tags if shape.classes else tags.float(),
        tags_observed=observed,
        index=torch.arange(len(inputs)),
    )
