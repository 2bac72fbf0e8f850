"""What a contract notices, and what it lets be."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from rnnlib.data.contract import Contract, ContractError, described
from rnnlib.data.contract.describing import closed
from rnnlib.data.contract.jumps import unit_jump
from rnnlib.data.contract.predicting import names_as_trained, values_as_trained
from rnnlib.data.contract.values import number_differences, value_differences
from rnnlib.data.loading import frame_to_dataset, load
from rnnlib.data.loading.reading import Reading
from rnnlib.data.roles import Roles
from rnnlib.data.seen import SeenColumn
from rnnlib.place import Place

SHIPPED = Path(__file__).parents[4] / "pipelines" / "data"


def column(values: np.ndarray) -> SeenColumn:
    """A column of numbers, as a load sees it."""
    frame = pl.DataFrame({"y": values})
    return _seen(frame).columns[0]


def _seen(frame: pl.DataFrame) -> Contract:
    return described(frame_to_dataset(frame, Roles(target=("y",)), file="f"), {})


def shipped() -> dict[str, np.ndarray]:
    """Real columns: the CO2 record, and wind, visibility, timetable and departures of three airports."""
    air = pl.read_parquet(SHIPPED / "departures.parquet")
    names = ("wind", "visibility", "scheduled", "departed")
    co2 = pl.read_csv(SHIPPED / "co2.csv")["co2"].drop_nulls().cast(pl.Float64).to_numpy()
    return {"co2": co2, **{name: air[name].drop_nulls().cast(pl.Float64).to_numpy() for name in names}}


def test_stretches_of_real_data_raise_no_alarm() -> None:
    """Contract on the first half, held: 200 stretches of each of five columns, 100 rows to half of all."""
    draw, alarms, tried = np.random.default_rng(0), [], 0
    for name, values in shipped().items():
        before = column(values[: len(values) // 2])
        for _ in range(40):
            length = int(draw.integers(100, len(values) // 2))
            start = int(draw.integers(0, len(values) - length))
            found = list(number_differences(column(values[start : start + length]), before))
            alarms += [(name, start, length, one.message) for one in found]
            tried += 1
    assert tried == 200
    assert not alarms


@pytest.mark.parametrize("factor", [1000, 1 / 1000, 1e6, 100])
@pytest.mark.parametrize("name", ["co2", "scheduled", "wind"])
def test_another_unit_is_noticed(name: str, factor: float) -> None:
    values = shipped()[name]
    half = len(values) // 2
    jump = unit_jump(column(values[:half]), column(values[half:] * factor))
    assert jump is not None


def test_fahrenheit_is_no_celsius() -> None:
    celsius = 12 + 10 * np.sin(np.arange(2000) * 2 * np.pi / 365) + np.random.default_rng(0).normal(0, 3, 2000)
    jump = unit_jump(column(celsius[:1000]), column(celsius[1000:] * 1.8 + 32))
    assert jump is not None
    assert jump.explained == "°F where there was °C"
    assert unit_jump(column(celsius[:1000]), column(celsius[1000:])) is None


def test_a_sensor_that_is_stuck_is_noticed_and_steps_that_last_are_let_be() -> None:
    draw = np.random.default_rng(0)
    varying, lasting = draw.normal(size=500), np.repeat(draw.normal(size=10), 50)
    stuck = np.full(100, varying[0])
    assert [one.kind for one in number_differences(column(stuck), column(varying))] == ["constant"]
    assert not list(number_differences(column(np.full(50, lasting[0])), column(lasting)))


def test_a_stretch_no_longer_than_one_that_there_was_is_no_constant_column() -> None:
    draw = np.random.default_rng(0)
    rain = np.where((np.arange(2000) // 200) % 3 == 0, draw.exponential(2, 2000), 0)
    assert column(rain).lasting == 400
    assert column(np.array([1.0, 2, 1, 1, 1, 2])).lasting == 3
    assert not list(number_differences(column(np.zeros(350)), column(rain))), "a dry fortnight"
    assert [one.kind for one in number_differences(column(np.zeros(500)), column(rain))] == ["constant"]
    frame = pl.DataFrame({"s": np.repeat([0, 1, 2], 3), "y": [1.0, 1, 2, 2, 2, 2, 2, 3, 3]})
    seen = described(frame_to_dataset(frame, Roles(series="s", target=("y",)), file="f"), {})
    assert seen.column("y").lasting == 3, "no run goes on from one sequence into the next"


def test_a_list_of_categories_is_closed_where_no_new_ones_are_to_be_expected() -> None:
    assert closed(np.array([50, 50]), ("a", "b")) == {"a": 0.5, "b": 0.5}
    assert closed(np.array([50, 1]), ("a", "b")) is None, "words that come once are followed by others"


def reading(**more: object) -> Reading:
    roles = {"time": "t", "target": ["kwh"], "past": ["temp"]}
    return Reading.model_validate({"source": {"kind": "csv", "path": "f.csv"}, "roles": roles, **more})


def meters() -> pl.DataFrame:
    draw = np.random.default_rng(3)
    return pl.DataFrame({"t": range(80), "kwh": draw.gamma(2, 3, 80), "temp": draw.normal(9, 5, 80), "note": "n"})


@pytest.mark.parametrize(("name", "gone"), [("kWh", "kwh"), ("kwh_", "kwh"), ("Temp", "temp"), ("energy", "kwh")])
def test_a_renamed_column_is_said_to_be_renamed(tmp_path: Path, name: str, gone: str) -> None:
    place = Place(tmp_path, tmp_path)
    meters().write_csv(tmp_path / "f.csv")
    accepted = load(reading(), place).about.contract
    meters().rename({gone: name}).write_csv(tmp_path / "f.csv")
    with pytest.raises(ContractError, match=f"`{gone}` is gone and `{name}` is new: it looks renamed") as refused:
        load(reading(), place, accepted)
    assert (refused.value.difference, refused.value.column, refused.value.file) == ("renamed", gone, "f.csv")


def test_all_differences_are_told_at_once(tmp_path: Path) -> None:
    place = Place(tmp_path, tmp_path)
    meters().write_csv(tmp_path / "f.csv")
    accepted = load(reading(), place).about.contract
    meters().drop("note").with_columns(more=1, kwh=pl.lit("x")).write_csv(tmp_path / "f.csv")
    with pytest.raises(ContractError) as refused:
        load(reading(), place, accepted)
    said = str(refused.value)
    for part in ("`note`", "column `more`: the contract knows no such column", "type text, `x`"):
        assert part in said


def test_rows_for_a_trained_model_are_held_to_its_training_data(tmp_path: Path) -> None:
    meters().write_csv(tmp_path / "f.csv")
    place = Place(tmp_path, tmp_path)
    about = load(reading(), place).about
    names_as_trained(meters(), about, "new.csv")
    with pytest.raises(ContractError, match="name it as in training; mend the data, train again"):
        names_as_trained(meters().rename({"temp": "Temp"}), about, "new.csv")
    meters().with_columns(temp=pl.col("temp") + 273.15).write_csv(tmp_path / "f.csv")
    kelvin = load(reading(), place)
    with pytest.raises(ContractError, match="K where there was °C"):
        values_as_trained(kelvin, about)
    accepted = load(reading(contract={"units": "accept"}), place).about.holding
    assert values_as_trained(kelvin, about.model_copy(update={"holding": accepted})) is kelvin


def test_numbers_from_within_those_that_there_were_are_in_their_unit() -> None:
    draw = np.random.default_rng(1)
    year = 10 + 12 * np.sin(np.arange(50_000) / 8000) + draw.normal(0, 0.5, 50_000)
    assert unit_jump(column(year), column(15 + draw.normal(0, 0.2, 150))) is None, "a calm day"
    dry, drier, wet = (np.where(draw.random(1000) < share, draw.exponential(5, 1000), 0) for share in (0.06, 0.04, 0.2))
    for before, after in ((dry, wet), (drier, wet), (drier, dry), (wet, drier)):
        assert unit_jump(column(before), column(after)) is None, "a wet month"
    assert unit_jump(column(year), column(year[::100] / 1000)) is not None


def test_one_misspelt_class_of_a_small_table_is_a_new_class() -> None:
    def seen(labels: list[str]) -> Contract:
        frame = pl.DataFrame({"s": range(len(labels)), "x": np.arange(len(labels)) % 7, "l": labels})
        return described(frame_to_dataset(frame, Roles(features=("x",), sample="s", label="l"), file="f"), {})

    accepted, wrong = seen(["a"] * 70 + ["b"] * 80), seen(["a"] * 70 + ["b"] * 79 + ["bb"])
    assert (accepted.closed, wrong.closed) == (True, False)
    (found,) = value_differences(wrong, accepted, 0.5)
    assert (found.kind, found.column) == ("classes", "l")
    assert "received `bb` too" in found.message
    assert not list(value_differences(accepted, wrong.model_copy(update={"closed": False}), 0.5)), "an open list"
    (found,) = value_differences(seen([f"{n}" for n in range(1500)]), accepted, 0.5)
    assert "received more than a thousand" in found.message


def test_categories_are_the_same_however_they_are_written(tmp_path: Path) -> None:
    """Numbers that an empty cell made 1.0, letters whose accent became a character of its own."""
    section = Reading.model_validate(
        {
            "source": {"kind": "csv", "path": "f.csv"},
            "roles": {"target": "y", "past": "c", "categorical": "c"},
            "missing": {"fill": "none", "otherwise": "mask"},
        }
    )
    for first, later, other in (("1", "1.0", "1.5"), ("\u00e9", "e\u0301", "e")):
        (tmp_path / "f.csv").write_text("y,c\n" + f"1,{first}\n2,2\n" * 50)
        accepted = load(section, Place(tmp_path, tmp_path)).about.contract
        (tmp_path / "f.csv").write_text("y,c\n" + f"1,{later}\n2,2\n" * 50 + "3,\n")
        assert load(section, Place(tmp_path, tmp_path), accepted).about.repairs == {}
        (tmp_path / "f.csv").write_text("y,c\n" + f"1,{other}\n2,2\n" * 50)
        with pytest.raises(ContractError, match=f"received `{other}` in 50 rows"):
            load(section, Place(tmp_path, tmp_path), accepted)
