"""How a model learns: optimizers, one loop, checkpoints that resume exactly, and the numerics they rest on."""

from rnnlib.training.early_stopping import EarlyStopping
from rnnlib.training.estimate import estimate
from rnnlib.training.fit import Fit, fit
from rnnlib.training.optimizers import SGD, Adam, AnyOptimizer, RMSprop
from rnnlib.training.section import Training
from rnnlib.training.sizes import classes_of, shape_of

__all__ = [
    "SGD", "Adam", "AnyOptimizer", "EarlyStopping", "Fit", "RMSprop", "Training", "classes_of", "estimate", "fit",
    "shape_of",
]  # fmt: skip
