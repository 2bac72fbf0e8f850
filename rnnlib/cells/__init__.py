"""Recurrent cells, one file each: the equation, the plain step, and the fast function over a whole sequence."""

from rnnlib.cells.base import Cell
from rnnlib.cells.gru import GRU
from rnnlib.cells.layer import CellLayer, State
from rnnlib.cells.lstm import LSTM
from rnnlib.cells.rnn import RNN

__all__ = ["GRU", "LSTM", "RNN", "Cell", "CellLayer", "State"]
