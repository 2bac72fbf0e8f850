"""The values of a data set held against its contract: rows, times, units, constants, classes."""

from __future__ import annotations

from collections.abc import Iterator

from rnnlib.data.contract.difference import Difference
from rnnlib.data.contract.jumps import unit_jump
from rnnlib.data.seen import Contract, SeenColumn
from rnnlib.figures import figure

_EXPECTED_CHANGES = 20
_NEARLY = 0.999
_FEW = 10


def value_differences(seen: Contract, accepted: Contract, rows: float) -> Iterator[Difference]:
    """What differs between what is seen now and what was accepted; `rows` is the least share of its rows."""
    if seen.rows < rows * accepted.rows:
        message = f"the contract has {accepted.rows} rows, of which {rows:.0%} must be there: received {seen.rows}"
        yield Difference("rows", message)
    yield from _times(seen, accepted)
    for column in seen.columns:
        before = accepted.column(column.name)
        if before is not None and before.numeric and column.role is not None:
            yield from number_differences(column, before)
    yield from _classes(seen, accepted)


def number_differences(now: SeenColumn, before: SeenColumn) -> Iterator[Difference]:
    """A column that has grown constant, or jumped to another unit."""
    if grown_constant(now, before):
        message = (
            f"the contract has a column that varies: {_share(now)} of its {now.observed} values are one and the same"
        )
        yield Difference("constant", message, now.name)
    elif (jump := unit_jump(before, now)) is not None:
        assert before.quantiles is not None
        assert now.quantiles is not None
        was, is_ = (
            f"{figure(q[0])} to {figure(q[-1])} (median {figure(q[2])})" for q in (before.quantiles, now.quantiles)
        )
        why = f", as if they were {jump.explained}" if jump.explained else ", another unit or scale"
        yield Difference("units", f"nine in ten values were {was}: received {is_}{why}", now.name)


def grown_constant(now: SeenColumn, before: SeenColumn) -> bool:
    """Whether a column is (nearly) constant where it was to change twenty times or more.

    The chance of that is e⁻²⁰ where changes come as they came, so short tables and steps that last are let be. So are
    a few stretches no longer than one that there was: a dry week, a night without sun.
    """
    if now.commonest is None or before.changes is None or before.commonest is None:
        return False
    if before.lasting is not None and (now.lasting or 0) <= before.lasting and now.observed <= _FEW * before.lasting:
        return False
    return before.changes * now.observed >= _EXPECTED_CHANGES and now.commonest >= _NEARLY > before.commonest


def _share(now: SeenColumn) -> str:
    return "all" if now.commonest == 1 else f"{100 * (now.commonest or 0):.4g} %"


def _times(seen: Contract, accepted: Contract) -> Iterator[Difference]:
    time = next((column.name for column in seen.columns if column.role == "time"), None)
    if time is None or accepted.kind is None:
        return
    pairs = {
        "type": (accepted.kind, seen.kind),
        "step": (accepted.every, seen.every),
        "zone": (accepted.zone, seen.zone),
    }
    for what, (before, now) in pairs.items():
        if before != now and not (what == "step" and None in (before, now)):
            message = f"the contract has times with the {what} {before or 'none'}: received {now or 'none'}"
            yield Difference("times", message, time)


def _classes(seen: Contract, accepted: Contract) -> Iterator[Difference]:
    if accepted.classes is None or not accepted.closed or seen.label is None or seen.label != accepted.label:
        return
    if seen.classes is None:
        message = f"the contract has the classes {_named(list(accepted.classes))}: received more than a thousand"
        yield Difference("classes", message, seen.label)
        return
    lost = [name for name in accepted.classes if name not in seen.classes]
    new = [name for name in seen.classes if name not in accepted.classes]
    if lost:
        single = ": a single class is left" if len(seen.classes) == 1 else ""
        message = f"the contract has the classes {_named(list(accepted.classes))}, and {_named(lost)} is lost{single}"
        yield Difference("classes", message, seen.label, amount=len(lost))
    if new:
        message = f"the contract has the classes {_named(list(accepted.classes))}: received {_named(new)} too"
        yield Difference("classes", message, seen.label, amount=len(new))


def _named(classes: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in classes[:10]) + (", …" if len(classes) > 10 else "")
