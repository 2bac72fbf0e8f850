"""`rnn init`: a first spec, guessed from a data file's columns and explained line by line."""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl

from flows.starter.columns import Guess, listed, moments
from flows.starter.facts import facts_of
from flows.starter.forecast import forecast
from flows.starter.labelled import labelled, named_label, only_label, possible_labels
from flows.starter.reading import source_for
from flows.starter.writing import written
from rnnlib.errors import DataError, Refused
from rnnlib.place import Place, no_file

__all__ = ["starter_spec"]


def starter_spec(data_file: Path, *, spec: Path, target: str | None = None, label: str | None = None) -> str:
    """The text of a spec for `data_file` that is going to stand in the file `spec`; it passes `rnn check`.

    `target` names the column to forecast, `label` the class or number of each sample; without them the columns must
    tell. Raises `Refused` (`DataError` for the file) with a remedy where they do not.
    """
    if target is not None and label is not None:
        raise Refused("a spec answers one question: give --target for a forecast or --label for a class, not both")
    if not data_file.is_file():
        raise DataError(no_file(data_file), file=str(data_file))
    path = Path(os.path.relpath(data_file.resolve(), spec.resolve().parent)).as_posix()
    file = Place.of(spec).files(_literal(path))[0]._replace(shown=str(data_file))
    source = source_for(path, file)
    frame = source.read_files([file])
    if frame.height == 0:
        raise DataError("the file has a header and no rows: it needs rows", file=file.shown)
    guess = _guess(frame, file.shown, target, label)
    return written(spec, source, guess, facts_of(frame, guess, file.shown))


def _guess(frame: pl.DataFrame, file: str, target: str | None, label: str | None) -> Guess:
    for option, name in (("--target", target), ("--label", label)):
        if name is not None and name not in frame.columns:
            rule = f"{option} names a column of the file: received `{name}`"
            raise DataError(f"{rule}; the columns are {listed(frame.columns)}", file=file)
    if target is not None:
        return forecast(frame, file, target)
    if label := label or named_label(frame):
        return labelled(frame, file, label)
    if not moments(frame) and (label := only_label(frame)):
        return labelled(frame, file, label)
    return forecast(frame, file, None, labels=possible_labels(frame))


def _literal(path: str) -> str:
    """A path without the marks that a source reads as a pattern or a reference."""
    if odd := [mark for mark in "*?[" if mark in path] or ["${"] * ("${" in path):
        rule = f"a source reads `{odd[0]}` in a path as a pattern or a reference"
        raise Refused(f"{rule}: rename `{path}`")
    return path
