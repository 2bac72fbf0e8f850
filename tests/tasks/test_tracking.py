"""What MLflow is told of a run, and what it is not."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from mlflow import MlflowClient

from rnnlib.data.about import About, Column
from rnnlib.errors import Refused
from tasks.tracking import Tracking, client, close_dead, tracked
from tasks.tracking.marks import marks


def tags_of(home: Path, run: Tracking) -> dict[str, str]:
    return dict(client(home).get_run(run.run_id).data.tags)


def history(home: Path, run_id: str, name: str) -> list[tuple[int, float]]:
    return sorted((metric.step, metric.value) for metric in client(home).get_metric_history(run_id, name))


def status(home: Path, run_id: str) -> str:
    return str(client(home).get_run(run_id).info.status)


def artifacts(home: Path, run_id: str, folder: str | None = None) -> dict[str, Path]:
    found = client(home).list_artifacts(run_id, folder)
    assert all(Path(client(home).get_run(run_id).info.artifact_uri.removeprefix("file://")).is_dir() for _ in found)
    root = Path(client(home).get_run(run_id).info.artifact_uri.removeprefix("file://"))
    return {item.path: root / item.path for item in found}


def test_a_run_that_ends_well_is_finished_and_leaves_no_mark(home: Path) -> None:
    with tracked(home, "load", "key", "load-forecast", {"owner": "grid"}) as run:
        assert status(home, run.run_id) == "RUNNING"
    found = client(home).get_run(run.run_id)
    assert (found.info.status, found.info.run_name) == ("FINISHED", "load-forecast")
    assert found.data.tags["owner"] == "grid"
    assert found.data.tags["rnn.key"] == "key"
    assert list(marks(home)) == []


def test_artifacts_lie_under_the_home(home: Path) -> None:
    with tracked(home, "load", "key", "run") as run:
        run.text("spec/as-written.yaml", "steps: {}\n")
    assert artifacts(home, run.run_id, "spec")["spec/as-written.yaml"].read_text() == "steps: {}\n"
    assert client(home).get_run(run.run_id).info.artifact_uri.startswith((home / "artifacts").as_uri())


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ValueError("42"), "FAILED"),
        (Refused("the rule"), "FAILED"),
        (KeyboardInterrupt(), "KILLED"),
        (SystemExit(143), "KILLED"),
        (BaseException("a signal of Prefect's"), "KILLED"),
    ],
)
def test_the_status_says_what_ended_the_run(home: Path, error: BaseException, expected: str) -> None:
    with pytest.raises(type(error)), tracked(home, "load", "key", "run") as run:
        raise error
    assert status(home, run.run_id) == expected


def test_the_message_of_a_foreign_error_is_kept_out_for_it_may_hold_secrets(home: Path) -> None:
    with pytest.raises(OSError, match="hunter2"), tracked(home, "load", "a", "run") as run:
        raise OSError("https://user:hunter2@host/data.csv")
    assert tags_of(home, run)["rnn.error"] == "OSError"
    with pytest.raises(Refused), tracked(home, "load", "b", "run") as run:
        raise Refused("horizon 48 is too long")
    assert tags_of(home, run)["rnn.error"] == "Refused: horizon 48 is too long"


@contextmanager
def broken_off(home: Path, error: BaseException) -> Iterator[Tracking]:
    with pytest.raises(type(error)), tracked(home, "load", "key", "run") as run:  # noqa: PT012
        yield run
        raise error


def test_a_run_that_was_cut_off_goes_on_and_nothing_is_stored_twice(home: Path) -> None:
    with broken_off(home, KeyboardInterrupt()) as first:
        for epoch in range(5):
            first.metrics(epoch, {"loss": 1 / (epoch + 1)})
    with tracked(home, "load", "key", "run") as second:
        assert second.run_id == first.run_id
        assert status(home, second.run_id) == "RUNNING"
        for epoch in range(3, 8):  # the checkpoint was older than the last metric
            second.metrics(epoch, {"loss": 1 / (epoch + 1)})
    assert history(home, second.run_id, "loss") == [(epoch, 1 / (epoch + 1)) for epoch in range(8)]
    assert status(home, second.run_id) == "FINISHED"


def test_a_value_that_a_resumed_run_says_otherwise_is_sent_and_marked(home: Path) -> None:
    with broken_off(home, ValueError("x")) as first:
        first.metrics(1, {"loss": 0.5})
    with tracked(home, "load", "key", "run") as second:
        second.metrics(1, {"loss": 0.25})
    assert tags_of(home, second)["rnn.changed.loss"] == "0.25 at step 1"
    assert client(home).get_run(second.run_id).data.metrics["loss"] == 0.25


def test_a_finished_run_is_not_taken_up_again(home: Path) -> None:
    with tracked(home, "load", "key", "run") as first:
        pass
    with tracked(home, "load", "key", "run") as second:
        assert second.run_id != first.run_id


def test_a_run_of_a_living_process_is_not_taken_over(home: Path) -> None:
    with tracked(home, "load", "key", "run") as first, tracked(home, "load", "key", "run") as second:
        assert first.run_id != second.run_id


def test_a_deleted_run_is_told_again_under_a_new_id(home: Path) -> None:
    with broken_off(home, ValueError("x")) as first:
        first.metrics(1, {"loss": 0.5})
    client(home).delete_run(first.run_id)
    with tracked(home, "load", "key", "run") as second:
        second.metrics(2, {"loss": 0.4})
    assert second.run_id != first.run_id
    assert history(home, second.run_id, "loss") == [(1, 0.5), (2, 0.4)]


def test_a_deleted_experiment_is_refused(home: Path) -> None:
    mlflow = client(home)
    mlflow.delete_experiment(mlflow.create_experiment("gone"))
    with pytest.raises(Refused, match="`gone` was deleted in MLflow: restore it"), tracked(home, "gone", "key", "run"):
        pass


@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_becomes_a_tag_and_no_number(home: Path, odd: float) -> None:
    with tracked(home, "load", "key", "run") as run:
        run.metrics(3, {"loss": odd, "mae": 1.0})
    assert set(client(home).get_run(run.run_id).data.metrics) == {"mae"}
    assert tags_of(home, run)["rnn.not_finite.loss"] == f"{odd} at step 3"


def test_fast_epochs_are_sent_together(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = []
    log_batch = MlflowClient.log_batch

    def counted(self: MlflowClient, run_id: str, metrics=(), params=(), tags=()):
        sent.append(len(metrics))
        return log_batch(self, run_id, metrics, params, tags)

    monkeypatch.setattr(MlflowClient, "log_batch", counted)
    with tracked(home, "load", "key", "run") as run:
        for epoch in range(1500):
            run.metrics(epoch, {"loss": float(epoch)})
        run.flush()
    assert len(sent) < 20
    assert max(sent) <= 1000  # MLflow takes no more in one message
    assert len(history(home, run.run_id, "loss")) == 1500


def test_params_are_scalars_and_what_is_cut_is_whole_in_an_artifact(home: Path) -> None:
    long = "x" * 3000
    with tracked(home, "load", "key", "run") as run:
        run.params({"train": {"layers": [{"kind": "lstm"}], "clip": None, "note": long}, "seed": 7})
    found = client(home).get_run(run.run_id).data.params
    assert found["train.layers.0.kind"] == "lstm"
    assert found["seed"] == "7"
    assert found["train.clip"] == ""
    assert len(found["train.note"]) == 500
    assert found["train.note"].endswith("… (cut; whole in params.json)")
    assert json.loads(artifacts(home, run.run_id)["params.json"].read_text())["train.note"] == long


def test_params_said_again_change_nothing_and_changed_ones_become_a_tag(home: Path) -> None:
    with tracked(home, "load", "key", "run") as run:
        run.params({"threads": 2, "seed": 7})
        run.params({"threads": 1, "seed": 7})
    assert client(home).get_run(run.run_id).data.params == {"threads": "2", "seed": "7"}
    assert tags_of(home, run)["rnn.changed.threads"] == "resumed with 1"


def test_names_that_mlflow_refuses_are_spelled_so_that_it_takes_them(home: Path) -> None:
    with tracked(home, "load", "key", "run") as run:
        run.metrics(0, {"test/layers[0] | mæ": 1.0})
    assert client(home).get_run(run.run_id).data.metrics == {"test/layers_0_ _ mæ": 1.0}


def test_a_refused_operation_is_logged_and_holds_up_nothing(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    with tracked(home, "load", "key", "run") as run:
        run.metrics(0, {"../loss": 1.0})  # MLflow takes no name that leads out
        run.metrics(0, {"mae": 2.0})
        run.flush()
    assert client(home).get_run(run.run_id).data.metrics == {"mae": 2.0}
    assert "MLflow refused metrics" in caplog.text


def test_files_and_folders_keep_their_names(home: Path, tmp_path: Path) -> None:
    (tmp_path / "plots").mkdir()
    (tmp_path / "plots" / "a.svg").write_text("<svg/>")
    with tracked(home, "load", "key", "run") as run:
        run.artifact(tmp_path / "plots", "report")
        run.artifact(tmp_path / "plots" / "a.svg", "alone")
        run.artifact(tmp_path / "plots" / "a.svg")
    assert set(artifacts(home, run.run_id, "report/plots")) == {"report/plots/a.svg"}
    assert set(artifacts(home, run.run_id, "alone")) == {"alone/a.svg"}
    assert "a.svg" in artifacts(home, run.run_id)


def test_the_data_is_an_input_with_its_digest(home: Path, tmp_path: Path) -> None:
    about = About(columns=(Column(name="co2", role="target"),), files={"data/co2.csv": "ab" * 32})
    (tmp_path / "about.json").write_text(about.model_dump_json())
    with tracked(home, "load", "key", "run") as run:
        for _ in range(2):  # a retry says it again
            run.dataset("load", "cd" * 32, tmp_path)
    (entry,) = client(home).get_run(run.run_id).inputs.dataset_inputs
    assert entry.dataset.digest == ("cd" * 32)[:36]
    assert json.loads(entry.dataset.profile)["sha256"] == "cd" * 32
    assert json.loads(entry.dataset.source) == {"uri": "data/co2.csv"}


def test_the_environment_names_versions_and_the_commit_and_no_path(home: Path) -> None:
    with tracked(home, "load", "key", "run") as run:
        run.environment(Path(__file__).parent)
    text = artifacts(home, run.run_id, "environment")["environment/requirements.txt"].read_text()
    assert "torch==2.13" in text
    assert "/" not in text
    assert len(tags_of(home, run)["mlflow.source.git.commit"]) == 40


def test_a_folder_without_git_has_no_commit(home: Path, tmp_path: Path) -> None:
    with tracked(home, "load", "key", "run") as run:
        run.environment(tmp_path)
    assert "mlflow.source.git.commit" not in tags_of(home, run)


def test_a_child_is_nested_and_ends_with_its_parent_at_the_latest(home: Path) -> None:
    with broken_off(home, ValueError("x")) as run:
        done, cut_off = run.child("train"), run.child("second model")
        done.metrics(1, {"loss": 1.0})
        done.end("FINISHED")
    assert tags_of(home, done)["mlflow.parentRunId"] == run.run_id
    assert [status(home, found.run_id) for found in (done, cut_off, run)] == ["FINISHED", "FAILED", "FAILED"]
    with tracked(home, "load", "key", "run") as again:
        assert again.child("second model").run_id == cut_off.run_id


def test_where_names_the_run_the_experiment_and_the_place(home: Path) -> None:
    with tracked(home, "load", "key", "run") as run:
        where = run.where()
    assert where == {"run_id": run.run_id, "experiment": "load", "uri": f"sqlite:///{home.resolve()}/mlflow.db"}


def test_a_key_that_is_a_path_is_refused(home: Path) -> None:
    with pytest.raises(Refused, match="a run's key is made of letters"), tracked(home, "load", "../x", "run"):
        pass


def test_nothing_dead_is_cheap(home: Path) -> None:
    with tracked(home, "load", "key", "run"):
        assert close_dead(home) == 0
