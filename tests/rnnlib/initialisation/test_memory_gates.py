"""What biases do to a whole cell: the gates are named rightly, and a cell without a memory gate refuses."""

import pytest
import torch
from pydantic import ValidationError

from rnnlib.cells import AnyCell, Cell
from rnnlib.initialisation.base import REMEMBERING
from tests.rnnlib.families import members

CELLS: dict[str, type[Cell]] = members(AnyCell)
REMEMBERS = {kind: part for kind, part in CELLS.items() if set(part.gates) & set(REMEMBERING)}
OTHERS = {kind: part for kind, part in CELLS.items() if kind not in REMEMBERS}
UNITS = 2000


def left(part: type[Cell], bias: dict[str, object], steps: int) -> torch.Tensor:
    """What is left of a memory of 1 after some steps of nothing, with biases alone: each unit's own."""
    torch.manual_seed(0)
    layer = part(units=UNITS, bias_initialisation=bias, kernel_initialisation={"kind": "zeros"}).layer(1)
    for name, parameter in layer.named_parameters():
        if name != "bias":
            torch.nn.init.zeros_(parameter)
    ends = []
    for memory in (0.0, 1.0):
        state = tuple(torch.full_like(member, memory) for member in layer.start(1))
        if len(state) == 4:
            state = (state[0], torch.ones(1, UNITS), state[2], torch.zeros(1, UNITS))
        elif len(state) == 2:
            state = (torch.zeros(1, UNITS), state[1])
        _, after = layer.sequence(torch.zeros(steps, 1, 1), state)
        ends.append(after[1] if len(state) == 2 else after[0])
    return (ends[1] - ends[0])[0].detach()


@pytest.mark.parametrize("kind", sorted(set(REMEMBERS) - {"slstm"}))
def test_an_open_gate_remembers(kind: str) -> None:
    """σ(b) of the memory is left after every step: of a minLSTM f / (f + i) with i = ½."""
    kept = torch.sigmoid(torch.tensor(4.0)).item()
    expected = kept / (kept + 0.5) if kind == "min_lstm" else kept
    found = left(REMEMBERS[kind], {"kind": "forget_bias", "value": 4}, 7)
    torch.testing.assert_close(found, torch.full_like(found, expected**7), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("kind", sorted(set(REMEMBERS) - {"slstm"}))
def test_chrono_gives_each_unit_a_time_of_its_own(kind: str) -> None:
    """A memory of time T is left by 1 − 1/T a step, with T between 2 and the longest, evenly."""
    times = 1 / (1 - left(REMEMBERS[kind], {"kind": "chrono", "longest": 400}, 1))
    assert 1.9 <= times.min() < 10
    assert 390 < times.max() < 405
    assert times.mean().item() == pytest.approx(201, rel=0.05)


def test_an_slstm_with_an_open_gate_weighs_the_past_more() -> None:
    """c / n: what was there weighs f = σ(b) beside the weight i = 1 of what comes."""
    for value in (1, 4):
        kept = torch.sigmoid(torch.tensor(float(value))).item()
        found = left(CELLS["slstm"], {"kind": "forget_bias", "value": value}, 1)
        torch.testing.assert_close(found, torch.full_like(found, kept), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("bias", [{"kind": "forget_bias"}, {"kind": "chrono", "longest": 9}])
@pytest.mark.parametrize("kind", sorted(OTHERS))
def test_a_cell_without_a_memory_gate_refuses(kind: str, bias: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match=f"{bias['kind']} sets the bias of the gate that keeps") as caught:
        OTHERS[kind](units=4, bias_initialisation=bias)
    assert caught.value.errors()[0]["ctx"]["at"] == ("bias_initialisation",)
