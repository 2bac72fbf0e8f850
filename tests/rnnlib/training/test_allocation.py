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
    for _ in range(10):  # 125 MB that a step would take and free
        blocks = [libc.malloc(25_000_000) for _ in range(5)]
        for block in blocks:
            ctypes.memset(ctypes.c_void_p(block), 1, 25_000_000)
        for block in blocks:
            libc.free(ctypes.c_void_p(block))
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

with allocating(sys.argv[1]):
    faults()
    inside = faults()
print(inside, faults())
"""


def faults(allocation: str) -> tuple[int, int]:
    done = subprocess.run([sys.executable, "-c", FAULTS, allocation], capture_output=True, text=True, check=True)
    inside, after = done.stdout.split()
    return int(inside), int(after)


@pytest.mark.skipif(not GLIBC, reason="the rule is glibc's")
def test_kept_memory_is_not_taken_anew_at_every_step_and_the_usual_rule_is_put_back() -> None:
    inside, after = faults("kept")
    assert inside < 1000
    assert after > 50_000
    assert faults("system")[0] > 50_000


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
