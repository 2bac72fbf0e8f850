"""What the options of a training do in `fit` itself: each changes what it says, and resumes exactly."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from pydantic import ValidationError
from torch import Tensor

from rnnlib.errors import ModelError, Refused
from rnnlib.training import Fit, Training, estimate, fit
from rnnlib.training.auto_batch import Cost
from rnnlib.training.feed import Feed
from rnnlib.training.learning import Learning
from tests.rnnlib.training.toys import Toy, forecast, toy

STREAM = {"carry_state": True, "shuffle": False, "batch": 4}


def a_toy(**changes: object) -> Toy:
    """Windows that follow each other without a gap; few weights and epochs."""
    plain = toy("forecaster", epochs=2, early_stopping=None, **changes)
    data = forecast(window={"context": 4, "horizon": 2, "stride": 4})
    return plain._replace(data=data, shape=plain.shape.model_copy(update={"context": 4}))


def fitted(one: Toy, folder: Path | None = None) -> Fit:
    return fit(one.section, one.data, one.shape, classes=one.classes, seed=5, folder=folder)


def weights(one: Toy) -> dict[str, Tensor]:
    return fitted(one).module.state_dict()


def same(a: dict[str, Tensor], b: dict[str, Tensor]) -> bool:
    return all(torch.equal(a[name], b[name]) for name in a)


def stopped_before(step: int, run: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C before the step with this number."""
    placed, made = Feed.placed, 0

    def counted(self: Feed, batches: Any) -> Any:
        nonlocal made
        made += 1
        if made == step:
            raise KeyboardInterrupt
        return placed(self, batches)

    with monkeypatch.context() as patch:
        patch.setattr(Feed, "placed", counted)
        with pytest.raises(KeyboardInterrupt):
            run()


@pytest.mark.parametrize(
    "changes",
    [{"truncate": 2}, {"shuffle": False}, STREAM],
    ids=["truncate", "shuffle", "carry_state"],
)
def test_it_changes_what_is_learned(changes: dict[str, Any]) -> None:
    beside = {"shuffle": False} if "carry_state" in changes else {}
    assert not same(weights(a_toy(batch=4, **beside)), weights(a_toy(**{"batch": 4, **changes})))


@pytest.mark.parametrize(
    "changes",
    [
        STREAM,
        {**STREAM, "truncate": 2},
        {"watch": {"gradients": 2}, "batch": 4},
        {"out_of_memory": "halve", "batch": 4},
        {"shuffle": False, "batch": 4},
    ],
    ids=["carry", "carry and truncate", "watch", "halve", "in order"],
)
@pytest.mark.parametrize("step", [2, 4, 7])
def test_stopped_in_the_middle_it_goes_on_to_the_same_bits(
    changes: dict[str, Any], step: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "out_of_memory" in changes:
        limited(3, monkeypatch)
    one = a_toy(**changes)
    whole = fitted(one)
    stopped_before(step, lambda: fitted(one, tmp_path), monkeypatch)
    resumed = fitted(one, tmp_path)
    assert resumed.exact
    assert same(whole.module.state_dict(), resumed.module.state_dict())
    assert whole.as_json() == resumed.as_json()


def test_looking_at_gradients_changes_no_bit_and_is_told() -> None:
    plain, watched = fitted(a_toy(batch=4)), fitted(a_toy(batch=4, watch={"gradients": 2}))
    assert same(plain.module.state_dict(), watched.module.state_dict())
    told = watched.as_json()["gradients"]
    assert [(look["epoch"], look["batch"]) for look in told["seen"]] == [(1, 1), (1, 3), (1, 5), (2, 2), (2, 4)]
    assert set(told["seen"][0]["layers"]) == {"layers.0", "head"}
    assert set(told["seen"][0]["along"]) == {"layers.0.0", "layers.0.1"}
    assert told["flags"] == []
    assert "gradients" not in plain.as_json()


def limited(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A memory that holds so many examples."""
    gradient = Learning.gradient

    def short(self: Learning, batches: Any, *where: Any) -> Any:
        if any(len(batch.index) > rows for _, batch in batches):
            raise RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate")
        return gradient(self, batches, *where)

    monkeypatch.setattr(Learning, "gradient", short)


def test_a_batch_that_does_not_fit_is_refused_or_done_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    layers = [{"kind": "gru", "units": 4}]  # no dropout, which the pieces would draw alike
    model = {"kind": "forecaster", "layers": layers}
    plain = fitted(a_toy(batch=8, model=model))
    limited(3, monkeypatch)
    with pytest.raises(ModelError, match="use a `batch` of at most 4, or `out_of_memory: halve`"):
        fitted(a_toy(batch=8, model=model))
    halved = fitted(a_toy(batch=8, model=model, out_of_memory="halve"))
    assert [record["pieces"] for record in halved.history] == [4, 4]
    assert "pieces" not in plain.history[0]
    for name, weight in plain.module.state_dict().items():
        torch.testing.assert_close(halved.module.state_dict()[name], weight, rtol=1e-4, atol=1e-6)


def test_carried_states_and_pieces_go_together(monkeypatch: pytest.MonkeyPatch) -> None:
    model = {"kind": "forecaster", "layers": [{"kind": "gru", "units": 4}]}
    plain = weights(a_toy(model=model, **STREAM))
    limited(2, monkeypatch)
    halved = weights(a_toy(model=model, out_of_memory="halve", **STREAM))
    for name, weight in plain.items():
        torch.testing.assert_close(halved[name], weight, rtol=1e-4, atol=1e-6)


def test_an_automatic_batch_is_chosen_once_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rnnlib.training.auto_batch.FEWEST", 4)
    monkeypatch.setattr("rnnlib.training.trial.first_steps", lambda *_of: Cost(0.01, 0))
    one, as_number = a_toy(batch="auto"), a_toy(batch=4)
    found = fitted(one, tmp_path)
    assert found.batch == found.as_json()["batch"] == 4
    assert same(found.module.state_dict(), weights(as_number))
    assert "batch" not in fitted(as_number).as_json()
    assert estimate(one.section, one.data)["batch"] == 4
    monkeypatch.setattr("rnnlib.training.trial.first_steps", lambda *_of: pytest.fail("chosen again"))
    assert fitted(one, tmp_path).batch == 4


def test_an_automatic_batch_is_found_by_real_steps() -> None:
    found = fitted(a_toy(batch="auto")).batch
    assert found in (1, 2, 4)


def refused(**changes: object) -> str:
    with pytest.raises(ValidationError) as raised:
        a_toy(**changes)
    return str(raised.value)


def test_what_the_section_itself_refuses() -> None:
    dense = {"kind": "forecaster", "layers": [{"kind": "dense", "units": 3}]}
    both = {"kind": "forecaster", "layers": [{"kind": "gru", "units": 3, "bidirectional": True}]}
    assert "use `shuffle: false`" in refused(carry_state=True)
    assert "received accumulate 2" in refused(**STREAM, accumulate=2)
    assert "no recurrent layer" in refused(truncate=2, model=dense)
    assert "no recurrent layer" in refused(**STREAM, model=dense)
    assert "make it one-way" in refused(**STREAM, model=both)


def test_what_the_data_or_the_model_refuses() -> None:
    one = a_toy(**STREAM)
    gaps = forecast(window={"context": 4, "horizon": 2, "stride": 2})
    with pytest.raises(Refused, match="received `stride` 2 and `context` 4; make them the same"):
        fitted(one._replace(data=gaps))
    with pytest.raises(Refused, match="nothing comes after the first"):
        fitted(a_toy(**{**STREAM, "batch": 64}))
    whole = toy("regressor", carry_state=True, shuffle=False)
    with pytest.raises(Refused, match="whole sequences have nothing before them"):
        fitted(whole)
    with pytest.raises(Refused, match="received 4, and the longest has 4 steps"):
        fitted(a_toy(truncate=4))
    warming = {"epochs": 2, "batch": 16, "accumulate": 2, "early_stopping": None}
    ends = toy("regressor", **warming, schedule={"kind": "cosine", "warmup": {"steps": 3}})  # two steps an epoch
    assert [record["learning_rate"] for record in fitted(ends).history]
    with pytest.raises(Refused, match="which has 4 steps: received 4; make it shorter") as never:
        fitted(toy("regressor", **warming, schedule={"kind": "cosine", "warmup": {"steps": 4}}))
    assert never.value.at == ("schedule", "warmup", "steps")
    attending = {"kind": "forecaster", "layers": [{"kind": "gru", "units": 4}, {"kind": "attention", "heads": 2}]}
    with pytest.raises(ModelError, match="other steps of its own window") as raised:
        fitted(a_toy(model=attending, **STREAM))
    assert raised.value.at == ("model", "layers", 1)


def test_where_it_is_computed_is_no_part_of_what_is_trained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = a_toy(batch=4, allocation="kept", device="auto")
    stopped_before(4, lambda: fitted(one, tmp_path), monkeypatch)
    elsewhere = a_toy(batch=4, allocation="system", device="cpu")
    assert same(fitted(elsewhere, tmp_path).module.state_dict(), weights(one))
    if not torch.cuda.is_available():
        with pytest.raises(ModelError, match="needs an NVIDIA GPU"):
            fitted(a_toy(device="cuda"))


@pytest.mark.parametrize(("allocation", "kept"), [("kept", True), ("system", False)])
def test_memory_is_kept_while_it_trains(allocation: str, kept: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr("rnnlib.training.allocation._set", lambda _libc, rule: asked.append(str(rule)))
    fitted(a_toy(batch=4, allocation=allocation))
    assert bool(asked) == kept


def test_threads_of_an_automatic_batch_are_known_before_it() -> None:
    wide = {"kind": "forecaster", "layers": [{"kind": "lstm", "units": 512}]}
    section = Training.model_validate({"model": wide, "batch": "auto"})
    assert section.thread_count() == Training.model_validate({"model": wide, "batch": 64}).thread_count()


def test_windows_in_order_need_not_be_all_of_one_series() -> None:
    one = a_toy(**STREAM)
    cut = replace(one.data, offsets=torch.tensor([0, 40, 120]).numpy(), sequences=two_series(one))
    assert len(fitted(one._replace(data=cut)).history) == 2


def two_series(one: Toy) -> Any:
    keys = one.data.sequences.vstack(one.data.sequences)
    return keys.with_columns(key=keys["key"] + keys["key"].is_first_distinct().cast(str))
