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


def test_the_new_task_changes_train_only(written, tmp_path):
    data = series([40, 25], columns=(("y", "target"),), seed=1)
    part = np.full(65, PartOf.train, np.int8)
    part[[*range(30, 40), *range(55, 65)]] = PartOf.test
    data = replace(data, part=part)
    data.save(tmp_path / "in")
    stored = Stored(path=tmp_path / "in", digest="x")
    written(1).Recent(rows=12).perform({"data": stored}, tmp_path / "out", work=None)
    made = DataSet.open(tmp_path / "out")
    assert np.flatnonzero(made.rows_of(PartOf.train)).tolist() == [*range(18, 30), *range(43, 55)]
    assert made.holdout_digest() == data.holdout_digest(), "the train part may change, the held-out parts may not"
    changed = np.array(data.raw)
    changed[60] += 1
    assert replace(data, raw=changed).holdout_digest() != data.holdout_digest()
    unmeasured = ~np.isnan(data.raw)
    unmeasured[60] = False
    assert replace(data, observed=unmeasured).holdout_digest() != data.holdout_digest()
