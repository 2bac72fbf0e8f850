"""The segment layer against the published model written out, around every cell, and what it refuses."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from rnnlib.cells import GRU, LSTM, RNN
from rnnlib.errors import ModelError
from rnnlib.layer import Flow
from rnnlib.layers import Segment
from rnnlib.layers.segment import SegmentSteps

CONTEXT, HORIZON, CHANNELS, LENGTH, UNITS = 12, 8, 3, 4, 6
WINDOW = Flow(CHANNELS, CONTEXT, HORIZON)


class Published(nn.Module):
    """SegRNN with parallel multi-step forecasting as its authors wrote it, around a torch module.

    Source: the code of arXiv:2308.11200, whose names these are.
    """

    def __init__(self, rnn: nn.Module) -> None:
        super().__init__()
        self.seg_num_x, self.seg_num_y = CONTEXT // LENGTH, HORIZON // LENGTH
        self.valueEmbedding = nn.Sequential(nn.Linear(LENGTH, UNITS), nn.ReLU())
        self.rnn = rnn
        self.pos_emb = nn.Parameter(torch.randn(self.seg_num_y, UNITS // 2))
        self.channel_emb = nn.Parameter(torch.randn(CHANNELS, UNITS // 2))
        self.predict = nn.Linear(UNITS, LENGTH)

    def forward(self, x: Tensor) -> Tensor:
        batch_size = x.size(0)
        x = self.valueEmbedding(x.permute(0, 2, 1).reshape(-1, self.seg_num_x, LENGTH))
        _, hn = self.rnn(x)
        position = self.pos_emb.unsqueeze(0).repeat(CHANNELS, 1, 1)
        channel = self.channel_emb.unsqueeze(1).repeat(1, self.seg_num_y, 1)
        pos_emb = torch.cat([position, channel], dim=-1).view(-1, 1, UNITS).repeat(batch_size, 1, 1)
        states = hn if isinstance(hn, tuple) else (hn,)
        repeated = tuple(state.repeat(1, 1, self.seg_num_y).view(1, -1, UNITS) for state in states)
        _, hy = self.rnn(pos_emb, repeated if isinstance(hn, tuple) else repeated[0])
        y = self.predict(hy[0] if isinstance(hy, tuple) else hy)
        return y.view(-1, CHANNELS, HORIZON).permute(0, 2, 1)


def ours(cell: Any, **fields: Any) -> SegmentSteps:
    torch.manual_seed(1)
    return Segment(length=LENGTH, cell=cell, **fields).build(WINDOW).double()


def copied(published: Published, module: SegmentSteps) -> None:
    """Puts the published module's weights into ours; torch's second bias acts beside the first, but in a GRU's n."""
    rnn = published.rnn
    with torch.no_grad():
        for theirs, mine in (
            (published.valueEmbedding[0].weight, module.embedding.weight),
            (published.valueEmbedding[0].bias, module.embedding.bias),
            (published.pos_emb, module.position),
            (published.channel_emb, module.channel),
            (published.predict.weight, module.output.weight),
            (published.predict.bias, module.output.bias),
        ):
            mine.copy_(theirs)
        module.cell[0].load_state_dict(_cell_weights(rnn, module.cell[0].state_dict()))


def _cell_weights(rnn: nn.Module, named: dict[str, Tensor]) -> dict[str, Tensor]:
    first, second = rnn.bias_ih_l0, rnn.bias_hh_l0
    if isinstance(rnn, nn.GRU):
        acts_beside = torch.cat([second[: 2 * UNITS], torch.zeros(UNITS).double()])
        found = {"bias": first + acts_beside, "reset_bias": second[2 * UNITS :]}
    else:
        found = {"bias": first + second}
    found |= {"kernel": rnn.weight_ih_l0, "recurrent_kernel": rnn.weight_hh_l0}
    assert set(found) == set(named)
    return found


@pytest.mark.parametrize(("cell", "theirs"), [(GRU, nn.GRU), (LSTM, nn.LSTM), (RNN, nn.RNN)])
def test_it_is_the_published_model_with_its_gradients(cell: Any, theirs: Any) -> None:
    torch.manual_seed(0)
    published = Published(theirs(UNITS, UNITS, batch_first=True)).double()
    module = ours(cell(units=UNITS))
    copied(published, module)
    x = torch.randn(5, CONTEXT, CHANNELS, dtype=torch.float64, requires_grad=True)
    weights = torch.randn(5, HORIZON, CHANNELS, dtype=torch.float64)
    results = []
    for forecast, embedding, positions in (
        (module(x)[0], module.embedding, module.position),
        (published(x), published.valueEmbedding[0], published.pos_emb),
    ):
        wanted = (x, embedding.weight, embedding.bias, positions)
        results.append([forecast, *torch.autograd.grad((forecast * weights).sum(), wanted)])
    for mine, its in zip(*results, strict=True):
        torch.testing.assert_close(mine, its, rtol=0, atol=1e-12)


def test_channels_share_all_but_their_embedding() -> None:
    module = ours(GRU(units=UNITS))
    with torch.no_grad():
        module.channel[:] = module.channel[0]
    one = torch.randn(2, CONTEXT, 1, dtype=torch.float64)
    forecast = module(one.expand(-1, -1, CHANNELS))[0]
    torch.testing.assert_close(forecast, forecast[..., :1].expand_as(forecast), rtol=0, atol=1e-12)


def test_a_channel_sees_no_other() -> None:
    module = ours(GRU(units=UNITS))
    x = torch.randn(2, CONTEXT, CHANNELS, dtype=torch.float64)
    moved = x.clone()
    moved[..., 1] += 1
    changed = (module(x)[0] - module(moved)[0]).abs().amax(dim=(0, 1)) > 1e-12
    assert changed.tolist() == [False, True, False]


def test_a_short_sequence_has_zeros_before_its_first_step() -> None:
    module = ours(GRU(units=UNITS, layers=2))
    x = torch.randn(3, CONTEXT, CHANNELS, dtype=torch.float64)
    lengths = torch.tensor([CONTEXT, 5, 1])
    together, after = module(x, lengths)
    assert after is None
    for number, length in enumerate(lengths.tolist()):
        filled = torch.zeros(1, CONTEXT, CHANNELS, dtype=torch.float64)
        filled[0, CONTEXT - length :] = x[number, :length]
        torch.testing.assert_close(together[number : number + 1], module(filled)[0], rtol=0, atol=1e-12)
        alone, _ = module(x[number : number + 1, :length])
        torch.testing.assert_close(together[number : number + 1], alone, rtol=0, atol=1e-12)


def test_dropout_acts_in_training_only() -> None:
    module = ours(GRU(units=UNITS), dropout=0.5)
    x = torch.randn(2, CONTEXT, CHANNELS, dtype=torch.float64)
    assert not torch.equal(module(x)[0], module(x)[0])
    module.eval()
    assert torch.equal(module(x)[0], module(x)[0])


@pytest.mark.parametrize(
    ("fields", "before", "at", "message"),
    [
        (
            {"length": 5},
            Flow(3, 12),
            ("length",),
            "received a context of 12; use a length of 3, 4, 6, or another context",
        ),
        (
            {"length": 5},
            Flow(3, 10, 8),
            ("length",),
            "received a horizon of 8; use a length of 1, 2, or another horizon",
        ),
        ({"cell": GRU(units=6, bidirectional=True)}, WINDOW, ("cell", "bidirectional"), "also runs backwards"),
        ({"cell": GRU(units=6, gives="last")}, WINDOW, ("cell", "gives"), "received gives: last; take it out"),
        ({"cell": GRU(units=5)}, WINDOW, ("cell", "units"), "received 5 units; use an even number"),
    ],
)
def test_what_does_not_fit_is_refused(fields: Any, before: Flow, at: tuple[str, ...], message: str) -> None:
    section = Segment(**{"length": LENGTH, "cell": GRU(units=UNITS), **fields})
    with pytest.raises(ModelError, match=message) as caught:
        section.after(before)
    assert caught.value.at == at


@pytest.mark.parametrize("before", [Flow(3, 12, None), Flow(3, None, 8)])
def test_it_needs_a_fixed_context_and_a_horizon(before: Flow) -> None:
    section = Segment(length=LENGTH, cell=GRU(units=UNITS))
    assert section.after(before).steps == before.horizon
    with pytest.raises(ModelError, match="use it in a forecaster, behind a `window` step"):
        section.build(before)
