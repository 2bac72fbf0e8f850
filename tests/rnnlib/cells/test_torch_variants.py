"""The second oracle for what torch has: both ways with packed sequences, and LSTM with projection."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from rnnlib.cells import GRU, LSTM, RNN, Cell, CellLayer
from rnnlib.layer import Flow

CASES: dict[str, tuple[Cell, nn.Module]] = {
    "rnn": (RNN(units=6, layers=2, bidirectional=True), nn.RNN(2, 6, 2, batch_first=True, bidirectional=True)),
    "lstm": (LSTM(units=6, layers=2, bidirectional=True), nn.LSTM(2, 6, 2, batch_first=True, bidirectional=True)),
    "gru": (GRU(units=6, layers=2, bidirectional=True), nn.GRU(2, 6, 2, batch_first=True, bidirectional=True)),
    "lstm projection": (
        LSTM(units=6, layers=2, projection=4, bidirectional=True),
        nn.LSTM(2, 6, 2, batch_first=True, proj_size=4, bidirectional=True),
    ),
    "without bias": (
        GRU(units=6, layers=2, bias=False, bidirectional=True),
        nn.GRU(2, 6, 2, bias=False, batch_first=True, bidirectional=True),
    ),
}
NAMES = {"kernel": "weight_ih", "recurrent_kernel": "weight_hh", "bias": "bias_ih", "projection_kernel": "weight_hr"}


def copied(layer: CellLayer, theirs: nn.Module, end: str) -> None:
    """Gives torch's layer our weights; its second bias is 0 but where the reset gate acts."""
    ours = dict(layer.named_parameters())
    with torch.no_grad():
        if "bias" in ours:
            theirs.get_parameter(f"bias_hh_{end}").zero_()
        for name, value in ours.items():
            if name == "reset_bias":
                theirs.get_parameter(f"bias_hh_{end}")[-len(value) :] = value
            else:
                theirs.get_parameter(f"{NAMES[name]}_{end}").copy_(value)


@pytest.mark.parametrize("case", CASES)
def test_both_ways_are_those_of_torch_on_packed_sequences(case: str) -> None:
    cell, theirs = CASES[case]
    torch.manual_seed(0)
    module, theirs = cell.build(Flow(2)).double(), theirs.double()
    for parameter in module.parameters():
        nn.init.normal_(parameter, std=0.4)
    for depth, both in enumerate(module):
        copied(both.forwards, theirs, f"l{depth}")
        copied(both.backwards, theirs, f"l{depth}_reverse")
    lengths = torch.tensor([7, 2, 5, 1])
    x, upstream = torch.randn(4, 7, 2).double(), torch.randn(4, 7, 2 * cell.width).double()

    def theirs_of(given: Tensor) -> Tensor:
        packed, _ = theirs(pack_padded_sequence(given, lengths, batch_first=True, enforce_sorted=False))
        return pad_packed_sequence(packed, batch_first=True)[0]

    valid = (torch.arange(7) < lengths[:, None])[..., None]
    found = []
    for run in (lambda given: module(given, lengths)[0], theirs_of):
        given = x.clone().requires_grad_()
        shown = run(given).masked_fill(~valid, 0)
        (shown * upstream).sum().backward()
        found.append((shown, given.grad))
    torch.testing.assert_close(*(shown for shown, _ in found), rtol=0, atol=1e-12)
    torch.testing.assert_close(*(gradient for _, gradient in found), rtol=0, atol=1e-11)
    for depth, both in enumerate(module):
        gradient = theirs.get_parameter(f"weight_hh_l{depth}_reverse").grad
        torch.testing.assert_close(both.backwards.recurrent_kernel.grad, gradient, rtol=0, atol=1e-10)
