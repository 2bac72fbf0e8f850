from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlib.errors import Refused
from rnnlib.training.auto_batch import FEWEST, FILE, LARGEST, SECONDS, Cost, chosen_batch, kept_batch

MANY = 10**9


def linear(size: int) -> Cost:
    """Ten milliseconds a step, and a hundredth of one per example."""
    return Cost(0.01 + 1e-5 * size, 1000 * size)


@given(st.floats(1e-5, 1.0), st.floats(1e-7, 1e-2), st.integers(1, 10**6))
def test_it_is_a_power_of_two_within_its_bounds(start: float, each: float, examples: int) -> None:
    size = chosen_batch(examples, lambda size: Cost(start + each * size, 0))
    assert size & (size - 1) == 0
    assert 1 <= size <= LARGEST
    assert size == 1 or (size * FEWEST <= examples and start + each * size <= SECONDS)


def test_a_fixed_cost_makes_large_batches_worth_it_until_time_or_the_limit_ends_them() -> None:
    assert chosen_batch(MANY, lambda _size: Cost(0.01, 0)) == LARGEST
    assert chosen_batch(MANY, lambda size: Cost(0.01 + 1e-3 * size, 0)) == 64
    assert chosen_batch(MANY, lambda size: Cost(1e-3 * size, 0)) == 1
    assert chosen_batch(MANY, lambda size: Cost(0.3 if size < 8 else 0.6, 0)) == 4


def test_an_epoch_keeps_some_steps() -> None:
    assert chosen_batch(FEWEST * 100, linear) == 64
    assert chosen_batch(1, linear) == 1


def test_memory_bounds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    class Free:
        available = 100_000

    monkeypatch.setattr("psutil.virtual_memory", Free)
    assert chosen_batch(MANY, linear) == 32
    monkeypatch.undo()
    assert chosen_batch(MANY, lambda size: None if size > 16 else linear(size)) == 16


def test_it_is_chosen_once(tmp_path: Path) -> None:
    folder = tmp_path / "checkpoints"
    assert kept_batch(None, lambda: 8) == 8
    assert kept_batch(folder, lambda: 16) == 16
    assert kept_batch(folder, lambda: pytest.fail("chosen again")) == 16
    assert [file.name for file in folder.iterdir()] == [FILE]


@pytest.mark.parametrize("held", ["{", '{"batch": 0}', '{"batch": -4}', '{"batch": 2.5}', '{"batch": true}', "[1]"])
def test_a_damaged_choice_is_refused(tmp_path: Path, held: str) -> None:
    (tmp_path / FILE).write_text(held)
    with pytest.raises(Refused, match="empty the folder to begin anew"):
        kept_batch(tmp_path, lambda: 8)
