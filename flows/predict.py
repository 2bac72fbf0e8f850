"""Predicts with a model from the registry, or from a bundle's folder."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from polars import selectors
from pydantic import TypeAdapter

from flows.home import home_of, project_root
from rnnlib.data.about import About
from rnnlib.data.arrays import Arrays
from rnnlib.data.loading.as_trained import not_needed
from rnnlib.data.roles import Roles
from rnnlib.data.source import Source, StoredSource
from rnnlib.data.sources import AnySource
from rnnlib.data.tables.delimited_source import DelimitedSource
from rnnlib.data.tables.suffixes import BY_SUFFIX, SUFFIXES, table_of
from rnnlib.errors import DataError, Refused
from rnnlib.place import File, no_file
from tasks.registry.lookup import load_predictor


def predict(model: str | Path, data: str | Path, *, home: Path | None = None) -> pl.DataFrame:
    """The model's predictions for the rows in the file `data`: raw columns in, data units out.

    A model of recordings, videos or frames takes a file, or a folder of them; one of archives or of lines a file of
    their kind, or a table. `model` is `models:/NAME@ALIAS`, `models:/NAME/VERSION` or the folder of a bundle;
    registered ones are looked up in `home` (left out: the `.rnn` of the current project, or `RNN_HOME`).

    Raises `Refused` (`DataError` for the data) for a model or a file that is not there, and for rows that the model
    cannot read.
    """
    data = Path(data)
    if not data.exists():
        raise DataError(no_file(data), file=str(data))
    predictor = load_predictor(home or home_of(project_root()), str(model))
    trained = predictor.bundle.about
    if trained.source is None or _is_table(data, trained):
        return predictor.predict(_read(data, trained), file=str(data))
    content = _as_trained(trained, data)
    if isinstance(content, Arrays):
        return predictor.predict_arrays(content, file=str(data))
    return predictor.predict(content, file=str(data))


def _is_table(path: Path, trained: About) -> bool:
    """Whether the file is a table although the model was trained on files of another kind, such as archives."""
    assert trained.source is not None, "its caller saw to it"
    clips = trained.source["rate"] is not None or trained.source["frame"] is not None
    own = {Path(name).suffix.lower() for name in trained.files}
    return not clips and path.suffix.lower() in BY_SUFFIX and path.suffix.lower() not in own


def _as_trained(trained: About, path: Path) -> Arrays | pl.DataFrame:
    """A file, or all that are in a folder, read as those that the model was trained on; truths need not be there."""
    assert trained.source is not None, "its caller saw to it"
    fields = dict(trained.source["fields"])
    places = Roles.model_validate(trained.roles).places()
    needed = {place.column for place in places if place.role not in (*not_needed(trained), "tags")}
    for named in ("arrays", "columns"):  # of an archive, of lines
        if isinstance(fields.get(named), dict):
            # a block of several columns has the roles' names with a number: `clip` is `clip_0`, …
            fields[named] = {name: at for name, at in fields[named].items() if {name, f"{name}_0"} & needed}
    section = TypeAdapter[Source](AnySource).validate_python({**fields, "path": str(path)})
    assert isinstance(section, StoredSource), "they lie in files"
    within = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    if not within:
        raise DataError("the folder holds no files: name another", file=str(path))
    return section.read_files([File(str(file), file) for file in within])


def writable(path: str | Path) -> None:
    """Raises `Refused` where predictions cannot be written to `path`: said before anything is computed."""
    path = Path(path)
    if path.suffix not in (".parquet", ".csv"):
        raise Refused(f"predictions are written as .csv or .parquet, received `{path}`: name such a file")
    if not path.parent.is_dir():
        raise Refused(f"there is no folder `{path.parent}` to write `{path.name}` to: make it, or name another")


def write(frame: pl.DataFrame, path: str | Path) -> None:
    """Writes predictions as the file's ending says; raises `Refused` as `writable` does."""
    writable(path)
    path = Path(path)
    if path.suffix == ".parquet":
        frame.write_parquet(path)
    else:
        path.write_text(as_csv(frame), encoding="utf-8")


def readable(frame: pl.DataFrame) -> pl.DataFrame:
    """Predictions with seven significant digits, about as many as a model computes with: for people."""
    return frame.with_columns(selectors.float().round_sig_figs(7))


def as_csv(frame: pl.DataFrame) -> str:
    """Predictions as CSV; times in ISO 8601, with the offset of those in a zone, as the model reads them again."""
    times = [column for column in frame.get_columns() if isinstance(column.dtype, pl.Datetime)]
    forms = []
    for column in times:
        parts = (column.cast(pl.Datetime("us")).to_physical() % 1_000_000 != 0).any()
        zoned = getattr(column.dtype, "time_zone", None) is not None
        forms.append(f"%Y-%m-%dT%H:%M:%S{'%.6f' if parts else ''}{'%:z' if zoned else ''}")
    shown = (column.dt.strftime(form) for column, form in zip(times, forms, strict=True))
    return frame.with_columns(*shown).write_csv()


def _read(path: Path, trained: About) -> pl.DataFrame:
    """The rows of a table; what was text in training stays text, even where all of these rows spell numbers."""
    if path.is_dir():
        raise DataError(no_file(path), file=str(path))
    if (source := table_of(path, str(path))) is None:
        columns = [
            one.column
            for one in Roles.model_validate(trained.roles).places()
            if one.role not in (*not_needed(trained), "tags")
        ]
        rule = f"data to predict on is a {SUFFIXES} file, received one that ends in `{path.suffix}`"
        remedy = f"write its columns ({', '.join(columns[:8])}{', …' * (len(columns) > 8)}) as one of these"
        raise DataError(f"{rule}: {remedy}", file=str(path))
    if isinstance(source, DelimitedSource):
        texts = [name for name, kind in trained.types.items() if kind == "text"]
        return source.read_given(File(str(path), path), texts)
    return source.read_files([File(str(path), path)])
