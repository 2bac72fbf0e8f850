"""Data as a model knows it: its columns, in its order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from rnnlib.data.about import About, Column
from rnnlib.data.dataset import DataSet
from rnnlib.errors import ModelError


def arranged(data: DataSet, trained: About) -> DataSet:
    """The columns that a model was trained on, in data units; columns that it does not know are left out.

    Raises `ModelError` where one is missing, has another role or unit, where the data has other targets, and where it
    was encoded otherwise: the same token would stand for another word.
    """
    _refuse_otherwise_encoded(data.about, trained)
    given = {column.name: column for column in data.about.columns}
    for column in trained.columns:
        _refuse_other(column, given)
    targets, asked = _targets(trained), _targets(data.about)
    if targets != asked:
        raise ModelError(f"the model predicts {', '.join(targets)}, the data is about {', '.join(asked)}")
    if absent := [name for name in trained.static if name not in data.about.static]:
        raise ModelError(f"the model reads `{absent[0]}` (static), and the data has no such column: give it the role")
    names, static = list(given), [data.about.static.index(name) for name in trained.static]
    order = [names.index(column.name) for column in trained.columns]
    about = data.about.model_copy(update={"columns": trained.columns, "static": trained.static})
    return replace(
        data,
        about=about,
        raw=data.raw if order == list(range(len(names))) else np.ascontiguousarray(data.raw[:, order]),
        observed=None if data.observed is None else data.observed[:, order],
        static=data.static[:, static] if data.static is not None and static else None,
        normalized=None,
        normalized_static=None,
    )


def _refuse_otherwise_encoded(given: About, trained: About) -> None:
    states = [[dict(state) for state in about.encoders] for about in (given, trained)]
    if states[0] != states[1]:
        kinds = [", ".join(f"`{state['kind']}`" for state in one) or "nothing" for one in states]
        rule = "the model reads what its own encoders made, which came with it"
        received = f"received data encoded by {kinds[0]}" + (" of another state" if kinds[0] == kinds[1] else "")
        raise ModelError(f"{rule} ({kinds[1]}): {received}; encode the rows with those of its bundle")


def _refuse_other(column: Column, given: Mapping[str, Column]) -> None:
    found = given.get(column.name)
    if found is None:
        raise ModelError(f"the model reads `{column.name}` ({column.role}), and the data has no such column: add it")
    if found.role != column.role:
        raise ModelError(f"the model reads `{column.name}` as {column.role}, the data has it as {found.role}: match it")
    if found.unit != column.unit:
        rule = f"the model reads `{column.name}` in {column.unit or 'no unit'}, the data has it in"
        raise ModelError(f"{rule} {found.unit or 'no unit'}: convert it, or correct `load.units`")


def _targets(about: About) -> list[str]:
    return [column.name for column in about.columns if column.role == "target"]
