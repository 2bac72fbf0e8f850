"""The task `load`: a data set folder, its facts, and a key that follows the files' bytes."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from rnnlib.data.dataset import DataSet
from rnnlib.errors import DataError, Refused
from rnnlib.place import Place
from tasks.base import Rows, Work
from tasks.load import Load, summary
from tasks.store import Store
from tests.rnnlib.data.times.test_irregular import loaded

SPEC = {
    "source": {"kind": "csv", "path": "f*.csv"},
    "roles": {"series": "s", "time": "t", "target": "y", "future": "f"},
    "every": "1d",
    "missing": {"fill": "forward"},
    "units": {"y": "kWh"},
}


def performed(folder: Path, **other: Any) -> tuple[DataSet, dict[str, object]]:
    work = Work(step="load", seed=0, place=Place(folder, folder), store=Store(folder / ".rnn"), folder=folder / "work")
    Load.model_validate({**SPEC, **other}).perform({}, folder / "out", work)
    return DataSet.open(folder / "out"), json.loads((folder / "out" / "summary.json").read_text())


def test_files_become_a_data_set_with_its_facts(tmp_path: Path) -> None:
    (tmp_path / "f1.csv").write_text("s,t,y,f\na,2024-01-01,1,0\na,2024-01-03,3,1\n")
    (tmp_path / "f2.csv").write_text("s,t,y,f\nb,2024-01-01,5,0\n")
    data, facts = performed(tmp_path)
    assert data.sequences["key"].to_list() == ["a", "b"]
    assert data.about.files["f1.csv"] == hashlib.sha256((tmp_path / "f1.csv").read_bytes()).hexdigest()
    assert facts == {
        "rows": 4,
        "sequences": 2,
        "shortest": 1,
        "longest": 3,
        "columns": "y (target), f (future)",
        "from": "2024-01-01",
        "to": "2024-01-03",
        "every": "1d (stated)",
        "missing values": "y: 1, f: 1",
        "repairs": "rows inserted: 1",
        "files": "f1.csv, f2.csv",
    }


def test_the_key_follows_the_bytes_of_the_files(tmp_path: Path) -> None:
    section, place = Load.model_validate(SPEC), Place(tmp_path, tmp_path)
    with pytest.raises(DataError, match=r"no file matches `f\*\.csv`"):
        section.rests_on(place)
    (tmp_path / "f1.csv").write_text("y\n1\n")
    first = section.rests_on(place)
    (tmp_path / "f1.csv").write_text("y\n2\n")
    assert section.rests_on(place) != first
    (tmp_path / "f2.csv").write_text("y\n2\n")
    assert list(section.rests_on(place)) == ["f1.csv", "f2.csv"]


def test_what_it_is() -> None:
    section = Load.model_validate(SPEC)
    assert (section.task, Load.gives, Load.retries, dict(Load.takes)) == ("load", Rows, 2, {})


def test_a_path_outside_is_refused_where_it_is_written(tmp_path: Path) -> None:
    section = Load.model_validate({**SPEC, "source": {"kind": "csv", "path": "../f.csv"}})
    work = Work(step="load", seed=0, place=Place(tmp_path, tmp_path), store=Store(tmp_path), folder=tmp_path)
    with pytest.raises(Refused, match="leads outside") as refused:
        section.perform({}, tmp_path / "out", work)
    assert refused.value.at == ("source", "path")


def test_a_country_without_holidays_is_refused_where_it_is_written(tmp_path: Path) -> None:
    (tmp_path / "f1.csv").write_text("s,t,y,f\na,2024-01-01,1,0\na,2024-01-02,3,1\n")
    calendar = {"calendar": {"holidays": "NOO"}}
    with pytest.raises(Refused, match="NOO") as refused:
        performed(tmp_path, **calendar)
    assert refused.value.at == ("calendar", "holidays")


def test_the_report_says_that_times_are_irregular() -> None:
    assert summary(loaded(), stated=True)["every"] == "irregular"


def test_the_report_says_which_step_was_found(tmp_path: Path) -> None:
    (tmp_path / "f1.csv").write_text("s,t,y,f\na,2024-01-01 01:00,1,0\na,2024-01-01 02:00,3,1\n")
    assert performed(tmp_path, every=None)[1]["every"] == "1h (inferred)"
    (tmp_path / "f1.csv").write_text("s,t,y,f\na,2024-01-01 01:00,1,0\n")
    assert "every" not in performed(tmp_path, every=None)[1], "one row has no step"
