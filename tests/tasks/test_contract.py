"""The contract of a pipeline's load: kept by the first, held by the later ones, changed on purpose only."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
import pytest

from flows.chain import Step
from flows.execute import Context, Done, perform
from rnnlib.data.contract import ContractError
from rnnlib.data.dataset import DataSet
from rnnlib.errors import Refused
from rnnlib.place import File, Place
from tasks.accepted import Accepted
from tasks.load import Load
from tasks.store import Store
from tests.contracts import FEW, accepted


def days(rows: int = 60) -> pl.DataFrame:
    number = pl.int_range(rows, eager=True)
    return pl.DataFrame({"meter": "a", "day": number, "load": (number * 7919 % 101).cast(pl.Float64), "spare": 1})


def loaded(folder: Path, frame: pl.DataFrame, **contract: object) -> Done:
    """The step, as a pipeline performs it on these rows."""
    frame.write_csv(folder / "f.csv")
    section = Load.model_validate({"source": {"kind": "csv", "path": "f.csv"}, "roles": FEW, "contract": contract})
    return perform(Step("load", section, {}), {}, Context(Place(folder, folder), Store(folder / "home"), 0, "meters"))


def kept(folder: Path) -> Path:
    return folder / "home" / "contracts" / "meters" / "load.json"


def test_the_first_good_load_writes_down_what_it_saw(tmp_path: Path) -> None:
    done = loaded(tmp_path, days())
    seen = json.loads((done.stored.path / "contract.json").read_text())
    assert [column["name"] for column in seen["columns"]] == ["meter", "day", "load", "spare"]
    assert (seen["rows"], seen["every"], seen["columns"][3]["type"]) == (60, "1i", "whole number")
    held = Accepted.read(File("", kept(tmp_path)))
    assert held is not None
    assert held.seen == DataSet.open(done.stored.path).about.contract


def test_the_same_data_is_not_loaded_again_and_a_word_in_the_spec_loads_it(tmp_path: Path) -> None:
    first = loaded(tmp_path, days())
    again = loaded(tmp_path, days())
    assert (again.key, again.executed) == (first.key, False)
    assert loaded(tmp_path, days(), units="accept").stored.digest != first.stored.digest, "it travels with the model"


def test_later_data_is_held_to_it_and_a_changed_contract_makes_another_key(tmp_path: Path) -> None:
    first = loaded(tmp_path, days())
    text = kept(tmp_path).read_text()
    more = loaded(tmp_path, days(80))
    assert more.executed
    assert kept(tmp_path).read_text() == text, "it stays what it is until it is changed on purpose"
    with pytest.raises(ContractError, match="as if they were 1000 times as large") as refused:
        loaded(tmp_path, days(80).with_columns(load=pl.col("load") * 1000))
    assert (refused.value.column, refused.value.at) == ("load", ("contract",))
    kept(tmp_path).write_text(text.replace('"rows": 60', '"rows": 61'))
    changed = loaded(tmp_path, days(80))
    assert (changed.executed, changed.key != more.key, changed.stored.digest) == (True, True, more.stored.digest)
    assert not loaded(tmp_path, days()).executed, "the first result is that of the contract's own files"
    assert first.executed


def test_what_is_accepted_is_counted(tmp_path: Path) -> None:
    loaded(tmp_path, days())
    other = days(80).select("load", "day", "meter", "spare").with_columns(new=1, load=pl.col("load") * 1000)
    done = loaded(tmp_path, other, extra="accept", units="accept")
    repairs = DataSet.open(done.stored.path).about.repairs
    assert repairs == {"extra columns accepted": 1, "columns out of order": 2, "columns of another scale accepted": 1}
    assert json.loads((done.stored.path / "summary.json").read_text())["repairs"].startswith(
        "extra columns accepted: 1"
    )


def test_a_spec_that_reads_the_same_files_otherwise_renews_it(tmp_path: Path) -> None:
    loaded(tmp_path, days())
    section = {"source": {"kind": "csv", "path": "f.csv"}, "roles": {**FEW, "past": ["spare"]}}
    step = Step("load", Load.model_validate(section), {})
    perform(step, {}, Context(Place(tmp_path, tmp_path), Store(tmp_path / "home"), 0, "meters"))
    held = Accepted.read(File("", kept(tmp_path)))
    assert held is not None
    assert held.seen.columns[3].role == "past"


def test_a_contract_in_the_repository_is_where_the_spec_says(tmp_path: Path) -> None:
    loaded(tmp_path, days(), file="meters.json")
    assert (tmp_path / "meters.json").is_file()
    assert not kept(tmp_path).exists()
    with pytest.raises(Refused, match="leads outside"):
        loaded(tmp_path, days(), file="../meters.json")


def test_a_contract_that_cannot_be_read_is_no_contract_to_pass_over(tmp_path: Path) -> None:
    loaded(tmp_path, days())
    kept(tmp_path).write_text("{")
    with pytest.raises(Refused, match=r"it cannot be read .* --accept"):
        loaded(tmp_path, days(80))


def test_of_many_first_loads_one_is_the_first(tmp_path: Path) -> None:
    made = [accepted(tmp_path, days(rows), FEW) for rows in range(30, 36)]
    file = File("", tmp_path / "contract.json")
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda one: one.keep(file, first=True), made))
    held = Accepted.read(file)
    assert held in made
    made[0].keep(file, first=True)
    assert Accepted.read(file) == held, "it is never written over"
    made[1].keep(file, first=False)
    assert Accepted.read(file) == made[1], "but on purpose"
    assert not list(tmp_path.glob(".contract-*"))
