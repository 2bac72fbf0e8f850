"""What people see says what the data says: brackets, colons and tabs are no markup of the terminal's."""

from __future__ import annotations

import warnings
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console
from typer.testing import CliRunner

from flows.cli import printing
from flows.cli.asking import asking
from flows.cli.main import app
from flows.cli.plans import _key, _value
from flows.cli.printing import number
from flows.cli.progress import Shown
from rnnlib.errors import Notice

ODD = ["[/b]", "[bold]", "sold [kwh]", ":boom:"]

SPEC = """version: 1
name: odd
steps:
  load:
    source: {kind: csv, path: f.csv}
    roles: {sample: s, features: ["price [m/s]", "[/y]"], label: kind}
  split: {by: random, validation: 20%, test: 20%}
  train: {model: {kind: classifier, layers: [{kind: gru, units: 2}]}, epochs: 1}
  evaluate: {metrics: [accuracy]}
"""


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RNN_HOME", str(tmp_path / "home"))
    (tmp_path / "pyproject.toml").write_text("")
    rows = [(s, s * 0.5, t * 1.0, "[/b]" if s % 2 else ":boom: [red]") for s in range(40) for t in range(4)]
    pl.DataFrame(rows, ["s", "price [m/s]", "[/y]", "kind"], orient="row").write_csv(tmp_path / "f.csv")
    (tmp_path / "spec.yaml").write_text(SPEC)
    return tmp_path / "spec.yaml"


def test_cells_are_printed_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    printing.table("a [title]", ["[head]", "x"], [[word, "1"] for word in ODD])
    said = capsys.readouterr().out
    for word in ("a [title]", "[head]", *ODD):
        assert word in said


def test_a_title_is_a_line_of_its_own_and_a_table_without_heads_has_none(capsys: pytest.CaptureFixture[str]) -> None:
    printing.table("test scores (30 cases)", ["", ""], [["a", "1"]])
    assert [line.rstrip() for line in capsys.readouterr().out.splitlines()] == ["test scores (30 cases)", "a  1"]


@pytest.mark.parametrize("wide", [True, False], ids=["table", "lines"])
@pytest.mark.parametrize("command", ["data", "plan"])
def test_columns_and_classes_are_named_as_the_file_names_them(
    spec: Path, command: str, wide: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing.out, "width", 10_000 if wide else 80)
    said = CliRunner().invoke(app, [command, str(spec)], catch_exceptions=False)
    assert said.exit_code == 0, said.output
    words = ["price [m/s]", "[/y]", *(["[/b]", ":boom: [red]"] if command == "data" else [])]
    for word in words:
        assert word in said.output


def test_a_note_of_progress_is_no_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.cli.progress.err", terminal := Console(force_terminal=True, width=120, record=True))
    with Shown(quiet=False) as shown:
        shown.progress().advance("train [/b]", 1, 2, "loss [/b]")
        terminal.print(shown._bar.get_renderable())
    assert "loss [/b]" in terminal.export_text()


@pytest.mark.parametrize(
    ("reads", "line"),
    [
        ("table", "rnn predict models:/m/1 NEW.csv -o out.parquet"),
        ("text", 'rnn generate models:/m/1 --seed-text "…"'),
        ("audio", "rnn predict models:/m/1 NEW.wav -o out.parquet"),
        ("video", "rnn predict models:/m/1 NEW.mp4 -o out.parquet"),
        ("frames", "rnn predict models:/m/1 FOLDER -o out.parquet"),
        ("ts", "rnn predict models:/m/1 NEW.ts -o out.parquet"),
        (None, "rnn predict models:/m/1 NEW.csv -o out.parquet"),
    ],
)
def test_a_model_is_asked_with_what_it_reads(reads: str | None, line: str) -> None:
    assert asking("models:/m/1", reads) == line


@pytest.mark.parametrize(
    ("aliases", "named"), [({"champion": "1"}, "@champion"), ({"night": "1"}, "@night"), ({}, "/2")], ids=str
)
def test_a_model_that_is_shown_is_asked_by_an_alias_that_it_has(
    aliases: dict[str, str], named: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RNN_HOME", str(tmp_path))
    made = {"aliases": [], "scores": {}, "run_id": "", "created": "2026-01-01T10:00", "tags": {"rnn.reads": "audio"}}
    versions = [{**made, "version": one} for one in ("1", "2")]
    found = {"name": "m", "aliases": aliases, "versions": versions}
    monkeypatch.setattr("tasks.registry.lookup.show_model", lambda _home, _name: found)
    said = CliRunner().invoke(app, ["models", "show", "m"], catch_exceptions=False).output
    assert f"rnn predict models:/m{named} NEW.wav -o out.parquet" in said


def test_predictions_are_printed_to_the_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = pl.DataFrame({"sold [kwh]": [1.5], "kind": ["[/b]\t:boom:"]})
    monkeypatch.setattr("flows.predict.predict", lambda _model, _data: frame)
    said = CliRunner().invoke(app, ["predict", "models:/m/1", str(tmp_path)], catch_exceptions=False)
    assert said.output == frame.write_csv()


def test_what_is_to_be_known_of_predictions_stands_on_stderr_beside_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def predicted(_model: str, _data: Path) -> pl.DataFrame:
        warnings.warn("column `x`: 3 values [kwh] are missing", Notice, stacklevel=1)
        return pl.DataFrame({"x": [1]})

    monkeypatch.setattr("flows.predict.predict", predicted)
    said = CliRunner().invoke(app, ["predict", "models:/m/1", str(tmp_path)], catch_exceptions=False)
    assert said.stdout == "x\n1\n"
    assert said.stderr == "notice: column `x`: 3 values [kwh] are missing\n"


def test_a_name_is_not_cut_where_lines_are_short(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing.out, "width", 60)
    printing.table("", ["field", "meaning"], [["kernel_initialisation", "a meaning of many words " * 8]])
    assert "kernel_initialisation" in capsys.readouterr().out


def test_defaults_are_written_as_a_spec_writes_them() -> None:
    said = CliRunner().invoke(app, ["list", "lstm"]).output
    assert "false" in said
    assert "False" not in said
    assert "True" not in said


def test_an_unknown_part_is_not_answered_with_all_that_are_known() -> None:
    refused = CliRunner().invoke(app, ["list", "qqqq"]).exception
    assert str(refused) == "no part is called `qqqq`: `rnn list` shows all of them"


def test_a_fact_is_true_or_has_a_unit() -> None:
    assert (_value(True), _value([0.00012345, False])) == ("true", "0.0001234, false")
    assert [_key(key) for key in ("memory_mb", "seconds_per_epoch")] == ["memory [MB]", "seconds per epoch"]


@pytest.mark.parametrize("terminal", [True, False])
def test_people_see_seven_digits_and_programs_all(
    terminal: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = pl.DataFrame({"p_up": [0.008154457022178272], "n": [12_345_678]})
    monkeypatch.setattr("flows.predict.predict", lambda _model, _data: frame)
    monkeypatch.setattr(printing.out, "_force_terminal", terminal)
    said = CliRunner().invoke(app, ["predict", "models:/m/1", str(tmp_path)], catch_exceptions=False).output
    assert said == ("p_up,n\n0.008154457,12345678\n" if terminal else frame.write_csv())


def test_a_number_of_five_digits_is_no_power_of_ten() -> None:
    assert (number(11_000.0), number(0.00815445), number(None)) == ("11,000", "0.008154", "–")
