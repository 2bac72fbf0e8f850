"""Sources of clips: recordings, videos, folders of frames. Labels come from their names, or from a manifest."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Annotated, Any, ClassVar, Self

import polars as pl
from pydantic import Field, model_validator

from rnnlib.data.arrays import Arrays
from rnnlib.data.media.clip_names import NamePattern, columns_of, read_name
from rnnlib.data.source import FileSource
from rnnlib.errors import DataError, misplaced, near
from rnnlib.part import Resolvable
from rnnlib.place import File, Place

FILE = "file"
"""The column that names each clip, as the spec does."""


class ClipSource(FileSource):
    """Each clip is a sequence, and the column `file` its name: `roles: {sample: file, …}`.

    `named` finds further columns in the names: `{digit}_{speaker}_{take}.wav`, or `{label}/{clip}` for the folder.
    `manifest` is a table (csv) with a column `file`, seen from its own folder, and further ones.
    """

    whole: ClassVar[bool] = True
    block: ClassVar[str]
    """The column of what is in the clips."""

    named: NamePattern | None = Field(None, description="how the clips are named: columns in braces")
    manifest: Annotated[str, Resolvable, Field(min_length=1, max_length=4096)] | None = Field(
        None, description="a csv file with a column `file` and further ones, a row for each clip"
    )

    @model_validator(mode="after")
    def _columns_of_its_own(self) -> Self:
        for name in columns_of(self.named or ""):
            if name in (FILE, self.block):
                raise misplaced(f"`{name}` is a column that the source makes itself: name it otherwise", "named")
        return self

    def files(self, place: Place) -> list[File]:
        """The files of all clips in the order of their names, and behind them the manifest."""
        manifest = [] if self.manifest is None else place.files(self.manifest)
        taken = {file.path for file in manifest}
        return [*(file for file in place.files(self.path) if file.path not in taken), *manifest]

    def again(self) -> Mapping[str, Any]:
        """Without what tells of labels."""
        return self.model_dump(mode="json", exclude={"path", "named", "manifest"})

    def read_files(self, files: Sequence[File]) -> Arrays:
        """All clips, one after another."""
        count = len(files) - (self.manifest is not None)
        names = self.clips(files[:count])
        whole = {FILE: pl.Series(FILE, names), **self._from_names(names)}
        for column in self._from_manifest(names, files[count:]):
            if column.name in (*whole, self.block):
                rule = f"`{column.name}` is a column that the clips have already"
                raise DataError(f"{rule}: name that of the manifest otherwise", file=files[-1].shown)
            whole[column.name] = column
        return self.read_clips(files[:count], whole)

    def clips(self, files: Sequence[File]) -> list[str]:
        """The names of the clips: those of the files."""
        return [file.shown for file in files]

    @abstractmethod
    def read_clips(self, files: Sequence[File], whole: Mapping[str, pl.Series]) -> Arrays:
        """What is in the clips, and beside it what is known of each. Raises `DataError` that names the file."""

    def _from_names(self, names: Sequence[str]) -> dict[str, pl.Series]:
        if self.named is None:
            return {}
        rows = [read_name(self.named, name) for name in names]
        for name, row in zip(names, rows, strict=True):
            if row is None:
                rule = f"every clip is named as `{self.named}`"
                raise DataError(
                    f"{rule}: rename this one, or let `path` leave it out", file=name, at=("source", "named")
                )
        return {
            column: pl.Series(column, [row[column] for row in rows if row is not None])
            for column in columns_of(self.named)
        }

    def _from_manifest(self, names: Sequence[str], files: Sequence[File]) -> list[pl.Series]:
        from rnnlib.data.sources import Csv  # a manifest is read as any other table is

        if not files:
            return []
        (manifest,) = files
        table = Csv(path=manifest.shown).read_files([manifest])
        if FILE not in table.columns:
            raise DataError(f"a manifest has a column `{FILE}`: {near(FILE, table.columns)}", file=manifest.shown)
        listed = table[FILE].cast(pl.String)
        if listed.null_count():
            row = (listed.is_null().arg_max() or 0) + 1
            raise DataError("a row names its clip: write the file's name", file=manifest.shown, column=FILE, row=row)
        if twice := next(iter(listed.filter(~listed.is_first_distinct())), None):
            raise DataError("a clip stands in one row, and this one in two", file=manifest.shown, column=twice)
        folder = PurePosixPath(manifest.shown).parent
        row_of = {str(folder / name): number for number, name in enumerate(listed)}
        for name in names:
            if str(PurePosixPath(name)) not in row_of:
                raise DataError(f"the manifest {manifest.shown} has no row for this clip: add it", file=name)
        return list(table.drop(FILE)[[row_of[str(PurePosixPath(name))] for name in names]])
