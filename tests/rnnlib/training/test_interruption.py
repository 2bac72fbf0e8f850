import signal
import threading
from collections.abc import Iterator

import pytest

from rnnlib.training.interruption import Hold, holding_signals


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def step_with_a_signal(hold: Hold, done: list[str]) -> None:
    with hold:
        done.append("first half")
        signal.raise_signal(signal.SIGINT)
        done.append("second half")
    done.append("never")


def test_a_signal_waits_until_the_step_is_whole() -> None:
    done: list[str] = []
    with holding_signals() as hold:
        with pytest.raises(KeyboardInterrupt):
            step_with_a_signal(hold, done)
        assert done == ["first half", "second half"]
        assert not hold.torn


def test_outside_of_a_step_it_is_handled_at_once() -> None:
    with holding_signals(), pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_nested_holds_wait_for_the_outermost() -> None:
    done: list[str] = []

    def nested(hold: Hold) -> None:
        with hold:
            with hold:
                signal.raise_signal(signal.SIGINT)
            done.append("inner over")

    with holding_signals() as hold, pytest.raises(KeyboardInterrupt):
        nested(hold)
    assert done == ["inner over"]


def test_handlers_are_put_back_whatever_ends_the_body() -> None:
    def mine(_number: int, _frame: object) -> None: ...

    signal.signal(signal.SIGTERM, mine)

    def failing() -> None:
        with holding_signals():
            assert signal.getsignal(signal.SIGTERM) is not mine
            raise RuntimeError

    with pytest.raises(RuntimeError):
        failing()
    assert signal.getsignal(signal.SIGTERM) is mine


def test_signals_left_to_the_system_stay_so() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with holding_signals():
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_a_step_that_raised_is_torn() -> None:
    with holding_signals() as hold:
        with pytest.raises(RuntimeError), hold:
            raise RuntimeError
        assert hold.torn


def test_a_signal_is_not_lost_where_the_step_raised() -> None:
    def failing() -> None:
        with holding_signals() as hold, hold:
            signal.raise_signal(signal.SIGINT)
            raise RuntimeError

    with pytest.raises(KeyboardInterrupt) as ended:
        failing()
    assert isinstance(ended.value.__context__, RuntimeError)


def test_elsewhere_than_in_the_main_thread_nothing_is_installed() -> None:
    before = signal.getsignal(signal.SIGINT)
    seen = []

    def body() -> None:
        with holding_signals():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=body)
    thread.start()
    thread.join()
    assert seen == [before]
