"""Sources: where rows come from. A source reads tables or arrays; what they are for is the roles' business."""

from __future__ import annotations

from typing import Annotated

from rnnlib.data.array_sources.mat import Mat
from rnnlib.data.array_sources.npy import Npy
from rnnlib.data.array_sources.npz import Npz
from rnnlib.data.array_sources.ts import Ts
from rnnlib.data.generated_sources.adding_problem import AddingProblem
from rnnlib.data.generated_sources.copy_memory import CopyMemory
from rnnlib.data.generated_sources.moving_digits import MovingDigits
from rnnlib.data.media.audio import Audio
from rnnlib.data.media.frames import Frames, Video
from rnnlib.data.tables.arrow import Arrow
from rnnlib.data.tables.base import FILE, TableSource
from rnnlib.data.tables.csv import Csv
from rnnlib.data.tables.ndjson import Ndjson
from rnnlib.data.tables.parquet import Parquet
from rnnlib.data.tables.sql import Sql
from rnnlib.data.tables.tsv import Tsv
from rnnlib.data.text_sources import Conll, Lines, Parallel, Text
from rnnlib.part import Family

__all__ = ["FILE", "AnySource", "Arrow", "Csv", "Ndjson", "Parquet", "Sql", "TableSource", "Tsv"]

AnyTable = Csv | Tsv | Parquet | Arrow | Ndjson | Sql
AnyArrays = Npz | Npy | Mat | Ts | Audio | Frames | Video | AddingProblem | CopyMemory | MovingDigits
AnyTexts = Text | Lines | Conll | Parallel
AnySource = Annotated[AnyTable | AnyArrays | AnyTexts, Family("source")]
