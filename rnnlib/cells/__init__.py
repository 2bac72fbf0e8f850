"""Recurrent cells, one file each: the equation, the plain step, and the fast function over a whole sequence."""

from typing import Annotated

from rnnlib.cells.base import Cell
from rnnlib.cells.gru import GRU
from rnnlib.cells.layer import CellLayer, State
from rnnlib.cells.lstm import LSTM
from rnnlib.cells.rnn import RNN
from rnnlib.part import Family

AnyCell = Annotated[RNN | LSTM | GRU, Family("cell")]
"""Every recurrent cell: what layers that run a cell of any kind take."""

__all__ = ["GRU", "LSTM", "RNN", "AnyCell", "Cell", "CellLayer", "State"]
