"""Sources that hold arrays by name: which of them are the columns, and which part they belong to."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, Self

import numpy as np
import polars as pl
from jaxtyping import Int64, Shaped
from numpy import ndarray
from pydantic import Field, model_validator

from rnnlib.data.arrays import Arrays
from rnnlib.data.source import FileSource
from rnnlib.errors import DataError, misplaced, near
from rnnlib.place import File

Name = Annotated[str, Field(min_length=1, max_length=1000)]
Columns = Annotated[dict[Name, Name], Field(min_length=1, max_length=1000)]
PartName = Literal["train", "validation", "test"]

SAMPLE, PART = "sample", "part"
"""The columns that every such source has: the number of the sequence, and the part where parts are named."""


class Steps(NamedTuple):
    """What a file holds of one name, when it has a value for every step."""

    values: Shaped[ndarray, "rows columns"]
    lengths: Int64[ndarray, " sequences"]


Held = Steps | Shaped[ndarray, " _"]
"""Values of every step, or one of every sequence."""


class ArraySource(FileSource):
    """Arrays with a name each: [sequence, time, feature], [sequence, time], or [sequence] for one value of each.

    `arrays` gives each array the name that the roles know it by: `{pixel: x, digit: y}`. Where the file has arrays of
    its own for every part, `parts` does so for each; the column `part` then names the part. The column `sample` is the
    number of the sequence. An array of several features is a block: its name stands for all of its columns, which are
    `pixel_0`, `pixel_1`, ….
    """

    whole: ClassVar[bool] = True

    arrays: Columns | None = Field(None, description="the name of each array in the roles, and in the file")
    parts: Annotated[dict[PartName, Columns], Field(min_length=1)] | None = Field(
        None, description="the same for each official part; the column `part` then says which it is"
    )

    @model_validator(mode="after")
    def _arrays_or_parts(self) -> Self:
        if (self.arrays is None) == (self.parts is None):
            said = "none" if self.arrays is None else "both"
            rule = "arrays are named by `arrays: {NAME: ARRAY}`, or for each part by `parts: {train: {NAME: ARRAY}, …}`"
            raise misplaced(f"{rule}: received {said}; take one")
        first = next(iter(self.pieces().values()))
        for part, columns in self.pieces().items():
            if set(columns) != set(first):
                odd = sorted(set(columns) ^ set(first))[0]
                raise misplaced(
                    f"every part has the same columns: `{odd}` is not in all of them; add it", "parts", part
                )
        for name in (SAMPLE, PART):
            if name in first:
                at = ("arrays",) if self.arrays is not None else ("parts", next(iter(self.pieces())))
                raise misplaced(f"`{name}` is made by the source itself: give the array another name", *at, name)
        return self

    def again(self) -> Mapping[str, Any]:
        """All arrays as one part; where parts had arrays of their own, new ones have the names of the roles."""
        columns = self.arrays or {name: name for name in next(iter(self.pieces().values()))}
        return {**self.model_dump(mode="json", exclude={"path", "parts"}), "arrays": dict(columns)}

    def pieces(self) -> Mapping[str, Mapping[str, str]]:
        """The columns of every part; of the whole under an empty name."""
        if self.arrays is not None:
            return {"": self.arrays}
        return {str(part): columns for part, columns in (self.parts or {}).items()}

    @abstractmethod
    def held(self, files: Sequence[File], wanted: Sequence[str]) -> Mapping[str, Held]:
        """The arrays of these names. Raises `DataError` where one is missing or is no array of values."""

    def read_files(self, files: Sequence[File]) -> Arrays:
        """All parts, one after another. Raises `DataError` where arrays of a part do not fit each other."""
        pieces = self.pieces()
        held = self.held(files, [array for columns in pieces.values() for array in columns.values()])
        found = [_piece({name: held[array] for name, array in columns.items()}) for columns in pieces.values()]
        counts = [len(lengths) for _, lengths in found]
        names = list(next(iter(pieces.values())))
        whole = {SAMPLE: pl.Series(SAMPLE, np.arange(sum(counts)))}
        if self.parts is not None:
            whole[PART] = pl.Series(PART, list(pieces)).gather(np.repeat(np.arange(len(counts)), counts))
        steps = {}
        for name in names:
            values = [piece[name] for piece, _ in found]
            if len({isinstance(one, Steps) for one in values}) > 1:
                rule = f"every part has the same arrays: `{name}` has a value for each step in one of them"
                raise DataError(f"{rule}, and for each sequence in another", at=("source", "parts"))
            if isinstance(values[0], Steps):
                steps[name] = _joined(name, [one.values for one in values if isinstance(one, Steps)])
            else:
                whole[name] = pl.Series(name, np.concatenate([one for one in values if isinstance(one, ndarray)]))
        return Arrays(steps, whole, np.concatenate([lengths for _, lengths in found]))


def stacked(array: Shaped[ndarray, "*axes"], name: str, file: str) -> Held:
    """An array with the sequences along its first axis. Raises `DataError` for one that is empty or of other axes."""
    if array.dtype.kind not in "biufU":
        raise DataError(f"`{name}` holds values of type {array.dtype}: an array is of numbers or texts", file=file)
    if array.dtype.kind == "f" and array.dtype.itemsize > 8:  # polars knows no greater
        array = array.astype(np.float64)
    if array.size == 0 or array.ndim == 0 or array.ndim > 3:
        rule = f"`{name}` has the shape {list(array.shape)}"
        rule += ": an array is [sequence], [sequence, time] or [sequence, time, feature]"
        frames = (
            "; save clips as `x.reshape(len(x), x.shape[1], -1)`, and say what a frame was: `encode: {frames: {of: …}}`"
        )
        raise DataError(rule + frames * (array.ndim > 3), file=file)
    if array.ndim == 1:
        return array
    values = array.reshape(array.shape[0] * array.shape[1], -1)
    return Steps(values, np.full(array.shape[0], array.shape[1], np.int64))


def all_of(found: Mapping[str, Held], wanted: Sequence[str], known: Sequence[str]) -> Mapping[str, Held]:
    """The arrays that were found, once they are all there; raises `DataError` for the first that is not."""
    for name in wanted:
        if name not in found:
            raise DataError(f"there is no array `{name}`: {near(name, known)}")
    return found


def _piece(held: Mapping[str, Held]) -> tuple[Mapping[str, Held], Int64[ndarray, " sequences"]]:
    """The arrays of one part, and the lengths of its sequences."""
    over_steps = {name: one for name, one in held.items() if isinstance(one, Steps)}
    if not over_steps:
        raise DataError("one array has a value for every step, [sequence, time] or [sequence, time, feature]: name it")
    first, steps = next(iter(over_steps.items()))
    for name, one in held.items():
        count = len(one.lengths) if isinstance(one, Steps) else len(one)
        if count != len(steps.lengths):
            rule = f"arrays of a part are of the same sequences: `{first}` has {len(steps.lengths)}, `{name}` {count}"
            raise DataError(rule)
        if isinstance(one, Steps) and not np.array_equal(one.lengths, steps.lengths):
            raise DataError(f"arrays of a part have the same steps, and those of `{first}` and `{name}` differ")
    return held, steps.lengths


def _joined(name: str, values: Sequence[Shaped[ndarray, "_ _"]]) -> Shaped[ndarray, "rows columns"]:
    if len({one.shape[1] for one in values}) > 1:
        widths = " and ".join(str(one.shape[1]) for one in values)
        raise DataError(f"every part has the same features: `{name}` has {widths} of them")
    return np.concatenate(values) if len(values) > 1 else values[0]
