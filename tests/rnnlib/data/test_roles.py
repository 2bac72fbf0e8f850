"""Roles: one for each column, and one kind of question."""

from typing import Any

import pytest
from pydantic import ValidationError

from rnnlib.data.roles import Roles


def refusal(**roles: Any) -> tuple[str, tuple[str | int, ...]]:
    with pytest.raises(ValidationError) as refused:
        Roles(**roles)
    error = refused.value.errors()[0]
    return error["msg"], error["ctx"]["at"]


def test_a_single_name_is_a_list_of_one() -> None:
    roles = Roles(target="a", past=["b", "c"])
    assert (roles.target, roles.past, roles.future) == (("a",), ("b", "c"), ())
    assert Roles.model_validate(roles.model_dump(mode="json")) == roles


def test_columns_stand_in_the_order_of_the_roles() -> None:
    roles = Roles(future="d", past=["c", "b"], target="a", series="s", time="t", static="x")
    columns = roles.columns({"c": "kW"})
    assert [(column.name, column.role, column.unit) for column in columns] == [
        ("a", "target", None),
        ("c", "past", "kW"),
        ("b", "past", None),
        ("d", "future", None),
    ]
    assert roles.names() == {"series": "s", "time": "t"}


@pytest.mark.parametrize(
    ("roles", "at", "message"),
    [
        ({}, (), "roles need `target`"),
        ({"series": "s", "past": "b"}, (), "roles need `target`"),
        ({"sample": "i", "features": "x"}, (), "roles need `label`, the columns to predict: received `sample`, `feat"),
        ({"features": "x", "label": "y"}, (), "roles need `sample`"),
        ({"target": "a", "sample": "i"}, ("sample",), "received both `target` and `sample`"),
        ({"series": "s", "sample": "i", "features": "x", "label": "y"}, ("sample",), "keep one kind"),
        ({"target": "a", "past": ["b", "a"]}, ("past", 1), "`a` stands under target and past"),
        ({"target": ["a", "a"]}, ("target", 1), "one role"),
        ({"series": "a", "target": "a"}, ("target", 0), "`a` stands under series and target"),
    ],
)
def test_roles_that_fit_no_question_are_refused(roles: dict[str, Any], at: tuple[str | int, ...], message: str) -> None:
    said, where = refusal(**roles)
    assert message in said
    assert where == at


def test_editors_are_told_that_one_name_is_enough() -> None:
    target = Roles.model_json_schema()["properties"]["target"]
    assert {choice["type"] for choice in target["anyOf"]} == {"string", "array"}
