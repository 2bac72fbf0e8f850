"""What may be stacked in a model: recurrent cells, dense layers, dropout, attention. One file each."""

from typing import Annotated

from rnnlib.cells import GRU, LRU, LSTM, RNN, SLSTM, IndRNN, MinGRU, MinLSTM
from rnnlib.layer import Flow, Layer
from rnnlib.layers.attention import Attention
from rnnlib.layers.dense import Dense
from rnnlib.layers.dropout import Dropout
from rnnlib.layers.segment import Segment
from rnnlib.layers.stack import Stack, flows
from rnnlib.part import Family

AnyLayer = Annotated[
    RNN | LSTM | GRU | MinGRU | MinLSTM | IndRNN | SLSTM | LRU | Dense | Dropout | Attention | Segment,
    Family("layer"),
]

__all__ = ["AnyLayer", "Attention", "Dense", "Dropout", "Flow", "Layer", "Segment", "Stack", "flows"]
