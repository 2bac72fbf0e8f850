"""What may be stacked in a model: cells, convolutions, normalisations, and layers around layers. One file each."""

from typing import Annotated

from rnnlib.cells import GRU, LRU, LSTM, RNN, SLSTM, IndRNN, MinGRU, MinLSTM
from rnnlib.layer import Flow, Layer
from rnnlib.layers.activation import Activate
from rnnlib.layers.attention import Attention
from rnnlib.layers.attention_pooling import AttentionPooling
from rnnlib.layers.batch_norm import BatchNorm
from rnnlib.layers.conv1d import Conv1d
from rnnlib.layers.dense import Dense
from rnnlib.layers.dropout import Dropout
from rnnlib.layers.embedding import Embedding
from rnnlib.layers.frames import Frames
from rnnlib.layers.input_attention import InputAttention
from rnnlib.layers.instance_norm import InstanceNorm
from rnnlib.layers.layer_norm import LayerNorm
from rnnlib.layers.parallel import Parallel
from rnnlib.layers.pooling import Pooling
from rnnlib.layers.positional import LearnedPositions, Sinusoidal
from rnnlib.layers.residual import Residual
from rnnlib.layers.segment import Segment
from rnnlib.layers.spelling import Spelling
from rnnlib.layers.stack import Stack, flows
from rnnlib.layers.tcn import TCN
from rnnlib.layers.threshold import ThresholdGate
from rnnlib.layers.time_attention import TimeAttention
from rnnlib.part import Family

AnyLayer = Annotated[
    RNN
    | LSTM
    | GRU
    | MinGRU
    | MinLSTM
    | IndRNN
    | SLSTM
    | LRU
    | Dense
    | Activate
    | Dropout
    | Conv1d
    | TCN
    | Pooling
    | Attention
    | AttentionPooling
    | InputAttention
    | TimeAttention
    | Segment
    | BatchNorm
    | LayerNorm
    | InstanceNorm
    | Embedding
    | Spelling
    | Sinusoidal
    | LearnedPositions
    | ThresholdGate
    | Frames
    | Residual
    | Parallel,
    Family("layer"),
]

for around in (Residual, Parallel):  # they hold layers of every kind: known now
    around.model_rebuild(_types_namespace={"AnyLayer": AnyLayer})

__all__ = [
    "TCN",
    "Activate",
    "AnyLayer",
    "Attention",
    "AttentionPooling",
    "BatchNorm",
    "Conv1d",
    "Dense",
    "Dropout",
    "Embedding",
    "Flow",
    "Frames",
    "InputAttention",
    "InstanceNorm",
    "Layer",
    "LayerNorm",
    "LearnedPositions",
    "Parallel",
    "Pooling",
    "Residual",
    "Segment",
    "Sinusoidal",
    "Spelling",
    "Stack",
    "ThresholdGate",
    "TimeAttention",
    "flows",
]
