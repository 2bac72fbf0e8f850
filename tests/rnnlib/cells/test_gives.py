"""The last output instead of all of them: each direction's own last one."""

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from rnnlib.cells import GRU, Cell
from rnnlib.layer import Flow
from rnnlib.layers import AnyLayer
from rnnlib.padding import last_valid
from tests.rnnlib.families import example, members

CELLS = {kind: part for kind, part in members(AnyLayer).items() if issubclass(part, Cell)}
LENGTHS = torch.tensor([6, 2, 4, 1])


def built(cell: Cell) -> nn.Module:
    torch.manual_seed(3)
    return cell.build(Flow(3)).double().eval()


def inputs() -> torch.Tensor:
    return torch.randn(4, 6, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("part", CELLS.values(), ids=CELLS)
def test_one_way_it_is_the_last_valid_step(part: type[Cell]) -> None:
    every, last = (built(example(part, gives=gives, layers=2)) for gives in ("steps", "last"))
    for lengths in (None, LENGTHS):
        shown, behind = last(inputs(), lengths)
        assert behind is None
        assert torch.equal(shown[:, 0], last_valid(every(inputs(), lengths)[0], lengths))


@pytest.mark.parametrize("join", ["concat", "sum"])
def test_both_ways_it_is_the_hidden_state_of_torch(join: str) -> None:
    """What reads backwards ends at the first step: `h_n` of a packed sequence."""
    ours = built(GRU(units=5, layers=2, bidirectional=True, gives="last"))
    theirs = nn.GRU(3, 5, 2, batch_first=True, bidirectional=True).double()
    for depth, layer in enumerate(ours):
        for one, end in ((layer.forwards, ""), (layer.backwards, "_reverse")):
            getattr(theirs, f"weight_ih_l{depth}{end}").data.copy_(one.kernel)
            getattr(theirs, f"weight_hh_l{depth}{end}").data.copy_(one.recurrent_kernel)
            getattr(theirs, f"bias_ih_l{depth}{end}").data.copy_(one.bias)
            getattr(theirs, f"bias_hh_l{depth}{end}").data.copy_(nn.functional.pad(one.reset_bias, (10, 0)))
    if join == "sum":
        summed = built(GRU(units=5, bidirectional=True, join="sum", gives="last"))
        there, back = (
            last_valid(one.sequence(x, one.start(4))[0].transpose(0, 1), LENGTHS)
            for one, x in (
                (summed[0].forwards, inputs().transpose(0, 1)),
                (summed[0].backwards, backwards(inputs()).transpose(0, 1)),
            )
        )
        torch.testing.assert_close(summed(inputs(), LENGTHS)[0][:, 0], there + back, rtol=0, atol=1e-12)
        return
    _, hidden = theirs(pack_padded_sequence(inputs(), LENGTHS, batch_first=True, enforce_sorted=False))
    expected = torch.cat([hidden[-2], hidden[-1]], dim=1)
    torch.testing.assert_close(ours(inputs(), LENGTHS)[0][:, 0], expected, rtol=0, atol=1e-12)


def backwards(x: torch.Tensor) -> torch.Tensor:
    """Each sequence from its own last valid step to its first."""
    turned = x.clone()
    for row, length in enumerate(LENGTHS.tolist()):
        turned[row, :length] = x[row, :length].flip(0)
    return turned


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("residual", [False, True])
def test_padding_reaches_no_bit_of_it(both: bool, residual: bool) -> None:
    module = built(GRU(units=5, layers=2, bidirectional=both, residual=residual, gives="last"))
    beyond = (torch.arange(6) >= LENGTHS[:, None])[..., None]
    shown = [module(inputs().masked_fill(beyond, value), LENGTHS)[0] for value in (0.0, 7.0, float("nan"))]
    assert torch.equal(shown[0], shown[1])
    assert torch.equal(shown[0], shown[2])
    alone = module(inputs()[1:2, :2], None)[0]
    torch.testing.assert_close(shown[0][1:2], alone, rtol=0, atol=1e-12)


def test_what_comes_out_is_one_step_that_stands_for_none() -> None:
    behind = GRU(units=5, gives="last").after(Flow(3, steps=9, horizon=2))
    assert behind == Flow(5, steps=1, horizon=2, aligned=False)
