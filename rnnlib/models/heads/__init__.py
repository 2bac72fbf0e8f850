"""Heads, one file each: what turns the last layer's states into a model's output."""

from typing import Annotated

from rnnlib.models.heads.base import Head
from rnnlib.models.heads.classes import Classes
from rnnlib.models.heads.crf import Crf
from rnnlib.models.heads.decoder import Decoder
from rnnlib.models.heads.distribution import DistributionHead, LocationHead
from rnnlib.models.heads.gaussian import Gaussian
from rnnlib.models.heads.negative_binomial import NegativeBinomial
from rnnlib.models.heads.point import Point
from rnnlib.models.heads.quantile import Quantile
from rnnlib.models.heads.step_binary import StepBinary
from rnnlib.models.heads.step_classes import StepClasses
from rnnlib.models.heads.step_head import Decoded, StepHead
from rnnlib.models.heads.steps import Steps
from rnnlib.models.heads.student_t import StudentT
from rnnlib.models.heads.value import Value
from rnnlib.part import Family

AnyForecastHead = Annotated[
    Point | Steps | Decoder | Quantile | Gaussian | StudentT | NegativeBinomial, Family("forecast_head")
]
AnyClassHead = Annotated[Classes, Family("class_head")]
AnyValueHead = Annotated[Value, Family("value_head")]
AnyStepHead = Annotated[StepClasses | StepBinary | Crf, Family("step_head")]
AnyTokenHead = Annotated[StepClasses, Family("token_head")]

__all__ = [
    "AnyClassHead",
    "AnyForecastHead",
    "AnyStepHead",
    "AnyTokenHead",
    "AnyValueHead",
    "Classes",
    "Crf",
    "Decoded",
    "Decoder",
    "DistributionHead",
    "Gaussian",
    "Head",
    "LocationHead",
    "NegativeBinomial",
    "Point",
    "Quantile",
    "StepBinary",
    "StepClasses",
    "StepHead",
    "Steps",
    "StudentT",
    "Value",
]
