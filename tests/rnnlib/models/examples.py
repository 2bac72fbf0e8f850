"""Small models, shapes and batches."""

import torch

from rnnlib.data.batch import Batch
from rnnlib.models import Classifier, Forecaster, Model, Regressor, Shape

LAYERS = ({"kind": "lstm", "units": 6}, {"kind": "attention", "heads": 2}, {"kind": "gru", "units": 4})
FORECAST = Shape(inputs=5, future=2, static=3, horizon=4, targets=2, context=7, target_columns=(0, 3))
CLASSES = Shape(inputs=5, static=3, classes=3)
VALUE = Shape(inputs=5, static=3)

MODELS: dict[str, tuple[Model, Shape]] = {
    "forecaster": (Forecaster(layers=LAYERS), FORECAST),
    "forecaster relative to last": (Forecaster(layers=LAYERS, relative_to="last"), FORECAST),
    "classifier": (Classifier(layers=LAYERS), CLASSES),
    "regressor": (Regressor(layers=LAYERS), VALUE),
}


def batch_of(shape: Shape, batch: int = 5, time: int = 7, seed: int = 0) -> Batch:
    """Random values of a shape, of unequal lengths; beyond them the inputs are 0."""
    draw = torch.Generator().manual_seed(seed)

    def random(*sizes: int) -> torch.Tensor:
        return torch.randn(*sizes, generator=draw)

    lengths = torch.tensor([time, 1, 3, 5, 2] * batch)[:batch].clamp(max=time)
    inputs = random(batch, time, shape.inputs).masked_fill((torch.arange(time) >= lengths[:, None])[..., None], 0)
    ahead = (batch, shape.horizon, shape.targets) if shape.horizon else None
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
