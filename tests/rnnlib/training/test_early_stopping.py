import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from rnnlib.training.early_stopping import EarlyStopping, Watch


def stopped_after(section: EarlyStopping, losses: list[float]) -> int | None:
    watch = Watch()
    for epoch, loss in enumerate(losses, start=1):
        watch = section.seen(watch, loss)
        if section.ends(watch):
            return epoch
    return None


def test_it_stops_after_patience_epochs_without_a_better_one() -> None:
    losses = [5.0, 4.0, 4.5, 3.9, 4.1, 4.0, 3.9, 1.0]
    assert stopped_after(EarlyStopping(patience=3), losses) == 7
    assert stopped_after(EarlyStopping(patience=4), losses) is None


def test_an_equal_loss_is_no_better_one() -> None:
    assert stopped_after(EarlyStopping(patience=2), [1.0, 1.0, 1.0]) == 3


def test_a_fall_counts_only_beyond_min_change_and_small_falls_add_up() -> None:
    section = EarlyStopping(patience=2, min_change=0.1)
    assert stopped_after(section, [1.0, 0.95, 0.91]) == 3
    assert stopped_after(section, [1.0, 0.95, 0.89, 0.85, 0.78]) is None


def keras(losses: list[float], patience: int, min_delta: float) -> int | None:
    # keras.callbacks.EarlyStopping.on_epoch_end, mode "min", read as the rule it is
    best, wait = math.inf, 0
    for epoch, loss in enumerate(losses, start=1):
        wait += 1
        if loss < best - min_delta:
            best, wait = loss, 0
        elif wait >= patience:
            return epoch
    return None


@given(st.lists(st.floats(0, 10), max_size=30), st.integers(1, 5), st.sampled_from([0.0, 0.5]))
def test_it_stops_where_keras_does(losses: list[float], patience: int, change: float) -> None:
    assert stopped_after(EarlyStopping(patience=patience, min_change=change), losses) == keras(losses, patience, change)


@pytest.mark.parametrize("field", [{"patience": 0}, {"min_change": -0.1}, {"min_change": math.inf}])
def test_bounds(field: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        EarlyStopping.model_validate(field)
