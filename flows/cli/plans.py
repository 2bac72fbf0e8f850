"""`rnn plan` as a person sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flows.cli.printing import as_json, number, say, table

if TYPE_CHECKING:
    from flows.plan import Plan


def show(plan: Plan, *, json: bool) -> None:
    """The data steps' facts, then for every training its layers, steps, memory and time."""
    if json:
        as_json({"name": plan.name, "data": dict(plan.data), "training": dict(plan.training)})
        return
    for name, facts in plan.data.items():
        table(name, ["", ""], [(_key(key), _value(value)) for key, value in facts.items()])
        say()
    for name, facts in plan.training.items():
        layers = facts.get("layers", [])
        table(
            f"{name}: layers",
            ["layer", "width", "parameters"],
            [(str(layer), str(width), f"{count:,}") for layer, width, count in layers],
            numbers=2,
        )
        rest = {key: value for key, value in facts.items() if key != "layers"}
        table("", ["", ""], [(_key(key), _value(value)) for key, value in rest.items()])


def _key(key: str) -> str:
    return f"{key.removesuffix('_mb')} [MB]" if key.endswith("_mb") else key.replace("_", " ")


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return number(value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {_value(inner)}" for key, inner in value.items()) or "–"
    if isinstance(value, list | tuple):
        return ", ".join(_value(item) for item in value) or "–"
    return f"{value:,}" if isinstance(value, int) else str(value)
