import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnlib.training import Training
from rnnlib.training.numerics import WORK, numerics, processors, threads_for, versions


@given(st.integers(0, 2**60), st.integers(1, 256))
def test_threads_lie_between_one_and_the_processors_and_never_fall_with_work(work: int, count: int) -> None:
    assert 1 <= threads_for(work, count) <= count
    assert threads_for(work, count) <= threads_for(work + WORK, count)


def test_small_models_run_on_one_thread_and_large_ones_on_more() -> None:
    assert threads_for(32 * 64**2, 8) == 1
    assert threads_for(256 * 128**2, 8) == 4
    assert threads_for(512 * 512**2, 8) == 8


def section(**changes: object) -> Training:
    model = {"kind": "forecaster", "layers": [{"kind": "lstm", "units": 512}, {"kind": "dense", "units": 4}]}
    return Training.model_validate({"model": model, "batch": 512, **changes})


def test_the_count_is_known_from_the_section_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rnnlib.training.section.processors", lambda: 6)
    assert section().thread_count() == 6
    assert section(threads=3).thread_count() == 3
    assert section(batch=1).thread_count() == 1


def test_a_layer_whose_width_the_data_decides_counts_as_narrow() -> None:
    assert section(model={"kind": "regressor", "layers": [{"kind": "dropout", "rate": 0.5}]}).thread_count() == 1


def test_everything_is_put_back() -> None:
    threads, mode = torch.get_num_threads(), torch.get_deterministic_debug_mode()

    def body() -> None:
        with numerics(1 + threads % 2):
            assert torch.get_num_threads() == 1 + threads % 2
            assert torch.are_deterministic_algorithms_enabled()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        body()
    assert (torch.get_num_threads(), torch.get_deterministic_debug_mode()) == (threads, mode)
    assert torch.utils.deterministic.fill_uninitialized_memory


def test_versions_are_what_the_bits_rest_on() -> None:
    assert set(versions()) == {"rnnlib", "torch", "numpy", "machine", "vectors", "products"}
    assert processors() >= 1
