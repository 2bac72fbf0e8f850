"""How a model learns: optimizers, schedules, one loop, checkpoints that resume exactly, and their numerics."""

from rnnlib.training.averaging import Average
from rnnlib.training.clipping import Clip
from rnnlib.training.early_stopping import EarlyStopping
from rnnlib.training.estimate import estimate
from rnnlib.training.fit import Fit, fit
from rnnlib.training.gradients_seen import Watching
from rnnlib.training.optimizers import SGD, Adagrad, Adam, AdamW, AnyOptimizer, RMSprop
from rnnlib.training.penalties import AnyPenalty
from rnnlib.training.policy import accepted
from rnnlib.training.schedules import AnySchedule
from rnnlib.training.section import Training
from rnnlib.training.sizes import classes_of, shape_of
from rnnlib.training.stretch import Stretch

__all__ = [
    "SGD", "Adagrad", "Adam", "AdamW", "AnyOptimizer", "AnyPenalty", "AnySchedule", "Average", "Clip", "EarlyStopping",
    "Fit", "RMSprop", "Stretch", "Training", "Watching", "accepted", "classes_of", "estimate", "fit", "shape_of",
]  # fmt: skip
