"""The parts that the page on extending shows are whole: they run as they are written."""

import re
import sys
import types
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from rnnlib.data.augmentations.base import Windows
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.layer import Flow
from tasks.store import Stored
from tests.rnnlib.data.made import series

PAGE = Path(__file__).resolve().parents[2] / "docs" / "EXTENDING.md"
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)


@pytest.fixture
def written(monkeypatch):
    """The module that a block of the page is."""

    def module(number):
        made = types.ModuleType(f"extending_{number}")
        monkeypatch.setitem(sys.modules, made.__name__, made)
        exec(compile(BLOCKS[number], f"EXTENDING.md, block {number}", "exec"), made.__dict__)
        return made

    return module


def test_the_new_augmentation_drops_whole_channels(written):
    drop = written(0).ChannelDropout(rate=0.5)
    x = Windows(torch.ones(64, 5, 3), 5)
    out = drop(x, torch.Generator().manual_seed(1)).values
    assert set(out.amax(1).flatten().tolist()) == {0.0, 1.0}
    assert torch.equal(out.amax(1), out.amin(1)), "a channel goes whole"


def test_the_new_cell_is_its_equation_and_has_what_every_cell_has(written):
    torch.manual_seed(0)
    cell = written(1).Leaky(units=4, leak=0.25)
    module = cell.build(Flow(3)).double()
    x, weights = torch.randn(2, 6, 3).double(), {name.split(".")[-1]: w for name, w in module.named_parameters()}
    w, u, b = (weights[name].detach().numpy() for name in ("kernel", "recurrent", "bias"))
    h, expected = np.zeros((2, 4)), []
    for step in x.numpy().swapaxes(0, 1):
        h = 0.75 * h + 0.25 * np.tanh(step @ w.T + h @ u.T + b)
        expected.append(h)
    np.testing.assert_allclose(module(x)[0].detach(), np.stack(expected, 1), rtol=0, atol=1e-12)
    memory, shown = module.start(2), []
    for step in x.unbind(1):
        out, memory = module.step(step, memory)
        shown.append(out)
    torch.testing.assert_close(torch.stack(shown, 1), module(x)[0], rtol=0, atol=1e-12)
    fields = {"units": 4, "layers": 2, "residual": True, "bidirectional": True, "initial_state": "learned"}
    deep = written(1).Leaky(**fields).build(Flow(3))
    lengths, short = torch.tensor([6, 2]), torch.randn(2, 6, 3)
    torch.testing.assert_close(deep(short, lengths)[0][1:, :2], deep(short[1:, :2])[0])


def test_the_new_layer_looks_back_only_and_streams(written):
    layer = written(2).Difference(lag=2)
    module, x = layer.build(Flow(3)), torch.randn(2, 6, 3)
    expected = torch.zeros(2, 6, 3)
    expected[:, 2:] = x[:, 2:] - x[:, :4]
    assert torch.equal(module(x)[0], expected)
    assert torch.equal(module(x[:, :1])[0], torch.zeros(2, 1, 3))
    memory = module.start(2)
    for step, told in zip(x.unbind(1), expected.unbind(1), strict=True):
        out, memory = module.step(step, memory)
        assert torch.equal(out, told)
    assert layer.after(Flow(3, 6)) == Flow(3, 6)


def test_the_new_task_changes_train_only(written, tmp_path):
    data = series([40, 25], columns=(("y", "target"),), seed=1)
    part = np.full(65, PartOf.train, np.int8)
    part[[*range(30, 40), *range(55, 65)]] = PartOf.test
    data = replace(data, part=part)
    data.save(tmp_path / "in")
    stored = Stored(path=tmp_path / "in", digest="x")
    written(3).Recent(rows=12).perform({"data": stored}, tmp_path / "out", work=None)
    made = DataSet.open(tmp_path / "out")
    assert np.flatnonzero(made.rows_of(PartOf.train)).tolist() == [*range(18, 30), *range(43, 55)]
    assert made.holdout_digest() == data.holdout_digest(), "the train part may change, the held-out parts may not"
    changed = np.array(data.raw)
    changed[60] += 1
    assert replace(data, raw=changed).holdout_digest() != data.holdout_digest()
    unmeasured = ~np.isnan(data.raw)
    unmeasured[60] = False
    assert replace(data, observed=unmeasured).holdout_digest() != data.holdout_digest()
