"""The train step on chains of real steps, without an engine."""

import json
import os
import signal
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from pydantic import TypeAdapter, ValidationError

from rnnlib.bundle import open_bundle
from rnnlib.data.dataset import DataSet
from rnnlib.errors import DataError, Refused
from rnnlib.place import Place
from rnnlib.training import checkpoints
from tasks.augment import Augment
from tasks.base import Complaint, Lineage, Task, Work
from tasks.encode import Encode
from tasks.load import Load
from tasks.normalize import Normalize
from tasks.split import Split
from tasks.store import Store, Stored
from tasks.train import Train, estimate
from tasks.window import Window

CLASSES: Mapping[str, type[Task]] = {
    "encode": Encode,
    "load": Load, "split": Split, "normalize": Normalize, "window": Window, "augment": Augment, "train": Train,
}  # fmt: skip
SERIES: dict[str, Any] = {
    "load": {
        "source": {"kind": "csv", "path": "series.csv"},
        "roles": {"time": "t", "target": ["y"], "future": ["known"]},
        "every": "1d",
    },
    "split": {"by": "time", "validation": 20, "test": 20},
    "normalize": {"target": {"kind": "standard"}},
    "window": {"context": 6, "horizon": 2},
    "train": {
        "model": {"kind": "forecaster", "layers": [{"kind": "gru", "units": 6}]},
        "epochs": 3,
        "early_stopping": {"patience": 2},
    },
}
SAMPLES: dict[str, Any] = {
    "load": {
        "source": {"kind": "csv", "path": "samples.csv"},
        "roles": {"sample": "id", "time": "t", "features": ["a", "b"], "label": "mood"},
    },
    "split": {"by": "random", "validation": "20%", "test": "20%"},
    "train": {"model": {"kind": "classifier", "layers": [{"kind": "lstm", "units": 6}]}, "epochs": 3},
}


def changed(steps: dict[str, Any], **changes: dict[str, Any] | None) -> dict[str, Any]:
    """The steps with fields of some of them replaced; a step that is set to none is left out."""
    merged = {name: {**section, **(changes.get(name) or {})} for name, section in steps.items()}
    return {name: section for name, section in merged.items() if changes.get(name, {}) is not None}


def section(name: str, fields: dict[str, Any]) -> Task:
    return TypeAdapter(CLASSES[name]).validate_python({"task": name, **fields})


@pytest.fixture
def place(tmp_path: Path) -> Place:
    draw = np.random.default_rng(0)
    days = pl.date_range(pl.date(2024, 1, 1), pl.date(2024, 4, 29), eager=True)
    wave = np.sin(np.arange(120) / 3)
    pl.DataFrame({"t": days, "y": wave + draw.normal(0, 0.05, 120), "known": wave}).write_csv(tmp_path / "series.csv")
    rows = [
        {"id": i, "t": t, "a": draw.normal(), "b": draw.normal() * (1 + 3 * (i % 2)), "mood": ("calm", "wild")[i % 2]}
        for i in range(40)
        for t in range(4 + i % 3)
    ]
    pl.DataFrame(rows).write_csv(tmp_path / "samples.csv")
    (tmp_path / "pyproject.toml").write_text("")
    return Place.of(tmp_path / "spec.yaml")


def work(place: Place, name: str, seed: int = 5, **more: Any) -> Work:
    store = Store(place.folder / ".rnn")
    return Work(step=name, seed=seed, place=place, store=store, folder=store.work(name), **more)


def upstream(place: Place, steps: dict[str, Any]) -> Stored:
    """What the steps before `train` give."""
    stored: dict[str, Stored] = {}
    last = None
    for name in (name for name in steps if name != "train"):
        task = section(name, steps[name])
        inputs = {} if last is None else {next(iter(task.takes)): last}
        at = place.folder / "steps" / f"{len(list(place.folder.glob('steps/*')))}-{name}"
        at.mkdir(parents=True)
        task.perform(inputs, at, work(place, name))
        last = stored[name] = Stored(path=at, digest=name)
    assert last is not None
    return last


def trained(place: Place, steps: dict[str, Any], to: str = "trained", *, resume: bool = False, **more: Any) -> Path:
    at = place.folder / to
    if not resume:
        Store(place.folder / ".rnn").done_with("train")
    at.mkdir(exist_ok=True)
    section("train", steps["train"]).perform({"data": upstream(place, steps)}, at, work(place, "train", **more))
    return at


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("steps", [SERIES, SAMPLES], ids=["series", "samples"])
def test_it_writes_a_bundle_a_history_and_a_summary_and_twice_the_same(place: Place, steps: dict[str, Any]) -> None:
    first = content(trained(place, steps))
    assert {name.split("/")[0] for name in first} == {"bundle", "history.json", "summary.json"}
    history = json.loads(first["history.json"])
    assert [record["epoch"] for record in history["epochs"]] == [1, 2, 3]
    assert history["stopped"] == "epochs"
    assert set(history["epochs"][0]) == {"epoch", "train_loss", "validation_loss", "learning_rate", "gradient_norm"}
    bundle = open_bundle(place.folder / "trained" / "bundle")
    assert bundle.facts["best_epoch"] == history["best_epoch"]
    assert bundle.facts["seed"] == 5
    assert content(trained(place, steps, "again")) == first, "no time, no path, nothing of the machine's moment"


@pytest.mark.parametrize("keep", ["best", "last"])
def test_what_is_told_of_the_model_is_of_the_weights_that_were_kept(place: Place, keep: str) -> None:
    """Steps so long that it gets worse: then the last epoch is not the best."""
    far = {"optimizer": {"kind": "sgd", "learning_rate": 5.0}, "epochs": 6, "keep": keep}
    at = trained(place, {**SAMPLES, "train": {**SAMPLES["train"], **far}})
    history, summary = (json.loads((at / name).read_text()) for name in ("history.json", "summary.json"))
    kept = history["best_epoch"] if keep == "best" else 6
    assert history["best_epoch"] < 6, "else this shows nothing"
    assert history["kept_epoch"] == summary["kept_epoch"] == kept
    for told in (summary, open_bundle(at / "bundle").facts):
        assert told["validation_loss"] == history["epochs"][kept - 1]["validation_loss"]


def test_the_bundle_knows_the_sizes_and_the_classes(place: Place) -> None:
    forecaster = open_bundle(trained(place, SERIES, "one") / "bundle")
    assert forecaster.shape.model_dump(exclude_none=True) == {
        "inputs": 2, "future": 1, "static": 0, "horizon": 2, "targets": 1, "context": 6, "target_columns": (0,),
        "tokens": (), "future_tokens": (), "static_tokens": (),
    }  # fmt: skip
    classifier = open_bundle(trained(place, SAMPLES, "two") / "bundle")
    assert classifier.classes == ("calm", "wild")
    assert (classifier.shape.inputs, classifier.shape.classes) == (2, 2)


def test_a_seed_of_its_own_comes_before_the_specs(place: Place) -> None:
    weights = "bundle/weights.safetensors"
    plain = content(trained(place, SERIES, "a"))[weights]
    own = changed(SERIES, train={"seed": 6})
    six = content(trained(place, own, "b"))[weights]
    assert plain != six == content(trained(place, own, "c", seed=99))[weights]


def test_every_epoch_is_told_to_the_tracker_and_the_progress_bar(place: Place) -> None:
    class Tracker:
        def __init__(self) -> None:
            self.seen: list[tuple[int, list[str]]] = []

        def metrics(self, step: int, values: Mapping[str, float]) -> None:
            self.seen.append((step, sorted(values)))

    tracker, progress = Tracker(), []
    trained(place, SERIES, tracking=tracker, progress=lambda *told: progress.append(told))
    names = ["gradient_norm", "learning_rate", "resident_mb", "train_loss", "validation_loss"]
    assert tracker.seen == [(1, names), (2, names), (3, names)]
    assert [(done, total) for done, total, _ in progress] == [(1, 3), (2, 3), (3, 3)]
    assert "validation loss" in progress[0][2]


def test_killed_and_run_again_it_writes_the_same_bytes(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "SHARE", 1e9)

    def killed(epoch: int, _total: int, _note: str) -> None:
        if epoch == 2:
            raise KeyboardInterrupt

    whole = content(trained(place, SERIES, "whole"))
    with pytest.raises(KeyboardInterrupt):
        trained(place, SERIES, "first try", progress=killed)
    assert not content(place.folder / "first try")
    seen: list[int] = []
    assert (
        content(trained(place, SERIES, "second", resume=True, progress=lambda epoch, *_: seen.append(epoch))) == whole
    )
    assert seen == [1, 2, 3]


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Ctrl-C works however the tests were started: a shell gives background jobs an ignored SIGINT."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c")
def test_a_signal_while_it_trains_is_resumed(place: Place) -> None:
    def strike(epoch: int, _total: int, _note: str) -> None:
        if epoch == 1:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        trained(place, SAMPLES, "first", progress=strike)
    assert list((Store(place.folder / ".rnn").work("train") / "checkpoints").glob("step-*"))
    resumed = content(trained(place, SAMPLES, "second", resume=True))
    assert resumed == content(trained(place, SAMPLES, "whole"))


# What the data does not bear


def spoilt_label(place: Place, ids: list[int], label: str) -> None:
    file = place.folder / "samples.csv"
    frame = pl.read_csv(file).with_columns(
        mood=pl.when(pl.col("id").is_in(ids)).then(pl.lit(label)).otherwise("mood"),
        part=pl.when(pl.col("id") >= 35).then(pl.lit("test")).when(pl.col("id") >= 30).then(pl.lit("validation"))
        .otherwise(pl.lit("train")),
    )  # fmt: skip
    frame.write_csv(file)


BY_COLUMN = {
    "load": {"roles": {**SAMPLES["load"]["roles"], "part": "part"}},
    "split": {"by": "column", "validation": None, "test": None},
}


def test_words_are_no_numbers_for_a_regressor(place: Place) -> None:
    steps = changed(SAMPLES, train={"model": {"kind": "regressor", "layers": [{"kind": "rnn", "units": 2}]}})
    with pytest.raises(DataError, match="these are words"):
        trained(place, steps)


def test_early_stopping_where_the_column_names_no_validation_part(place: Place) -> None:
    spoilt_label(place, [], "calm")
    file = place.folder / "samples.csv"
    pl.read_csv(file).with_columns(part=pl.col("part").replace("validation", "train")).write_csv(file)
    steps = changed(SAMPLES, **BY_COLUMN, train={"early_stopping": {"patience": 2}})
    with pytest.raises(Refused, match="gives no example") as refused:
        trained(place, steps)
    assert refused.value.at == ("early_stopping",)


# What does not fit in the spec


def complaints(steps: dict[str, Any]) -> list[Complaint]:
    sections = {name: section(name, fields) for name, fields in steps.items()}
    train = sections.pop("train")
    return list(train.review("train", Lineage(sections)))


@pytest.mark.parametrize("steps", [SERIES, SAMPLES], ids=["series", "samples"])
def test_what_fits_is_not_complained_about(steps: dict[str, Any]) -> None:
    assert complaints(steps) == []


def test_categories_are_encoded_first_and_only_they_have_vectors() -> None:
    weekly = changed(SERIES, load={"calendar": {"categories": ["weekday"]}})
    [complaint] = complaints(weekly)
    assert "`weekday` holds categories, and no step before `train` numbers them" in complaint.message
    *steps, (name, last) = weekly.items()
    encoded = {**dict(steps), "encode": {"categorical": {}}, name: last}
    assert complaints(encoded) == []
    model = {**SERIES["train"]["model"], "embed": {"weekday": 2, "town": 3}}
    [complaint] = complaints(changed(encoded, train={"model": model}))
    assert complaint[:2] == ("train", ("model", "embed", "town"))


def test_a_model_needs_its_role() -> None:
    labelled = changed(SAMPLES, train={"model": SERIES["train"]["model"]})
    [complaint] = complaints(labelled)
    assert complaint[:2] == ("train", ("model", "kind"))
    assert "a forecaster learns from a `target`" in complaint.message
    assert "train a classifier or a regressor" in complaint.message
    [complaint] = complaints(changed(SERIES, train={"model": SAMPLES["train"]["model"]}))
    assert "a classifier learns from a `label`" in complaint.message
    assert "train a forecaster" in complaint.message


def test_a_forecaster_needs_windows() -> None:
    [complaint] = complaints(changed(SERIES, window=None))
    assert complaint[:2] == ("train", ())
    assert "add `window: " in complaint.message


def test_an_augmentation_must_fit_the_model_at_its_own_line() -> None:
    fits_none = section("augment", {"ops": [{"kind": "jitter"}, {"kind": "window_slice"}]})
    assert isinstance(fits_none, Augment)
    odd = type(fits_none.ops[1])
    before = odd.fits
    odd.fits = frozenset({"regressor"})
    try:
        steps = changed({**SAMPLES, "augment": {"ops": [{"kind": "jitter"}, {"kind": "window_slice"}]}})
        [complaint] = complaints({name: steps[name] for name in ("load", "split", "augment", "train")})
    finally:
        odd.fits = before
    assert complaint[:2] == ("augment", ("ops", 1))
    assert "is for a regressor, and this trains a classifier" in complaint.message


def test_the_labels_of_a_classifier_have_no_scale() -> None:
    scaled = {"load": SAMPLES["load"], "split": SAMPLES["split"], "scale": {"label": {"kind": "standard"}}}
    sections = {name: section("normalize" if name == "scale" else name, fields) for name, fields in scaled.items()}
    [complaint] = section("train", SAMPLES["train"]).review("train", Lineage(sections))
    assert complaint[:2] == ("scale", ("label",))
    assert "leave `label` out" in complaint.message
    regressor = {**SAMPLES["train"]["model"], "kind": "regressor"}
    train = section("train", {**SAMPLES["train"], "model": regressor})
    assert list(train.review("train", Lineage(sections))) == []


@pytest.mark.parametrize(
    ("steps", "split", "ok"),
    [
        (SERIES, {"validation": None}, False),
        (SERIES, {}, True),
        (SAMPLES, {"validation": None}, False),
        (SAMPLES, {"by": "column", "validation": None, "test": None}, True),  # only the data can say
    ],
)
def test_early_stopping_needs_a_validation_part(steps: dict[str, Any], split: dict[str, Any], ok: bool) -> None:
    found = complaints(changed(steps, split=split, train={"early_stopping": {"patience": 2}}))
    assert [complaint.at for complaint in found] == ([] if ok else [("early_stopping",)])


@pytest.mark.parametrize(
    "field",
    [{"epochs": 0}, {"batch": 0}, {"batch": 65_537}, {"clip": 0}, {"clip": float("inf")}, {"threads": 0}, {"seed": -1}],
)
def test_bounds(field: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        section("train", {**SERIES["train"], **field})


def test_the_key_rests_on_threads_versions_and_processor(place: Place) -> None:
    rests = section("train", SERIES["train"]).rests_on(place)
    assert set(rests) == {"threads", "device", "rnnlib", "torch", "numpy", "machine", "vectors", "products"}
    other = section("train", {**SERIES["train"], "threads": 2}).rests_on(place)
    assert other != rests
    assert json.loads(json.dumps(rests)) == rests


@pytest.mark.parametrize(
    ("train", "window", "where", "rule"),
    [
        ({"carry_state": True, "shuffle": False}, {"stride": 2}, ("window", ("stride",)), "make them the same"),
        ({"carry_state": True, "shuffle": False}, {"stride": 6}, None, ""),
        ({"truncate": 6}, {}, ("train", ("truncate",)), "received 6 for a context of 6"),
        ({"truncate": 5}, {}, None, ""),
    ],
)
def test_states_and_windows_must_fit(
    train: dict[str, Any], window: dict[str, Any], where: tuple[str, tuple[str, ...]] | None, rule: str
) -> None:
    found = complaints(changed(SERIES, train=train, window=window))
    assert [(one.step, one.at) for one in found] == ([where] if where else [])
    assert all(rule in one.message for one in found)


# What a plan says


@pytest.mark.parametrize("steps", [SERIES, SAMPLES], ids=["series", "samples"])
def test_an_estimate_tells_layers_examples_steps_memory_and_time(place: Place, steps: dict[str, Any]) -> None:
    train = section("train", steps["train"])
    assert isinstance(train, Train)
    data = DataSet.open(upstream(place, steps).path)
    found = estimate(train, data)
    assert found["layers"][0][0].startswith("layers[0] ")
    module = open_bundle(trained(place, steps) / "bundle").module()
    assert found["parameters"] == sum(weight.numel() for weight in module.parameters())
    assert found["steps_per_epoch"] == -(-found["train_examples"] // 32)
    assert found["test_examples"] > 0
    assert found["seconds_at_most"] == pytest.approx(3 * found["seconds_per_epoch"])
    assert 0 < found["memory_mb"] < 10
    assert 0 < found["seconds_per_epoch"] < 10
    json.dumps(found)


def test_an_estimate_costs_a_few_steps_however_long_training_is(place: Place) -> None:
    train = section("train", {**SERIES["train"], "epochs": 1_000_000})
    assert isinstance(train, Train)
    data = DataSet.open(upstream(place, SERIES).path)
    assert estimate(train, data)["seconds_at_most"] > 1000


def test_an_estimate_refuses_what_training_would(place: Place) -> None:
    train = section("train", SERIES["train"])
    assert isinstance(train, Train)
    data = DataSet.open(upstream(place, SERIES).path)
    assert data.normalized is not None
    bad = data.normalized.copy()
    bad[:] = np.nan
    with pytest.raises(DataError, match="holds nan"):
        estimate(train, replace(data, normalized=bad))
