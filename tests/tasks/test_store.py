"""The store: complete or absent, verified, never overwritten, one at a time."""

import signal
import subprocess
import sys

import pytest

from tasks.store import Store, digest_of, verified


def write_one(at):
    (at / "a.txt").write_text("one")


def test_a_finished_step_is_found_again(tmp_path):
    store = Store(tmp_path)
    kept = store.keep("key", write_one)
    assert store.open("key") == kept
    assert (kept.path / "a.txt").read_text() == "one"


def test_equal_content_has_an_equal_digest(tmp_path):
    store = Store(tmp_path)
    assert store.keep("k1", write_one).digest == store.keep("k2", write_one).digest
    assert store.keep("k3", lambda at: (at / "a.txt").write_text("two")).digest != store.keep("k4", write_one).digest


def test_a_step_that_fails_leaves_nothing(tmp_path):
    store = Store(tmp_path)

    def fails(at):
        write_one(at)
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        store.keep("key", fails)
    assert store.open("key") is None
    assert list(store.folder.iterdir()) == []


@pytest.mark.parametrize("damage", ["changed", "missing", "added", "manifest"])
def test_damage_is_seen_and_set_aside(tmp_path, damage):
    store = Store(tmp_path)
    path = store.keep("key", write_one).path
    if damage == "changed":
        (path / "a.txt").write_text("onf")
    elif damage == "missing":
        (path / "a.txt").unlink()
    elif damage == "added":
        (path / "b.txt").write_text("")
    else:
        (path / "manifest.json").write_text("{")
    assert store.open("key") is None
    assert (tmp_path / "store" / "key.damaged").is_dir()
    assert store.keep("key", write_one).digest == verified(store.folder / "key")


KILLED = """
import os, signal, sys
from pathlib import Path
from tasks.store import Store

def writes(at):
    (at / "a.txt").write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)

Store(Path(sys.argv[1])).keep("key", writes)
"""

WAITS = """
import sys
from pathlib import Path
from tasks.store import Store

with Store(Path(sys.argv[1])).alone("key", lambda line: print(line, flush=True)):
    print("mine", flush=True)
"""


def process(code, home):
    return subprocess.Popen([sys.executable, "-c", code, str(home)], stdout=subprocess.PIPE, text=True)


def test_a_kill_leaves_no_half_result(tmp_path):
    with process(KILLED, tmp_path) as killed:
        assert killed.wait(60) == -signal.SIGKILL
    assert Store(tmp_path).open("key") is None


def test_the_second_waits_and_says_why(tmp_path):
    with Store(tmp_path).alone("key", lambda _line: None):
        second = process(WAITS, tmp_path)
        assert "waiting" in second.stdout.readline()
        assert second.poll() is None
    assert second.communicate(timeout=60)[0] == "mine\n"
    assert second.returncode == 0


def test_a_digest_does_not_depend_on_the_order_of_keys():
    assert digest_of({"a": 1, "b": 2}) == digest_of({"b": 2, "a": 1})
    assert digest_of({"a": 1}) != digest_of({"a": 2})


def test_a_removal_that_was_cut_short_blocks_nothing(tmp_path):
    """A folder without its manifest, as an interrupted removal leaves it, is set aside and computed again."""
    store = Store(tmp_path)
    path = store.keep("key", write_one).path
    (path / "manifest.json").unlink()
    assert store.open("key") is None
    assert store.keep("key", write_one).digest


def test_a_discarded_step_is_gone(tmp_path):
    store = Store(tmp_path)
    store.keep("key", write_one)
    store.discard("key")
    assert store.open("key") is None
    assert list(store.folder.iterdir()) == []
    store.discard("key")
