import platform
import subprocess
import sys

import pytest

from rnnlib.training.allocation import allocating, resident_mb

GLIBC = platform.libc_ver()[0] == "glibc"

FAULTS = """
import ctypes, resource, sys
from rnnlib.training.allocation import allocating

libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(10):  # what a step would take and free
        blocks = [libc.malloc(int(sys.argv[2])) for _ in range(5)]
        for block in blocks:
            ctypes.memset(ctypes.c_void_p(block), 1, int(sys.argv[2]))
        for block in blocks:
            libc.free(ctypes.c_void_p(block))
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

for _training in range(int(sys.argv[3])):
    with allocating(sys.argv[1]):
        faults()
        inside = faults()
print(inside, faults())
"""


def faults(allocation: str, block: int = 25_000_000, trainings: int = 1) -> tuple[int, int]:
    given = [allocation, str(block), str(trainings)]
    done = subprocess.run([sys.executable, "-c", FAULTS, *given], capture_output=True, text=True, check=True)
    inside, after = done.stdout.split()
    return int(inside), int(after)


@pytest.mark.skipif(not GLIBC, reason="the rule is glibc's")
def test_kept_memory_is_not_taken_anew_at_every_step_and_the_usual_rule_is_put_back() -> None:
    inside, after = faults("kept")
    assert inside < 1000
    assert after > 50_000
    assert faults("system")[0] > 50_000


@pytest.mark.skipif(not GLIBC, reason="the rule is glibc's")
def test_it_holds_for_blocks_of_any_size_and_in_a_second_training_of_the_same_process() -> None:
    """glibc maps blocks from 32 MB on for themselves wherever its heap has no room for them, as behind a first one."""
    assert faults("kept", block=40_000_000, trainings=2)[0] < 1000


def test_it_says_whether_the_rule_was_set() -> None:
    with allocating("system") as kept:
        assert not kept
    with allocating("kept") as kept:
        assert kept == GLIBC


def test_where_glibc_is_not_there_nothing_is_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.libc_ver", lambda: ("", ""))
    monkeypatch.setattr("ctypes.CDLL", lambda _name: pytest.fail("glibc was called"))
    with allocating("kept") as kept:
        assert not kept


def test_resident_memory_is_of_this_process() -> None:
    assert 20 < resident_mb() < 100_000
