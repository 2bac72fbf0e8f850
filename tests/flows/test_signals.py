from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import pytest

from flows.signals import Interrupted, interruptible

ENDING = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


def receive(number: signal.Signals) -> None:
    os.kill(os.getpid(), number)
    signal.pause()


@pytest.mark.parametrize("number", ENDING)
def test_a_signal_is_raised_where_the_work_is_and_handlers_are_restored(number: signal.Signals) -> None:
    before = [signal.getsignal(one) for one in ENDING]
    with pytest.raises(Interrupted, match=number.name), interruptible():
        receive(number)
    assert [signal.getsignal(one) for one in ENDING] == before


def test_it_is_no_exception_that_a_step_could_take_for_a_failure() -> None:
    assert not issubclass(Interrupted, Exception)


def test_while_one_winds_down_further_polite_signals_change_nothing() -> None:
    wound_down = False

    def work() -> None:
        nonlocal wound_down
        try:
            receive(signal.SIGHUP)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)
            os.kill(os.getpid(), signal.SIGHUP)
            wound_down = True

    with pytest.raises(Interrupted, match="SIGHUP"), interruptible(), interruptible():
        work()
    assert wound_down


def test_after_an_inner_block_the_outer_one_still_winds_down() -> None:
    def work() -> None:
        try:
            with interruptible():
                receive(signal.SIGINT)
        finally:
            assert signal.getsignal(signal.SIGINT) is signal.SIG_DFL
            os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(Interrupted, match="SIGINT"), interruptible():
        work()


def test_a_nested_block_that_ends_well_leaves_the_outer_one_listening() -> None:
    def work() -> None:
        with interruptible():
            pass
        receive(signal.SIGTERM)

    with pytest.raises(Interrupted), interruptible():
        work()


def test_a_second_ctrl_c_ends_the_process_at_once() -> None:
    program = """
import os, signal, time
from flows.signals import interruptible
with interruptible():
    try:
        os.kill(os.getpid(), signal.SIGINT)
        signal.pause()
    finally:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(30)
"""
    ended = subprocess.run([sys.executable, "-c", program], timeout=20, check=False)
    assert ended.returncode == -signal.SIGINT


def test_in_another_thread_it_does_nothing() -> None:
    seen: list[object] = []

    def work() -> None:
        with interruptible():
            seen.append(signal.getsignal(signal.SIGTERM))

    before = signal.getsignal(signal.SIGTERM)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]


def test_a_second_ctrl_c_ends_the_process_also_where_a_step_has_put_the_handler_back() -> None:
    program = """
import os, signal, time
from flows.signals import interruptible
from rnnlib.training.interruption import holding_signals
with interruptible():
    try:
        with holding_signals():
            os.kill(os.getpid(), signal.SIGINT)
            signal.pause()
    finally:
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(30)
"""
    ended = subprocess.run([sys.executable, "-c", program], timeout=20, check=False)
    assert ended.returncode == -signal.SIGINT
