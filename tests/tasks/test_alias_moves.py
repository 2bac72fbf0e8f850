"""An alias moves by compare and set: of many that saw the same champion, one wins."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tasks.registry.alias_moves import Overtaken, move_alias, moves
from tasks.registry.versions import aliases_of
from tasks.tracking.home import client

RACERS, ROUNDS = 10, 20


@pytest.fixture
def versions(home: Path, tmp_path: Path) -> list[str]:
    mlflow = client(home)
    mlflow.create_registered_model("m")
    return [str(mlflow.create_model_version("m", tmp_path.as_uri()).version) for _ in range(RACERS)]


def test_two_hundred_racing_moves_have_one_winner_each_round(home: Path, versions: list[str]) -> None:
    mlflow = client(home)

    def attempt(expected: str | None, to: str) -> bool:
        try:
            move_alias(mlflow, home, "m", "champion", expected=expected, to=to, evidence={"round": 1})
        except Overtaken:
            return False
        return True

    standing: str | None = None
    with ThreadPoolExecutor(RACERS) as pool:
        for number in range(ROUNDS):
            racing = [version for version in versions if version != standing]
            won = list(pool.map(lambda to, seen=standing: attempt(seen, to), racing))
            assert sum(won) == 1, number
            standing = aliases_of(mlflow, "m")["champion"]
            assert standing == racing[won.index(True)]
    ledger = moves(home, "m")
    assert len(ledger) == ROUNDS
    assert [move["from"] for move in ledger] == [None, *(move["to"] for move in ledger[:-1])]


def test_a_move_done_again_changes_nothing(home: Path, versions: list[str]) -> None:
    mlflow = client(home)
    for _ in range(2):
        move_alias(mlflow, home, "m", "champion", expected=None, to="1", evidence={})
    assert len(moves(home, "m")) == 1


def test_a_move_that_somebody_undid_is_noted_again(home: Path, versions: list[str]) -> None:
    mlflow = client(home)
    move_alias(mlflow, home, "m", "champion", expected=None, to="1", evidence={})
    move_alias(mlflow, home, "m", "champion", expected="1", to="2", evidence={})
    mlflow.set_registered_model_alias("m", "champion", "1")
    move_alias(mlflow, home, "m", "champion", expected="1", to="2", evidence={})
    assert [(move["from"], move["to"]) for move in moves(home, "m")] == [(None, "1"), ("1", "2"), ("1", "2")]


def test_a_crash_between_the_move_and_its_note_is_made_good(
    home: Path, versions: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    mlflow = client(home)
    with monkeypatch.context() as patched:
        patched.setattr("tasks.registry.alias_moves._append", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
        with pytest.raises(OSError, match="disk full"):
            move_alias(mlflow, home, "m", "champion", expected=None, to="1", evidence={})
    move_alias(mlflow, home, "m", "champion", expected=None, to="1", evidence={"why": "better"})
    (move,) = moves(home, "m")
    assert move["evidence"] == {"why": "better"}


def test_an_alias_that_went_elsewhere_is_left_there(home: Path, versions: list[str]) -> None:
    mlflow = client(home)
    mlflow.set_registered_model_alias("m", "champion", "3")
    message = "`champion` stood at version 1 when the models were compared, and now at version 3"
    with pytest.raises(Overtaken, match=message):
        move_alias(mlflow, home, "m", "champion", expected="1", to="2", evidence={})
    assert aliases_of(mlflow, "m") == {"champion": "3"}
    assert moves(home, "m") == []
