"""How weights and biases start, one file each."""

from typing import Annotated

from rnnlib.initialisation.base import Biases, BiasInitialisation, Gate, Initialisation
from rnnlib.initialisation.chrono import Chrono
from rnnlib.initialisation.constant import Constant
from rnnlib.initialisation.forget_bias import ForgetBias
from rnnlib.initialisation.he import He
from rnnlib.initialisation.identity import Identity
from rnnlib.initialisation.lecun import Lecun
from rnnlib.initialisation.normal import Normal
from rnnlib.initialisation.orthogonal import Orthogonal
from rnnlib.initialisation.truncated_normal import TruncatedNormal
from rnnlib.initialisation.uniform import Uniform
from rnnlib.initialisation.xavier import Xavier
from rnnlib.initialisation.zeros import Zeros
from rnnlib.part import Family

AnyInitialisation = Annotated[
    Xavier | He | Lecun | Orthogonal | Identity | Normal | TruncatedNormal | Uniform | Constant | Zeros,
    Family("initialisation"),
]

AnyFilterInitialisation = Annotated[
    Xavier | He | Lecun | Orthogonal | Normal | TruncatedNormal | Uniform | Constant | Zeros, Family("initialisation")
]
"""Those of filters, which have more axes than a matrix: there is no identity among them."""

AnyBiasInitialisation = Annotated[
    Zeros | Constant | Normal | TruncatedNormal | Uniform | ForgetBias | Chrono, Family("bias_initialisation")
]

__all__ = [
    "AnyBiasInitialisation",
    "AnyFilterInitialisation",
    "AnyInitialisation",
    "BiasInitialisation",
    "Biases",
    "Chrono",
    "Constant",
    "ForgetBias",
    "Gate",
    "He",
    "Identity",
    "Initialisation",
    "Lecun",
    "Normal",
    "Orthogonal",
    "TruncatedNormal",
    "Uniform",
    "Xavier",
    "Zeros",
]
