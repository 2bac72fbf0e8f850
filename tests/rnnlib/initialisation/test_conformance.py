"""What every initialisation promises; a new one joins by being in its family, and fails here until it is proved."""

from typing import Any

import pytest
import torch
from pydantic import ValidationError

from rnnlib.errors import ModelError
from rnnlib.initialisation import AnyBiasInitialisation, AnyInitialisation, BiasInitialisation, Initialisation
from tests.rnnlib.families import members

OF_MATRICES, OF_BIASES = members(AnyInitialisation), members(AnyBiasInitialisation)
EVERY = {**OF_MATRICES, **OF_BIASES}

FIELDS: dict[str, dict[str, tuple[dict[str, Any], Any]]] = {
    "xavier": {"distribution": ({}, "normal"), "gain": ({}, 2.0)},
    "he": {"distribution": ({}, "uniform"), "fan": ({}, "out"), "slope": ({}, 0.5)},
    "lecun": {"distribution": ({}, "uniform")},
    "orthogonal": {"gain": ({}, 0.5)},
    "identity": {"scale": ({}, 0.5)},
    "normal": {"mean": ({}, 1.0), "standard_deviation": ({}, 1.0)},
    "truncated_normal": {"mean": ({}, 1.0), "standard_deviation": ({}, 1.0), "within": ({}, 0.5)},
    "uniform": {"low": ({}, -1.0), "high": ({}, 1.0)},
    "constant": {"value": ({"value": 1.0}, 2.0)},
    "zeros": {},
    "forget_bias": {"value": ({}, 2.0)},
    "chrono": {"longest": ({"longest": 100}, 1000)},
}
"""Every field: what else is given, and another value for it."""
GATES = ("input", "forget", "candidate", "output")


def drawn(part: BiasInitialisation) -> torch.Tensor:
    torch.manual_seed(3)
    values = torch.full((len(GATES), 6, 4), 7.0, requires_grad=True)
    if isinstance(part, Initialisation):
        for block in values.detach():
            part.draw(block)
    else:
        part.draw_gates(dict(zip(GATES, values.detach()[..., 0], strict=True)))
        assert (values[..., 1:] == 7).all(), "nothing but the biases is touched"
    return values.detach()


def test_every_field_has_a_proof() -> None:
    assert {kind: set(fields) for kind, fields in FIELDS.items()} == {
        kind: set(part.model_fields) - {"kind"} for kind, part in EVERY.items()
    }


@pytest.mark.parametrize(("kind", "field"), [(kind, field) for kind, fields in FIELDS.items() for field in fields])
def test_every_field_changes_what_is_drawn(kind: str, field: str) -> None:
    given, other = FIELDS[kind][field]
    assert not torch.equal(drawn(EVERY[kind](**given)), drawn(EVERY[kind](**{**given, field: other})))


def least(kind: str) -> BiasInitialisation:
    needed = {name: field for name, field in EVERY[kind].model_fields.items() if field.is_required()}
    return EVERY[kind](**{name: FIELDS[kind][name][1] for name in needed})


@pytest.mark.parametrize("kind", EVERY)
def test_the_same_seed_draws_the_same_and_every_value_is_finite(kind: str) -> None:
    one, other = drawn(least(kind)), drawn(least(kind))
    assert torch.equal(one, other)
    assert one.isfinite().all()
    assert not (one[..., 0] == 7).any(), "every value is drawn"


@pytest.mark.parametrize("kind", EVERY)
def test_a_parameter_stays_a_leaf(kind: str) -> None:
    weights = torch.nn.Parameter(torch.ones(6, 4))
    if isinstance(least(kind), Initialisation):
        least(kind).draw(weights)
    least_bias = least(kind)
    if kind in OF_BIASES:
        bias = torch.nn.Parameter(torch.ones(8))
        least_bias.draw_gates({"forget": bias[:4], "input": bias[4:]})
        assert bias.is_leaf
    assert weights.is_leaf


@pytest.mark.parametrize("kind", OF_BIASES)
@pytest.mark.parametrize("gates", [("candidate",), ()])
def test_what_acts_on_the_memory_gate_is_refused_where_there_is_none(kind: str, gates: tuple[str, ...]) -> None:
    bias = least(kind)
    bias.suits(GATES)
    if isinstance(bias, Initialisation):
        bias.suits(gates)
    else:
        with pytest.raises(ModelError, match=r"keeps the old state: received a cell with .+; use zeros, or an lstm"):
            bias.suits(gates)


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("uniform", {"low": 1.0, "high": 1.0}),
        ("normal", {"standard_deviation": 0}),
        ("truncated_normal", {"within": 0}),
        ("constant", {"value": float("inf")}),
        ("constant", {}),
        ("chrono", {"longest": 2}),
        ("chrono", {}),
        ("he", {"slope": -1}),
        ("xavier", {"gain": 0}),
        ("orthogonal", {"gain": float("nan")}),
        ("identity", {"scale": 0}),
    ],
)
def test_what_cannot_be_drawn_is_refused(kind: str, fields: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        EVERY[kind](**fields)
