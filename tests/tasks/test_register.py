"""`register`: a version for every model, the alias only where the gate holds."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import torch
from mlflow.exceptions import MlflowException
from pydantic import ValidationError
from torch import nn

from rnnlib.data.encoders import Characters, Longest, encoded
from rnnlib.data.loading import frame_to_dataset
from rnnlib.data.roles import Roles
from rnnlib.data.splits import ByRandom, split
from rnnlib.errors import Refused
from rnnlib.models import Classifier
from tasks.base import Lineage
from tasks.evaluate import Evaluate
from tasks.register import Register
from tasks.registry import promotion
from tasks.registry.alias_moves import moves
from tasks.registry.glance import seen_standing
from tasks.registry.lookup import show_model
from tasks.registry.versions import Unanswered
from tasks.store import digest_of
from tasks.tracking.home import client
from tasks.train import Train
from tests.bundles import make
from tests.rnnlib.training.texts import model as language_model
from tests.rnnlib.training.texts import stream
from tests.tasks.project import NAME, Project, always_up_by, gate


def alias(project: Project, name: str = "champion") -> str | None:
    return show_model(project.home, NAME)["aliases"].get(name)


def test_without_a_promotion_there_is_a_version_and_no_alias(project: Project) -> None:
    made = project.register("a", project.scored("a", always_up_by(0.1)), tags={"owner": "grid"})
    assert made == {
        "name": NAME,
        "version": "1",
        "promoted": None,
        "alias": None,
        "reason": "no promotion was asked for",
        "champion": None,
        "metric": None,
        "scores": made["scores"],
        "reads": "table",
    }
    assert made["scores"]["mae"] == pytest.approx(2.18209, rel=1e-4)
    (version,) = show_model(project.home, NAME)["versions"]
    assert version["tags"]["owner"] == "grid"
    assert version["tags"]["rnn.spec"] == "the-spec"
    assert {"rnn.bundle", "rnn.data", "rnn.holdout", "rnn.step"} <= version["tags"].keys()
    assert version["tags"]["rnn.reads"] == "table"
    assert version["scores"] == made["scores"]
    assert version["baselines"]["naive"]["mae"] == pytest.approx(2.53233, rel=1e-4)


def test_the_first_champion_is_held_against_the_baselines(project: Project) -> None:
    refused = project.register("a", project.scored("a", always_up_by(-0.5)), promote=gate("champion", "naive"))
    assert refused["promoted"] is False
    assert refused["reason"] == "mae 4.28355 does not beat naive (2.53233) by 1%"
    assert alias(project) is None
    promoted = project.register("b", project.scored("b", always_up_by(0.1)), promote=gate("champion", "naive"))
    assert promoted["promoted"] is True
    assert promoted["reason"] == "mae 2.18209 beats naive (2.53233) by at least 1%, on 8 test cases"
    assert alias(project) == "2"


def test_without_a_champion_and_a_named_baseline_every_baseline_is_the_bar(project: Project) -> None:
    refused = project.register("a", project.scored("a", always_up_by(-0.2)), promote=gate("champion"))
    assert "does not beat naive" in refused["reason"]


def test_a_champion_is_scored_again_and_replaced_only_by_a_better_one(project: Project) -> None:
    project.register("a", project.scored("a", always_up_by(0.1)), promote=gate("champion", "naive"))
    worse = project.register("b", project.scored("b", always_up_by(0.0)), promote=gate("champion", "drift"))
    assert worse["reason"] == "mae 2.53233 does not beat the champion (version 1) (2.18209) by 1%"
    assert worse["champion"] == {"version": "1", "score": pytest.approx(2.18209, rel=1e-4)}
    assert alias(project) == "1"
    better = project.register("c", project.scored("c", always_up_by(0.3)), promote=gate("champion", "naive"))
    assert better["reason"].startswith("mae 1.61785 beats the champion (version 1) (2.18209) and naive (2.53233)")
    assert alias(project) == "3"


def test_the_champion_is_scored_on_this_runs_rows_not_on_its_own(project: Project) -> None:
    project.register("a", project.scored("a", always_up_by(0.1)), promote=gate("naive"))

    def shorter() -> tuple[Any, Any]:
        model, data = make.forecaster()
        part = data.part.copy()
        part[-3:] = -1  # the last rows of the second series are no longer tested on
        data = data.with_about(holdout=None)
        data = replace(data, part=part)
        return model, data.with_about(holdout=data.holdout_digest())

    made = project.register("b", project.scored("b", always_up_by(0.1), shorter), promote=gate("champion"))
    assert made["scores"]["mae"] != pytest.approx(2.18209, rel=1e-3)
    assert made["champion"]["score"] == pytest.approx(made["scores"]["mae"])


def test_a_step_that_is_tried_again_finds_its_version(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    scores = project.scored("a", always_up_by(0.1))
    section = Register(model=NAME, promote=gate("champion", "naive"))

    def crash(*_arguments: object, **_named: object) -> None:
        raise KeyboardInterrupt

    for where, what in ((promotion, "decide"), (promotion, "move_alias")):
        with monkeypatch.context() as patched:
            patched.setattr(where, what, crash)
            with pytest.raises(KeyboardInterrupt), project.registering("a") as work:
                project.performed(section, scores, work)
    with project.registering("a") as work:
        made = project.performed(section, scores, work)
    assert (made["version"], made["promoted"]) == ("1", True)
    assert len(show_model(project.home, NAME)["versions"]) == 1
    assert len(moves(project.home, NAME)) == 1


def test_a_crash_after_the_move_is_no_reason_to_be_held_against_oneself(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = project.scored("a", always_up_by(0.1))
    section = Register(model=NAME, promote=gate("champion", "naive"))
    with project.registering("a") as work:
        with monkeypatch.context() as patched:
            patched.setattr("tasks.registry.alias_moves._append", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                project.performed(section, scores, work)
        assert alias(project) == "1"
        assert moves(project.home, NAME) == []
        made = project.performed(section, scores, work)
    assert made["promoted"] is True
    assert "beats naive" in made["reason"]
    (move,) = moves(project.home, NAME)
    assert (move["from"], move["to"]) == (None, "1")


def test_a_version_that_stands_at_the_alias_already_stays_there(project: Project) -> None:
    scores = project.scored("a", always_up_by(0.1))
    section = Register(model=NAME, promote=gate("champion", "naive"))
    with project.registering("a") as work:
        project.performed(section, scores, work)
        project.store.discard(work.folder.name)
        shutil.rmtree(work.folder)
    with project.registering("a") as work:
        made = project.performed(section, scores, work)
    assert made["reason"] == "version 1 is the `champion` already"
    assert made["promoted"] is True
    assert len(moves(project.home, NAME)) == 1


def test_a_cached_step_stands_as_long_as_its_version(project: Project) -> None:
    scores = project.scored("a", always_up_by(0.1))
    section = Register(model=NAME)
    with project.registering("a") as work:
        project.performed(section, scores, work)
        stored = project.store.open(work.folder.name)
        assert stored is not None
        assert section.still_valid(stored, work)
        assert seen_standing(project.home, NAME, "1", work.folder.name)
        client(project.home).delete_model_version(NAME, "1")
        assert not seen_standing(project.home, NAME, "1", work.folder.name)
        assert not section.still_valid(stored, work)
        project.store.discard(work.folder.name)
        assert project.performed(section, scores, work)["version"] == "2"


def test_an_unchanged_run_need_not_import_mlflow(project: Project) -> None:
    scores = project.scored("a", always_up_by(0.1))
    with project.registering("a") as work:
        project.performed(Register(model=NAME), scores, work)
    code = (
        "import sys; from pathlib import Path; from tasks.registry.glance import seen_standing\n"
        f"assert seen_standing(Path({str(project.home)!r}), {NAME!r}, '1', {work.folder.name!r})\n"
        f"assert not seen_standing(Path({str(project.home)!r}), {NAME!r}, '1', 'another step')\n"
        f"assert not seen_standing(Path({str(project.home)!r}), {NAME!r}, '2', {work.folder.name!r})\n"
        "assert 'mlflow' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_what_a_glance_does_not_see_is_asked(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    scores = project.scored("a", always_up_by(0.1))
    with project.registering("a") as work:
        project.performed(Register(model=NAME), scores, work)
    stored = project.store.open(work.folder.name)
    assert stored is not None
    monkeypatch.setattr("tasks.registry.glance._STANDING", "SELECT 1 FROM tables_of_another_mlflow WHERE ? ? ? ?")
    assert not seen_standing(project.home, NAME, "1", work.folder.name)
    assert Register(model=NAME).still_valid(stored, work)
    assert not seen_standing(project.home / "nowhere", NAME, "1", work.folder.name)


def test_a_model_that_was_deleted_is_made_again(project: Project) -> None:
    scores = project.scored("a", always_up_by(0.1))
    section = Register(model=NAME)
    with project.registering("a") as work:
        project.performed(section, scores, work)
        stored = project.store.open(work.folder.name)
        client(project.home).delete_registered_model(NAME)
        assert stored is not None
        assert not section.still_valid(stored, work)


def test_of_two_that_were_compared_with_the_same_champion_one_wins(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.register("a", project.scored("a", always_up_by(0.0)), promote=gate("drift"))
    mlflow = client(project.home)
    decide = promotion.decide

    def meanwhile(evidence: Any) -> Any:
        mlflow.set_registered_model_alias(NAME, "champion", "2")
        return decide(evidence)

    scores = project.scored("b", always_up_by(0.3))
    monkeypatch.setattr(promotion, "decide", meanwhile)
    project.register("between", project.scored("c", always_up_by(0.1)))
    made = project.register("b", scores, promote=gate("champion"))
    assert made["reason"].startswith("mae 1.61785 beats the champion (version 2) (2.18209)")
    assert (made["version"], alias(project)) == ("3", "3")
    assert [(move["from"], move["to"]) for move in moves(project.home, NAME)] == [(None, "1"), ("2", "3")]


def test_one_that_is_worse_than_the_new_champion_is_refused_for_that_one(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.register("a", project.scored("a", always_up_by(0.0)), promote=gate("drift"))
    project.register("between", project.scored("c", always_up_by(0.3)))
    decide = promotion.decide

    def meanwhile(evidence: Any) -> Any:
        client(project.home).set_registered_model_alias(NAME, "champion", "2")
        return decide(evidence)

    monkeypatch.setattr(promotion, "decide", meanwhile)
    made = project.register("b", project.scored("b", always_up_by(0.1)), promote=gate("champion"))
    assert (made["promoted"], made["champion"]["version"], alias(project)) == (False, "2", "2")
    assert "does not beat the champion (version 2)" in made["reason"]


def test_an_alias_that_never_stands_still_leaves_nothing_behind(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = project.scored("a", always_up_by(0.3))
    for label in ("b", "c"):
        project.register(label, project.scored(label, always_up_by(0.0)))
    mlflow, decide = client(project.home), promotion.decide
    mlflow.set_registered_model_alias(NAME, "champion", "1")

    def meanwhile(evidence: Any) -> Any:
        stands = mlflow.get_registered_model(NAME).aliases["champion"]
        mlflow.set_registered_model_alias(NAME, "champion", "2" if int(stands) == 1 else "1")
        return decide(evidence)

    section = Register(model=NAME, promote=gate("champion"))
    with project.registering("a") as work:
        with monkeypatch.context() as patched:
            patched.setattr(promotion, "decide", meanwhile)
            with pytest.raises(Refused, match="5 times in a row: run again"):
                project.performed(section, scores, work)
        assert project.store.open(work.folder.name) is None
        made = project.performed(section, scores, work)
    assert (made["version"], made["promoted"], alias(project)) == ("3", True, "3")


def _no_answer(*_arguments: object, **_named: object) -> None:
    raise MlflowException("API request failed")


def _no_connection(*_arguments: object, **_named: object) -> None:
    raise ConnectionError("refused")


@pytest.mark.parametrize("trouble", [_no_answer, _no_connection])
@pytest.mark.parametrize(
    "where",
    [
        "mlflow.artifacts.download_artifacts",
        "mlflow.MlflowClient.get_model_version",
        "tasks.registry.promotion.aliases_of",
    ],
)
def test_a_champion_that_could_not_be_fetched_decides_nothing(
    project: Project, monkeypatch: pytest.MonkeyPatch, where: str, trouble: Any
) -> None:
    project.register("a", project.scored("a", always_up_by(0.1)), promote=gate("naive"))
    scores, section = project.scored("b", always_up_by(0.3)), Register(model=NAME, promote=gate("champion"))
    with project.registering("b") as work:
        with monkeypatch.context() as patched:
            patched.setattr(where, trouble)
            with pytest.raises(Unanswered, match=r"could not be fetched .* run again"):
                project.performed(section, scores, work)
        assert project.store.open(work.folder.name) is None
        made = project.performed(section, scores, work)
    assert (made["version"], made["promoted"], alias(project)) == ("2", True, "2")


@pytest.mark.parametrize("seen", [True, False])
def test_a_refusal_holds_while_its_champion_does(project: Project, monkeypatch: pytest.MonkeyPatch, seen: bool) -> None:
    if not seen:
        monkeypatch.setattr("tasks.registry.promotion.seen_at_alias", lambda *_: False)
    project.register("a", project.scored("a", always_up_by(0.3)), promote=gate("naive"))
    project.register("b", project.scored("b", always_up_by(0.0)))
    scores, section = project.scored("c", always_up_by(0.1)), Register(model=NAME, promote=gate("champion"))
    with project.registering("c") as work:
        assert project.performed(section, scores, work)["promoted"] is False
        stored = project.store.open(work.folder.name)
        assert stored is not None
        assert section.still_valid(stored, work)
        client(project.home).set_registered_model_alias(NAME, "champion", "2")
        assert not section.still_valid(stored, work)
        project.store.discard(work.folder.name)
        project.store.done_with(work.folder.name)
        project.store.work(work.folder.name)
        again = project.performed(section, scores, work)
        stored = project.store.open(work.folder.name)
        client(project.home).delete_registered_model_alias(NAME, "champion")
        assert stored is not None
        assert section.still_valid(stored, work)  # a version that took the alias need not keep it
    assert (again["version"], again["promoted"], again["champion"]["version"]) == ("3", True, "2")
    assert len(show_model(project.home, NAME)["versions"]) == 3


def test_a_refusal_for_a_baseline_holds_whoever_is_the_champion(project: Project) -> None:
    scores, section = project.scored("a", always_up_by(-0.5)), Register(model=NAME, promote=gate("naive"))
    with project.registering("a") as work:
        assert project.performed(section, scores, work)["promoted"] is False
        stored = project.store.open(work.folder.name)
        client(project.home).set_registered_model_alias(NAME, "champion", "1")
        assert stored is not None
        assert section.still_valid(stored, work)


def test_the_ledger_says_who_when_and_why(project: Project) -> None:
    project.register("a", project.scored("a", always_up_by(0.1)), promote=gate("naive"))
    project.register("b", project.scored("b", always_up_by(0.3)), promote=gate("champion"))
    first, second = moves(project.home, NAME)
    assert (first["from"], first["to"], second["from"], second["to"]) == (None, "1", "1", "2")
    assert "beats the champion" in second["evidence"]["reason"]
    assert "@" in second["who"]
    assert second["at"].endswith("+00:00")
    assert second["evidence"]["model_digest"]


UNFIT: dict[str, tuple[Any, str]] = {
    "NaN": (lambda s: s["parts"]["test"]["model"].update(mae=None), "the model's mae on the test part is absent"),
    "infinite": (lambda s: s["parts"]["test"]["model"].update(mae=1.797e308), r"is 1\.797e\+308, which is no score"),
    "absent": (lambda s: s["parts"]["test"]["model"].pop("mae"), "is absent, which is no score"),
    "no test part": (
        lambda s: s["parts"].pop("test"),
        "there is nothing to beat|at least 5 test cases, and there are 0",
    ),
    "too few": (lambda s: s["parts"]["test"].update(cases=4), "at least 5 test cases, and there are 4"),
    "wrong direction": (lambda s: s["higher_is_better"].update(mae=True), "have the direction of mae wrong"),
    "baseline absent": (
        lambda s: s["parts"]["test"]["baselines"].pop("naive"),
        "naive is to be beaten and cannot be compared: it was not scored",
    ),
    "baseline NaN": (
        lambda s: s["parts"]["test"]["baselines"]["naive"].update(mae=None),
        "naive is to be beaten, and its mae is absent",
    ),
}


@pytest.mark.parametrize("case", UNFIT)
def test_scores_that_decide_nothing_promote_nothing(project: Project, case: str) -> None:
    edit, message = UNFIT[case]
    made = project.register("a", project.scored("a", always_up_by(0.3), edit=edit), promote=gate("naive"))
    assert made["promoted"] is False
    assert re.search(message, made["reason"]), made["reason"]
    assert alias(project) is None
    assert made["version"] == "1"


def champion_folder(project: Project, version: str = "1") -> Path:
    source = client(project.home).get_model_version(NAME, version).source
    return Path(source.removeprefix("file://"))


def _flip(folder: Path) -> None:
    weights = folder / "data" / "bundle" / "weights.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)


def _replace(folder: Path) -> None:
    shutil.rmtree(folder / "data" / "bundle")
    make.write(folder / "data" / "bundle", make.forecaster)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (_flip, "weights.safetensors differs from its sha256"),
        (shutil.rmtree, "has no bundle among its artifacts"),
        (_replace, "was registered with the bundle"),
    ],
)
def test_a_champion_that_cannot_be_loaded_is_a_refusal(project: Project, damage: Any, message: str) -> None:
    project.register("a", project.scored("a", always_up_by(0.1)), promote=gate("naive"))
    damage(champion_folder(project))
    made = project.register("b", project.scored("b", always_up_by(0.3)), promote=gate("champion"))
    assert made["promoted"] is False
    assert made["reason"].startswith("the champion (version 1) is to be beaten and cannot be compared: ")
    assert message in made["reason"]
    assert alias(project) == "1"


def longer_horizon() -> tuple[Any, Any]:
    model, data = make.forecaster()
    return model, data.with_about(window={**data.about.window, "horizon": 4})


def other_unit() -> tuple[Any, Any]:
    model, data = make.forecaster()
    columns = tuple(
        column.model_copy(update={"unit": "MWh"}) if column.unit else column for column in data.about.columns
    )
    return model, data.with_about(columns=columns)


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (longer_horizon, "it forecasts 3 steps, and the new version 4"),
        (other_unit, "reads `kwh` in kWh, the data has it in MWh"),
        (make.classifier, "it is a forecaster, and the new version a classifier"),
    ],
)
def test_a_champion_that_answers_another_question_is_a_refusal(project: Project, made: Any, message: str) -> None:
    project.register("a", project.scored("a", always_up_by(0.1)), promote=gate("naive"))
    metric = "accuracy" if made is make.classifier else "mae"
    scores = project.scored("b", made=made)
    answer = project.register("b", scores, promote=gate("champion", metric=metric, at_least=1))
    assert answer["promoted"] is False
    assert message in answer["reason"]


def test_a_champion_reads_the_rows_as_its_own_encoders_make_them(project: Project) -> None:
    rows = {"id": range(20), "text": ["aab", "abb", "ba", "b"] * 5, "mood": ["x", "y", "y", "y"] * 5}
    roles = Roles(sample="id", text="text", label="mood")
    plain = frame_to_dataset(pl.DataFrame(rows), roles, file="x.csv")
    plain = split(plain, ByRandom(test=8, validation=2, stratify=True), 0)
    plain = plain.with_about(holdout=plain.holdout_digest())
    layers = [{"kind": "embedding", "tokens": 3, "width": 2}, {"kind": "gru", "units": 3}]
    model = Classifier.model_validate({"layers": layers, "loss": {"kind": "cross_entropy"}})

    def made(raw: Any) -> Any:
        state = Characters().fit(replace(plain, raw=raw)).model_dump(mode="json")
        data = encoded(plain, (state,))
        return lambda: (model, data.with_about(holdout=data.holdout_digest()))

    def fixed(module: nn.Module) -> None:
        torch.manual_seed(3)
        for parameter in module.parameters():
            nn.init.normal_(parameter, std=3.0)

    champion, challenger = made(plain.raw), made(195 - plain.raw)  # as many a as there were b
    assert champion()[1].about.words != challenger()[1].about.words
    first = project.register("a", project.scored("a", fixed, champion), promote=None)
    client(project.home).set_registered_model_alias(NAME, "champion", "1")
    scores = project.scored("b", fixed, challenger)
    section = {"promote": gate("champion", metric="accuracy", at_least=1)}
    refused = project.register("b", scores, **section)
    assert "cannot be compared: the model reads what its own encoders made" in refused["reason"]
    kept = project.store.keep(digest_of("plain"), plain.save)
    project.store.note_origin(digest_of(["b", "data"]), {"parts": kept.path.name})
    answer = project.register("c", scores, **section)
    assert answer["champion"]["score"] == first["scores"]["accuracy"] != answer["scores"]["accuracy"]


def drawn(module: nn.Module) -> None:
    """Weights that make what was read long ago matter."""
    torch.manual_seed(3)
    for parameter in module.parameters():
        nn.init.normal_(parameter, std=1.5)


def written(context: int | None) -> Callable[[], Any]:
    """A language model of a text, which it reads in stretches, or as a whole."""
    data = stream(context=context)
    return lambda: (language_model(), data.with_about(holdout=data.holdout_digest()))


@pytest.mark.parametrize("others", [3, 11, None])
def test_a_language_model_reads_the_texts_of_its_challenger_in_its_own_stretches(
    project: Project, others: int | None
) -> None:
    """A champion of whole texts that began anew every three characters would lose to any challenger."""
    first = project.register("a", project.scored("a", drawn, written(None)), promote=None)
    assert first["reads"] == "text"
    client(project.home).set_registered_model_alias(NAME, "champion", "1")
    scores = project.scored("b", drawn, written(others))
    answer = project.register("b", scores, promote=gate("champion", metric="nll"))
    assert answer["champion"]["score"] == pytest.approx(first["scores"]["nll"], rel=1e-6)


def test_a_champion_that_reads_more_of_the_rows_is_a_refusal(project: Project) -> None:
    """Tags that its challenger has cut off would count in one of the two scores."""
    section, plain = make.tagger()
    plain = plain.with_about(holdout=plain.holdout_digest())
    cut = encoded(plain, (Longest(steps=4).fit(plain).model_dump(mode="json"),))
    cut = cut.with_about(holdout=cut.holdout_digest())
    project.register("a", project.scored("a", made=lambda: (section, plain)), promote=None)
    client(project.home).set_registered_model_alias(NAME, "champion", "1")
    scores = project.scored("b", made=lambda: (section, cut))
    kept = project.store.keep(digest_of("plain"), plain.save)
    project.store.note_origin(digest_of(["b", "data"]), {"parts": kept.path.name})
    answer = project.register("b", scores, promote=gate("champion", metric="accuracy"))
    assert re.search(r"the model reads \d\d of `test`: received \d\d; encode the rows alike", answer["reason"])


def test_a_label_set_that_changed_is_a_refusal(project: Project) -> None:
    def perfect(module: nn.Module) -> None:
        torch.manual_seed(0)
        for parameter in module.parameters():
            nn.init.normal_(parameter, std=0.1)

    project.register("a", project.scored("a", perfect, make.classifier), promote=None)
    client(project.home).set_registered_model_alias(NAME, "champion", "1")

    def renamed() -> tuple[Any, Any]:
        model, data = make.classifier()
        sequences = data.sequences.with_columns(pl.col("label").replace({"rising": "climbing"}))
        data = replace(data, sequences=sequences)
        assert isinstance(model, Classifier)
        return model, data.with_about(holdout=data.holdout_digest())

    made = project.register(
        "b", project.scored("b", perfect, renamed), promote=gate("champion", metric="accuracy", at_least=1)
    )
    assert made["promoted"] is False
    assert "the label sets differ, only one of the two knows climbing, rising" in made["reason"]


def test_scores_of_another_model_promote_nothing(project: Project) -> None:
    scores = project.scored("a", always_up_by(0.3))
    other = project.scored("b", always_up_by(-0.5))
    borrowed = json.loads((other.path / "scored.json").read_text())

    def forged(at: Path) -> None:
        shutil.copytree(scores.path, at, dirs_exist_ok=True)
        (at / "manifest.json").unlink()
        mixed = {**json.loads((scores.path / "scored.json").read_text()), "model": borrowed["model"]}
        (at / "scored.json").write_text(json.dumps(mixed))

    kept = project.store.keep(digest_of("forged"), forged)
    with pytest.raises(Refused, match="the model in the store is not the one that was scored"):
        project.register("c", kept)


def test_held_out_rows_that_changed_promote_nothing(project: Project) -> None:
    scores = project.scored("a", always_up_by(0.3))

    def forged(at: Path) -> None:
        shutil.copytree(scores.path, at, dirs_exist_ok=True)
        (at / "manifest.json").unlink()
        (at / "scored.json").write_text(
            json.dumps({**json.loads((scores.path / "scored.json").read_text()), "holdout": "0" * 64})
        )

    with pytest.raises(Refused, match="held-out rows are not those that were scored"):
        project.register("c", project.store.keep(digest_of("forged"), forged))


def test_what_was_scored_and_is_gone_is_named(project: Project) -> None:
    scores = project.scored("a", always_up_by(0.3))
    project.store.discard(json.loads((scores.path / "scored.json").read_text())["model"])
    with pytest.raises(Refused, match="the model that was scored is no longer in the store"):
        project.register("c", scores)


def test_a_version_needs_a_run(project: Project) -> None:
    scores = project.scored("a", always_up_by(0.3))
    with pytest.raises(Refused, match="this one is not tracked"):
        project.performed(Register(model=NAME), scores, project.work("a" * 64))


@pytest.mark.parametrize(
    "name", ["", "a..b", "..", "a/b", "a%2eb", "a#b", "a\0b", "a b", "C:\\x", ".hidden", "-x", "é", "x" * 101, "a\n"]
)
def test_a_name_that_could_lead_somewhere_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        Register(model=name)


@pytest.mark.parametrize("alias", ["latest", "Latest", "v1", "V22", "", "a b", "a/b", "1st", "a@b"])
def test_an_alias_that_means_something_else_is_refused(alias: str) -> None:
    with pytest.raises(ValidationError):
        Register(model="m", promote={"alias": alias, "when": {"metric": "mae", "beats": ["naive"]}})


def test_a_bar_that_stands_twice_is_refused_where_it_stands() -> None:
    with pytest.raises(ValidationError, match="received `naive` again"):
        Register(model="m", promote=gate("naive", "naive"))


def lineage(kind: str, **evaluate: Any) -> Lineage:
    train = Train(model={"kind": kind, "layers": [{"kind": "gru", "units": 2}]})
    return Lineage({"train": train, "evaluate": Evaluate(**evaluate)})


@pytest.mark.parametrize(
    ("kind", "evaluate", "promote", "at", "message"),
    [
        (
            "forecaster",
            {"metrics": ["mae"]},
            gate("naive", metric="rmse"),
            "metric",
            "computes mae, not `rmse`: add it",
        ),
        ("forecaster", {}, gate("naive", metric="mape"), "metric", "not `mape`"),
        ("classifier", {}, gate("majority", metric="mae"), "metric", "`mae` cannot score a classifier: take accuracy"),
        ("classifier", {}, gate("naive", metric="accuracy"), 0, "a classifier is not held against `naive`"),
        ("forecaster", {"parts": ["validation"]}, gate("naive"), "when", "scores validation only: add `test`"),
    ],
)
def test_a_gate_that_asks_for_what_nobody_computes_is_found_before_anything_runs(
    kind: str, evaluate: dict[str, Any], promote: Any, at: str | int, message: str
) -> None:
    (complaint,) = Register(model="m", promote=promote).review("register", lineage(kind, **evaluate))
    assert message in complaint.message
    assert complaint.at[-1] == at


def test_a_gate_that_fits_has_no_complaint() -> None:
    section = Register(model="m", promote=gate("champion", "seasonal_naive", metric="mase"))
    assert list(section.review("register", lineage("forecaster"))) == []
    assert list(Register(model="m").review("register", lineage("forecaster", parts=["validation"]))) == []
