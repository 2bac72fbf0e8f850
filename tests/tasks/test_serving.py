"""A registered version in the hands of plain MLflow: loaded and served, over a real socket, without pickle."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from rnnlib.errors import Refused
from tasks.registry.lookup import load_predictor, show_model
from tasks.registry.model_folder import pinned, signature_of
from tasks.tracking.home import client, embedded_uri
from tests.bundles import make
from tests.tasks.mlflow_server import Server
from tests.tasks.project import NAME, Project, always_up_by, gate

CHAMPION = f"models:/{NAME}@champion"


@pytest.fixture
def promoted(project: Project) -> Project:
    made = project.register("a", project.scored("a", always_up_by(0.1)), promote=gate("champion", "naive"))
    assert made["promoted"] is True
    return project


def environment(project: Project) -> dict[str, str]:
    strict = {"MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
    return {**os.environ, **strict, "MLFLOW_TRACKING_URI": embedded_uri(project.home)}


def test_the_version_is_loaded_by_its_alias_in_a_process_that_knows_only_mlflow(
    promoted: Project, tmp_path: Path
) -> None:
    frame = make.meters_to_predict()
    frame.write_parquet(tmp_path / "asked.parquet")
    code = (
        "import sys, pandas as pd, mlflow\n"
        "model = mlflow.pyfunc.load_model(sys.argv[1])\n"
        "made = model.predict(pd.read_parquet('asked.parquet'))\n"
        "made.to_parquet('made.parquet')\n"
        "assert type(made) is pd.DataFrame\n"
        "assert not {'tasks', 'flows', 'prefect'} & set(sys.modules), 'more than the library was imported'\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, CHAMPION],
        cwd=tmp_path,
        env=environment(promoted),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "mismatch" not in done.stderr, "the pinned requirements are those that run here"
    made = pl.read_parquet(tmp_path / "made.parquet")
    expected = load_predictor(promoted.home, CHAMPION).predict(frame)
    np.testing.assert_allclose(made["kwh"], expected["kwh"])
    assert made["ts"].cast(pl.Datetime("us")).to_list() == expected["ts"].to_list()
    assert not (tmp_path / "mlruns").exists()


def test_what_is_registered_holds_the_wheel_pinned_requirements_and_no_pickle(promoted: Project) -> None:
    source = Path(client(promoted.home).get_model_version(NAME, "1").source.removeprefix("file://"))
    files = {path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file()}
    (wheel,) = (name for name in files if name.startswith("wheels/"))
    lines = (source / "requirements.txt").read_text().splitlines()
    assert lines[0] == wheel
    assert all(line.count("==") == 1 for line in lines[1:])
    assert {line.partition("==")[0] for line in lines[1:]} >= {"torch", "numpy", "polars", "pandas", "mlflow"}
    assert not [name for name in files if name.endswith((".pkl", ".pickle", ".pt", ".pth", ".bin"))]
    assert "cloudpickle" not in (source / "MLmodel").read_text()
    signature = json.loads(_signature(source))
    assert [column["name"] for column in signature] == ["meter", "ts", "kwh", "price", "temp", "area"]
    assert all(column["required"] for column in signature)
    assert str(promoted.home) not in (source / "MLmodel").read_text()


def _signature(source: Path) -> str:
    from mlflow.models import Model

    signature: str = Model.load(str(source)).signature.to_dict()["inputs"]
    return signature


def test_labels_are_no_required_input(project: Project) -> None:
    project.register("a", project.scored("a", made=make.classifier))
    source = Path(client(project.home).get_model_version(NAME, "1").source.removeprefix("file://"))
    required = {column["name"]: column["required"] for column in json.loads(_signature(source))}
    assert required == {"id": True, "fault": False, "v1": True, "v2": True}


def test_neither_are_tags_and_groups_that_share_a_scale() -> None:
    def required(**more: Any) -> dict[str, bool]:
        roles = {"sample": "id", "features": ("v1",), "tags": ("state",), "group": "plant"}
        columns = signature_of(make.tagger()[1].about.model_copy(update={"roles": roles, **more})).inputs.to_dict()
        return {column["name"]: column["required"] for column in columns}

    assert required(transforms={}) == {"id": True, "v1": True, "state": False, "plant": False}
    each = {"kind": "affine", "columns": ["v1"], "groups": ["a"], "each": "group", "shift": [[0.0]], "scale": [[1.0]]}
    assert required(transforms={"features": each})["plant"]


def test_what_its_data_needs_is_pinned_too() -> None:
    about = make.tagger()[1].about
    extras = {"tokenizers", "holidays"}
    assert not extras & {line.partition("==")[0] for line in pinned(about)}
    needing = about.model_copy(
        update={"encoders": ({"kind": "byte_pair"},), "made": {"calendar": {"holidays": {"country": "DE"}}}}
    )
    assert extras <= {line.partition("==")[0] for line in pinned(needing)}


@pytest.mark.server
def test_a_server_keeps_the_registry_as_well_as_a_file_does(server: Server, wheel: Path, tmp_path: Path) -> None:
    project = Project(tmp_path / "client")
    first = project.register("a", project.scored("a", always_up_by(0.1)), promote=gate("champion", "naive"))
    assert (first["version"], first["promoted"]) == ("1", True)
    second = project.register("b", project.scored("b", always_up_by(0.3)), promote=gate("champion"))
    assert second["champion"]["score"] == pytest.approx(first["scores"]["mae"])
    shown = show_model(project.home, NAME)
    assert shown["aliases"] == {"champion": "2"}
    assert client(project.home).get_run(shown["versions"][0]["run_id"]).info.status == "FINISHED"
    made = load_predictor(project.home, CHAMPION).predict(make.meters_to_predict())
    assert made.height == 2 * make.HORIZON
    assert not (project.home / "mlflow.db").exists()
    server.stop()
    with pytest.raises(Refused, match=f"the tracking server {server.uri} does not answer: start it"):
        show_model(project.home, NAME)


@pytest.fixture
def served(promoted: Project, tmp_path: Path) -> Iterator[str]:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "models", "serve", "-m", CHAMPION, "--env-manager", "local"]
    log = (tmp_path / "serve.log").open("wb")
    process = subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", str(port)],
        cwd=tmp_path,
        # `mlflow models serve` calls uvicorn by its name, as it does in an environment that was activated
        env={**environment(promoted), "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    log.close()
    url = f"http://127.0.0.1:{port}"
    end = time.monotonic() + 180
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(f"{url}/ping", timeout=2).close()
            break
        except OSError:
            assert process.poll() is None, (tmp_path / "serve.log").read_text()
            time.sleep(0.2)
    yield url
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def asked(url: str, content: dict[str, Any]) -> tuple[int, Any]:
    request = urllib.request.Request(
        f"{url}/invocations", json.dumps(content).encode(), {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


@pytest.mark.server
def test_the_champion_is_served_with_plain_columns(served: str, promoted: Project) -> None:
    frame = make.meters_to_predict()
    expected = load_predictor(promoted.home, CHAMPION).predict(frame)
    rows = frame.with_columns(pl.col("ts").dt.to_string("iso")).to_dicts()
    for content in (
        {"dataframe_records": rows},
        {"dataframe_split": {"columns": frame.columns, "data": [list(row.values()) for row in rows]}},
    ):
        status, answer = asked(served, content)
        assert status == 200, answer
        made = pl.DataFrame(answer["predictions"])
        np.testing.assert_allclose(made["kwh"], expected["kwh"], rtol=1e-9)
        assert made["meter"].to_list() == expected["meter"].to_list()
        assert made["ts"].str.to_datetime().cast(pl.Datetime("us")).to_list() == expected["ts"].to_list()
    whole = [{**row, "area": int(row["area"])} for row in rows]
    assert asked(served, {"dataframe_records": whole})[0] == 200  # a whole number is a number
    for change, message in (
        (lambda row: {name: value for name, value in row.items() if name != "temp"}, "temp"),
        (lambda row: {**row, "temp": "warm"}, "column `temp`, row 1: the model was trained on values of type number"),
        (lambda row: {**row, "ts": "yesterday"}, "column `ts`, row 1"),
    ):
        status, answer = asked(served, {"dataframe_records": [change(row) for row in rows]})
        assert status in (400, 500)
        assert message in json.dumps(answer, ensure_ascii=False), answer
