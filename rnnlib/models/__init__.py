"""Models: layers in a row, a head that reads them, a loss that trains them."""

from typing import Annotated

from rnnlib.models.base import Model
from rnnlib.models.classifier import Classifier
from rnnlib.models.describe import Described, describe, parameter_count
from rnnlib.models.forecaster import Forecaster
from rnnlib.models.language_model import LanguageModel
from rnnlib.models.player import Player
from rnnlib.models.regressor import Regressor
from rnnlib.models.shape import Shape
from rnnlib.models.tagger import Tagger
from rnnlib.part import Family

AnyModel = Annotated[Forecaster | Classifier | Regressor | Tagger | LanguageModel, Family("model")]

__all__ = [
    "AnyModel",
    "Classifier",
    "Described",
    "Forecaster",
    "LanguageModel",
    "Model",
    "Player",
    "Regressor",
    "Shape",
    "Tagger",
    "describe",
    "parameter_count",
]
