"""Every command looks after runs whose process died: in the right home, and without making one."""

import sys

import pytest

from flows.cli.main import main
from tests.flows.sample import write_project


@pytest.fixture
def swept(monkeypatch):
    found = []
    monkeypatch.delenv("RNN_HOME", raising=False)
    monkeypatch.setattr("flows.ledger.sweep", lambda home: found.append(home) or [])
    return found


def rnn(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["rnn", *arguments])
    with pytest.raises(SystemExit):
        main()


@pytest.mark.parametrize("arguments", [["list"], ["report"], ["check", "absent.yaml"], ["plan", "absent.yaml"]])
def test_looking_makes_no_home(tmp_path, monkeypatch, swept, arguments):
    monkeypatch.chdir(tmp_path)
    rnn(monkeypatch, *arguments)
    assert list(tmp_path.iterdir()) == []
    assert swept == []


@pytest.mark.parametrize("command", ["plan", "run"])
def test_the_home_of_the_spec_is_looked_after(tmp_path, monkeypatch, swept, command):
    here, there = tmp_path / "here" / ".rnn", write_project(tmp_path / "there") / ".rnn"
    here.mkdir(parents=True)
    there.mkdir()
    (here.parent / "link.yaml").symlink_to(there.parent / "demo.yaml")
    monkeypatch.chdir(here.parent)
    monkeypatch.setattr("flows.cli.running.run_and_show", lambda *_given, **_more: 0)
    monkeypatch.setattr("flows.plan.plan", lambda *_given: sys.exit(0))
    for spec in ("../there/demo.yaml", "link.yaml"):
        swept.clear()
        rnn(monkeypatch, command, spec)
        assert swept == [here, there]
    monkeypatch.chdir(there.parent)
    swept.clear()
    rnn(monkeypatch, command, "demo.yaml")
    assert swept == [there], "once is enough"
