from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    FlowRunFilter,
    FlowRunFilterId,
    LogFilter,
    LogFilterFlowRunId,
)
from prefect.client.schemas.objects import Artifact, TaskRun

from flows import prefect_run
from flows.execute import Done
from flows.prefect_engine import PrefectEngine
from flows.prefect_session import session
from flows.server import EmbeddedServer, ServerFailed
from flows.signals import Interrupted, interruptible
from rnnlib.errors import Refused

from .made import checked_of, engine_of, run

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("prefect")]


@pytest.fixture
def client(server: EmbeddedServer) -> Iterator[SyncPrefectClient]:
    with session(server), get_client(sync_client=True) as open_client:
        yield open_client


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefect_run, "_RETRY_AFTER", (0.0,))


def id_of(engine: PrefectEngine) -> UUID:
    assert engine.flow_run is not None
    return engine.flow_run


def of_run(engine: PrefectEngine) -> FlowRunFilter:
    return FlowRunFilter(id=FlowRunFilterId(any_=[id_of(engine)]))


def task_runs(client: SyncPrefectClient, engine: PrefectEngine) -> dict[str, TaskRun]:
    return {one.name: one for one in client.read_task_runs(flow_run_filter=of_run(engine))}


def ends(client: SyncPrefectClient, engine: PrefectEngine) -> dict[str, str]:
    return {name: str(one.state_name) for name, one in task_runs(client, engine).items()}


def artifacts(client: SyncPrefectClient, engine: PrefectEngine) -> dict[str, Artifact]:
    mine = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[id_of(engine)]))
    return {str(one.key): one for one in client.read_artifacts(artifact_filter=mine)}


def test_a_chain_is_a_flow_run_and_its_steps_are_task_runs(
    server: EmbeddedServer, client: SyncPrefectClient, tmp_path: Path
) -> None:
    done: list[Done] = []
    engine = engine_of(server, done)
    checked = checked_of("well")
    run(engine, tmp_path, checked)
    assert [one.name for one in done] == ["first", "second", "third", "fourth"]
    flow_run = client.read_flow_run(id_of(engine))
    assert flow_run.name == "well"
    assert (flow_run.state_name, flow_run.state and flow_run.state.message) == (
        "Completed",
        "4 steps: 4 executed, 0 kept",
    )
    assert flow_run.parameters == {"spec": checked.spec.model_dump(mode="json", by_alias=True)}
    assert {"rnn", "owner:grid"} <= set(flow_run.tags)
    assert ends(client, engine) == dict.fromkeys(("first", "second", "third", "fourth"), "Completed")
    runs = task_runs(client, engine)
    assert runs["second"].state is not None
    assert runs["second"].state.message == str(done[1].stored.path)
    assert [one.id for one in runs["third"].task_inputs["wait_for"]] == [runs["second"].id]  # type: ignore[union-attr]
    assert not list((tmp_path / "prefect" / "runs").iterdir())


def test_what_a_step_says_is_kept_with_it(server: EmbeddedServer, client: SyncPrefectClient, tmp_path: Path) -> None:
    engine = engine_of(server)
    run(engine, tmp_path, checked_of("says"))
    engine.link({"report": "file:///somewhere/report.html"})
    found = artifacts(client, engine)
    assert "| rows | 2 |\n| a\\|b | c d |\n" in str(found["says-third"].data)
    assert str(tmp_path / "store") in str(found["says-third"].data)
    assert found["says-third"].task_run_id == task_runs(client, engine)["third"].id
    assert (found["says-third-progress"].data, found["says-third-progress"].description) == (100, "done")
    assert found["says-report"].data == "[report](file:///somewhere/report.html)"
    logs = client.read_logs(log_filter=LogFilter(flow_run_id=LogFilterFlowRunId(any_=[id_of(engine)])))
    assert "the number is 3" in [one.message for one in logs]


def test_an_unchanged_chain_executes_nothing_and_says_so(
    server: EmbeddedServer, client: SyncPrefectClient, tmp_path: Path
) -> None:
    run(engine_of(server), tmp_path, checked_of("again"))
    done: list[Done] = []
    engine = engine_of(server, done)
    run(engine, tmp_path, checked_of("again"))
    assert not any(one.executed for one in done)
    assert ends(client, engine) == dict.fromkeys(("first", "second", "third", "fourth"), "Cached")
    state = client.read_flow_run(id_of(engine)).state
    assert state is not None
    assert state.message == "4 steps: 0 executed, 4 kept"


def test_a_step_that_reads_from_outside_is_tried_again(
    server: EmbeddedServer, client: SyncPrefectClient, tmp_path: Path
) -> None:
    engine = engine_of(server)
    run(engine, tmp_path, checked_of("retries", second="breaks once"))
    runs = task_runs(client, engine)
    assert (runs["second"].run_count, runs["second"].state_name) == (2, "Completed")


def test_a_refusal_comes_out_as_it_is_and_is_not_tried_again(
    server: EmbeddedServer, client: SyncPrefectClient, tmp_path: Path
) -> None:
    engine = engine_of(server)
    with pytest.raises(Refused, match="the column `co2` is not there"):
        run(engine, tmp_path, checked_of("refuses", second="refuses"))
    runs = task_runs(client, engine)
    assert ends(client, engine) == {"first": "Completed", "second": "Failed"}
    assert runs["second"].run_count == 1
    state = client.read_flow_run(id_of(engine)).state
    assert state is not None
    assert (state.name, state.message) == ("Failed", "the column `co2` is not there: name one that is")


def test_what_an_unexpected_error_says_is_nowhere_in_prefect(
    server: EmbeddedServer, client: SyncPrefectClient, server_home: Path, tmp_path: Path
) -> None:
    engine = engine_of(server)
    with pytest.raises(OSError, match="the planted secret 7d0c5f"):
        run(engine, tmp_path, checked_of("breaks", second="breaks"))
    assert task_runs(client, engine)["second"].run_count == 3
    state = client.read_flow_run(id_of(engine)).state
    assert state is not None
    assert (state.name, state.message) == ("Failed", "OSError; its text is in the run's report")
    kept = [file for file in (server_home / "prefect").rglob("*") if file.is_file()]
    assert len(kept) > 2
    assert not [file.name for file in kept if b"7d0c5f" in file.read_bytes()]


def test_a_signal_ends_the_run_as_cancelled_and_reaches_the_caller(
    server: EmbeddedServer, client: SyncPrefectClient, tmp_path: Path
) -> None:
    engine = engine_of(server)
    with pytest.raises(Interrupted, match="SIGTERM"), interruptible():
        run(engine, tmp_path, checked_of("interrupted", third="is interrupted"))
    assert ends(client, engine) == {"first": "Completed", "second": "Completed", "third": "Cancelled"}
    assert client.read_flow_run(id_of(engine)).state_name == "Cancelled"
    assert not list((tmp_path / "prefect" / "runs").iterdir())


def test_no_pickle_is_written(server: EmbeddedServer, server_home: Path, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="planted"):
        run(engine_of(server), tmp_path, checked_of("pickles", first="breaks"))
    stored = server_home / "prefect" / "storage"
    assert not stored.exists() or not list(stored.iterdir())


def test_where_no_server_answers_it_is_said_before_anything_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    with EmbeddedServer(tmp_path) as nobody, pytest.raises(ServerFailed, match="PREFECT_API_URL"):
        run(engine_of(nobody), tmp_path, checked_of("nobody"))
    assert not (tmp_path / "store").exists()


def test_lost_artifacts_do_not_end_the_run(
    server: EmbeddedServer, client: SyncPrefectClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import httpx

    def lost(*_request: Any) -> None:
        raise httpx.ConnectError("gone")

    monkeypatch.setattr(SyncPrefectClient, "create_artifact", lost)
    engine = engine_of(server)
    run(engine, tmp_path, checked_of("lost"))
    assert client.read_flow_run(id_of(engine)).state_name == "Completed"
    assert artifacts(client, engine) == {}
