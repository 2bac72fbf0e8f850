"""The command line: what it prints, where, and with which exit code."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from flows.cli.main import app, main
from flows.schema import schema_text
from tests.flows.sample import write_project
from tests.tasks.conftest import home, migrated  # noqa: F401 - fixtures

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def project(tmp_path, home, monkeypatch):  # noqa: F811
    monkeypatch.setenv("RNN_HOME", str(home))
    folder = write_project(tmp_path / "project")
    monkeypatch.chdir(folder)
    return folder


def rnn(*arguments, monkeypatch, capsys):
    """Runs the command as its entry point does; returns exit code, stdout, stderr."""
    monkeypatch.setattr(sys, "argv", ["rnn", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    return ended.value.code or 0, said.out, said.err


@pytest.fixture
def command(monkeypatch, capsys):
    return lambda *arguments: rnn(*arguments, monkeypatch=monkeypatch, capsys=capsys)


def test_help_names_every_command():
    said = CliRunner().invoke(app, ["--help"]).output
    commands = {command.name or command.callback.__name__ for command in app.registered_commands}
    assert len(commands) == 15
    for name in (*commands, "models"):
        assert re.search(rf"^  {name} ", said, re.MULTILINE), name


def test_check_says_ok_or_every_problem(project, command):
    code, out, _ = command("check", "demo.yaml")
    assert (code, out) == (
        0,
        "demo.yaml: ok, 7 steps: load → split → normalize → window → train → evaluate → register\n",
    )
    (project / "bad.yaml").write_text((project / "demo.yaml").read_text().replace("epochs: 2", "epohcs: 2"))
    code, out, err = command("check", "bad.yaml")
    assert (code, out) == (2, "")
    assert err == "bad.yaml:23:5  steps.train.epohcs  unknown field; did you mean `epochs`?\n"
    code, out, _ = command("check", "--json", "bad.yaml")
    assert code == 2
    assert json.loads(out)["problems"][0]["line"] == 23


def test_options_go_in_any_order_and_overrides_are_typed(project, command):
    code, out, _ = command("render", "--set", "train.optimizer.learning_rate=1e-4", "demo.yaml", "--set", "seed=9")
    assert code == 0
    assert "learning_rate: 0.0001" in out
    assert "seed: 9" in out
    code, _, err = command("check", "demo.yaml", "--set", "train.epochs=many")
    assert code == 2
    assert err == (
        "--set train.epochs=many:1:1  steps.train.epochs  expected a whole number, received 'many' "
        "(the most passes over the train part)\n"
    )
    for wrong in ("train.epochs", "=3", "nowhere.epochs=3", "train.model.layers[7].units=3", "train.epochs.more=3"):
        assert command("check", "demo.yaml", "--set", wrong)[0] == 2, wrong


def test_a_rendered_spec_is_the_same_spec(project, command):
    first = command("render", "demo.yaml")[1]
    (project / "again.yaml").write_text(first)
    assert command("render", "again.yaml")[1] == first


def test_the_schema_is_up_to_date(command, monkeypatch):
    monkeypatch.chdir(ROOT)
    assert (ROOT / "pipelines" / "schema.json").read_text() == schema_text(), "run `rnn schema`"
    assert command("schema", "--check")[0] == 0


def test_list_shows_every_part_and_its_fields(command):
    code, out, _ = command("list")
    assert code == 0
    for kind in ("lstm", "adam", "jitter", "standard", "csv", "mse", "train"):
        assert re.search(rf" {kind} ", out), kind
    out = command("list", "lstm")[1]
    assert "units" in out
    assert "required" in out
    assert command("list", "lsmt")[2].startswith("no part is called `lsmt`; did you mean `lstm`?")
    parts = json.loads(command("list", "--json")[1])
    assert all(field["description"] for part in parts for field in part["fields"]), "every field says what it is"


def test_plan_reads_the_data(project, command):
    code, out, _ = command("plan", "demo.yaml")
    assert code == 0, out
    assert re.search(r"test windows\s+48", out)
    facts = json.loads(command("plan", "demo.yaml", "--json")[1])
    assert facts["training"]["train"]["parameters"] > 0


def test_run_predict_models_report_clean(project, command, tmp_path):
    code, out, err = command("run", "--inline", "demo.yaml")
    assert code in (0, 3), err
    assert "test scores" in out
    assert "seasonal_naive" in out
    assert "report   " in out
    facts = json.loads(command("run", "--inline", "--json", "demo.yaml")[1])
    assert facts["unchanged"]

    code, out, _ = command("models", "list")
    assert code == 0
    assert "demo" in out
    assert json.loads(command("models", "show", "demo", "--json")[1])["versions"][0]["scores"]["mase"] > 0
    assert command("models", "show", "domo")[0] == 2

    rows = (project / "series.csv").read_text().splitlines()
    known = [rows[0], *(row for row in rows[1:] if "2020-04" not in row)]
    ahead = [f"{row.split(',')[0]},{row.split(',')[1]},,{row.split(',')[3]}" for row in rows if "2020-04-0" in row]
    (project / "new.csv").write_text("\n".join(known + ahead) + "\n")
    code, out, err = command("predict", "models:/demo/1", "new.csv", "-o", "out.parquet")
    assert code == 0, err
    frame = pl.read_parquet(project / "out.parquet")
    assert frame.columns[:2] == ["meter", "day"]
    assert frame.height == 2 * 7
    assert frame.filter(meter="a")["load"].mean() < 30 < frame.filter(meter="b")["load"].mean(), "in data units"
    asked = pl.read_csv(project / "new.csv")
    asked.write_csv(project / "new.tsv", separator="\t")
    asked.write_ipc(project / "new.feather")
    asked.write_ndjson(project / "new.jsonl")
    for name in ("new.tsv", "new.feather", "new.jsonl"):
        code, _, err = command("predict", "models:/demo/1", name, "-o", "again.parquet")
        assert code == 0, err
        assert pl.read_parquet(project / "again.parquet").equals(frame), name
    (project / "new.xlsx").write_bytes(b"PK")
    code, _, err = command("predict", "models:/demo/1", "new.xlsx")
    assert code == 2
    assert ".csv, .tsv, .parquet, .arrow, .feather, .ipc, .ndjson or .jsonl file, received" in " ".join(err.split())
    (project / "short.csv").write_text("meter,day,load\na,2020-01-01,1\n")
    code, _, err = command("predict", "models:/demo/1", "short.csv")
    assert code == 2
    assert "holiday" in err

    code, out, _ = command("report")
    assert code == 0
    assert "demo" in out
    code, out, _ = command("clean", "--older", "1d", "--dry-run")
    assert code == 0
    assert "0 folders" in out
    assert command("clean", "--older", "soon")[0] == 2


def test_clean_keeps_what_registered_versions_need(project, command, home):  # noqa: F811
    command("run", "--inline", "demo.yaml")
    command("run", "--inline", "waves.yaml")
    steps = list((home / "store").iterdir())
    for path in steps:
        os.utime(path, (0, 0))
    code, out, _ = command("clean", "--older", "1d")
    assert code == 0, out
    kept = {path.name for path in (home / "store").iterdir()}
    assert len(steps) == 7 + 5
    assert len(kept) == 7, "the chain of the registered model stays, the other goes"
    assert json.loads(command("run", "--inline", "--json", "demo.yaml")[1])["unchanged"]


def test_a_failed_run_says_where_and_exits_with_1(project, command):
    (project / "series.csv").write_text("meter,day,load,holiday\n")
    code, out, err = command("run", "--inline", "demo.yaml")
    assert code == 1
    assert re.match(r"demo\.yaml:6:\d+  steps\.load\.source", err), err
    assert "report   " in out


def test_in_a_pipe_there_is_no_colour_and_no_broken_line(project):
    run = subprocess.run(
        [sys.executable, "-c", "from flows.cli import main; main()", "check", "demo.yaml"],
        capture_output=True, text=True, check=True, env={**os.environ, "COLUMNS": "20", "NO_COLOR": "1"},
    )  # fmt: skip
    assert "\x1b" not in run.stdout
    assert run.stdout.count("\n") == 1


def test_a_reader_that_goes_away_is_no_error(project):
    command = f"{sys.executable} -c 'from flows.cli import main; main()' list"
    for shown in ("", " --json"):  # as rich writes, and as we do
        run = subprocess.run(
            ["bash", "-o", "pipefail", "-c", f"{command}{shown} | true"], capture_output=True, text=True, check=False
        )
        assert (run.returncode, run.stderr) == (0, "")


def test_a_run_that_nobody_reads_is_cut_off_and_says_so(project):
    command = f"{sys.executable} -c 'from flows.cli import main; main()' run demo.yaml --inline"
    run = subprocess.run(["bash", "-o", "pipefail", "-c", f"{command} | true"], capture_output=True, check=False)
    assert run.returncode == 1


def test_a_sign_that_a_terminal_does_not_know_stops_nothing(project):
    run = subprocess.run(
        [sys.executable, "-c", "from flows.cli import main; main()", "list"],
        capture_output=True, text=True, check=True, env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )  # fmt: skip
    assert "?" in run.stdout
