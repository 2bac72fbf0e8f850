"""How a model learns: optimizers, one loop, checkpoints that resume exactly, and the numerics they rest on."""

from rnnlib.training.early_stopping import EarlyStopping
from rnnlib.training.fit import Fit, fit
from rnnlib.training.optimizers import SGD, Adam, AnyOptimizer, RMSprop
from rnnlib.training.section import Training

__all__ = ["SGD", "Adam", "AnyOptimizer", "EarlyStopping", "Fit", "RMSprop", "Training", "fit"]
