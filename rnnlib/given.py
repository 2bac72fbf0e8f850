"""What a stored model is given: raw columns, read, held against the contract, filled and encoded as in its training."""

from __future__ import annotations

import warnings
from dataclasses import replace

import polars as pl

from rnnlib.bundle import Bundle
from rnnlib.data.about import About
from rnnlib.data.arrays import Arrays
from rnnlib.data.contract.predicting import names_as_trained, values_as_trained
from rnnlib.data.dataset import DataSet
from rnnlib.data.encoders import encoded
from rnnlib.data.encoders.unknown import unknown_categories
from rnnlib.data.loading import arrays_to_dataset, frame_to_dataset
from rnnlib.data.missing import Missing, fill_missing
from rnnlib.data.roles import Roles
from rnnlib.data.tables.header import refuse_unseparated
from rnnlib.errors import Notice


def table_as_trained(bundle: Bundle, frame: pl.DataFrame, file: str) -> DataSet:
    """The rows of a table; `file` is the name that errors give it. Raises `DataError` where they do not fit."""
    about = bundle.about
    roles = Roles.model_validate(about.roles)
    refuse_unseparated(frame.columns, {place.column for place in roles.places()}, file, trained=True)
    names_as_trained(frame, about, file)
    return _known(bundle, frame_to_dataset(frame, roles, file=file, missing=_policy(about), expected=about))


def arrays_as_trained(bundle: Bundle, arrays: Arrays, file: str) -> DataSet:
    """The sequences of arrays; raises as `table_as_trained` does."""
    about = bundle.about
    roles = Roles.model_validate(about.roles)
    return _known(bundle, arrays_to_dataset(arrays, roles, file=file, missing=_policy(about), expected=about))


def _known(bundle: Bundle, read: DataSet) -> DataSet:
    given = values_as_trained(read, bundle.about)
    for line in unknown_categories(given, _tokens(bundle.about)):
        warnings.warn(line, Notice, stacklevel=2)
    if bundle.model.kind != "forecaster":  # whose windows are filled from behind, when they are cut
        given = _filled(given)  # before it is encoded: what is cut off fills too
    return encoded(given, bundle.about.encoders)


def _tokens(about: About) -> dict[str, tuple[str, ...]]:
    """The categories that have a token, by column, where a new one is worth a word.

    It is not where it is refused, nor where new words kept coming in training, as those of texts do.
    """
    fitted = (state for state in about.encoders if state["kind"] == "categories" and state["unknown"] == "token")
    tokens = {name: tuple(tokens) for state in fitted for name, tokens in state["tokens"].items()}
    seen = {} if about.contract is None else {column.name: column for column in about.contract.columns}
    return {name: found for name, found in tokens.items() if name not in seen or seen[name].categories is not None}


def _policy(about: About) -> Missing | None:
    return None if about.missing is None else Missing.model_validate(about.missing)


def _filled(data: DataSet) -> DataSet:
    """Whole sequences with their missing values filled as in training."""
    policy = _policy(data.about)
    if policy is None:
        return data
    names, keys = [column.name for column in data.about.columns], data.sequences["key"].to_list()
    raw = fill_missing(data.raw, data.offsets, policy, columns=names, keys=keys, only=data.measurable)
    return replace(data, raw=raw)
