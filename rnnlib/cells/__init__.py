"""Recurrent cells, one file each: the equation, the plain step, and the fast function over a whole sequence."""

from typing import Annotated

from rnnlib.cells.base import Cell
from rnnlib.cells.gru import GRU
from rnnlib.cells.ind_rnn import IndRNN
from rnnlib.cells.layer import CellLayer, State, one_pass
from rnnlib.cells.lru import LRU
from rnnlib.cells.lstm import LSTM
from rnnlib.cells.min_gru import MinGRU
from rnnlib.cells.min_lstm import MinLSTM
from rnnlib.cells.rnn import RNN
from rnnlib.cells.slstm import SLSTM
from rnnlib.part import Family

AnyCell = Annotated[RNN | LSTM | GRU | MinGRU | MinLSTM | IndRNN | SLSTM | LRU, Family("cell")]
"""Every recurrent cell: what layers that run a cell of any kind take."""

__all__ = [
    "GRU",
    "LRU",
    "LSTM",
    "RNN",
    "SLSTM",
    "AnyCell",
    "Cell",
    "CellLayer",
    "IndRNN",
    "MinGRU",
    "MinLSTM",
    "State",
    "one_pass",
]
