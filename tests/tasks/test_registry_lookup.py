"""Models are found by alias, by version and by folder, and what is not theirs is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rnnlib.errors import BundleError, Refused
from tasks.registry.lookup import list_models, load_predictor, show_model
from tasks.tracking.home import client
from tests.bundles import make
from tests.tasks.project import NAME, Project, always_up_by, gate


def test_no_model_is_registered_yet(home: Path) -> None:
    assert list_models(home) == []
    with pytest.raises(Refused, match="no model `load-forecast` is registered: see `rnn models list`"):
        show_model(home, NAME)


def test_models_their_versions_aliases_scores_and_moves(project: Project) -> None:
    project.register("a", project.scored("a", always_up_by(0.1)), promote=gate("naive"))
    project.register("b", project.scored("b", always_up_by(-0.5)), promote=gate("champion"))
    shown = show_model(project.home, NAME)
    assert json.loads(json.dumps(shown)) == shown
    assert [version["version"] for version in shown["versions"]] == ["1", "2"]
    assert shown["aliases"] == {"champion": "1"}
    assert [version["aliases"] for version in shown["versions"]] == [["champion"], []]
    assert shown["versions"][1]["scores"]["mae"] == pytest.approx(4.28355, rel=1e-4)
    assert len(shown["moves"]) == 1
    (listed,) = list_models(project.home)
    assert listed == {name: value for name, value in shown.items() if name != "moves"}


def test_every_way_to_name_a_model_gives_the_same_predictor(project: Project, tmp_path: Path) -> None:
    scores = project.scored("a", always_up_by(0.1))
    project.register("a", scores, promote=gate("naive"))
    trained = project.store.folder / json.loads((scores.path / "scored.json").read_text())["model"] / "bundle"
    frame = make.meters_to_predict()
    expected = load_predictor(project.home, str(trained)).predict(frame)
    for reference in (f"models:/{NAME}@champion", f"models:/{NAME}/1"):
        assert load_predictor(project.home, reference).predict(frame).equals(expected)


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        (f"models:/{NAME}@challenger", "has no alias `challenger`, only `champion`: name a version"),
        (f"models:/{NAME}/7", f"has no version 7: see `rnn models show {NAME}`"),
        ("models:/other@champion", "no model `other` is registered"),
        (f"models:/{NAME}", "a registered model is `models:/NAME@ALIAS` or `models:/NAME/VERSION`, received"),
        (f"models:/{NAME}/latest", "a registered model is"),
        ("models:/../x@champion", "a registered model is"),
        ("models:/a%2e/1", "a registered model is"),
        ("models:/a#b/1", "a registered model is"),
        ("models:/a/1\n", "a registered model is"),
        ("models:/x' or name != '@champion", "a registered model is"),
        ("nowhere/at/all", "`nowhere/at/all` is none"),
    ],
)
def test_what_is_not_there_is_named(project: Project, reference: str, message: str) -> None:
    project.register("a", project.scored("a", always_up_by(0.1)), promote=gate("naive"))
    with pytest.raises(Refused, match=message):
        load_predictor(project.home, reference)


def test_a_model_without_any_alias_says_so(project: Project) -> None:
    project.register("a", project.scored("a", always_up_by(0.1)))
    with pytest.raises(Refused, match="has no alias `champion`, and no other one: name a version"):
        load_predictor(project.home, f"models:/{NAME}@champion")


def test_a_folder_that_is_no_bundle_is_refused(home: Path, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="has no manifest"):
        load_predictor(home, str(tmp_path))


def test_a_version_of_somebody_else_is_listed_and_not_loaded(home: Path, tmp_path: Path) -> None:
    mlflow = client(home)
    mlflow.create_registered_model("foreign")
    mlflow.create_model_version("foreign", tmp_path.as_uri())
    ((version,),) = [model["versions"] for model in list_models(home)]
    assert version["scores"] == {}
    with pytest.raises(BundleError, match="version 1 of `foreign` has no bundle among its artifacts"):
        load_predictor(home, "models:/foreign/1")


def test_a_name_with_quotes_finds_nothing(home: Path) -> None:
    with pytest.raises(Refused, match="is registered"):
        show_model(home, "x' or name != '")


def test_many_models_come_in_pages(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mlflow = client(home)
    for number in range(101):
        mlflow.create_registered_model(f"model-{number:03}")
    assert [model["name"] for model in list_models(home)] == [f"model-{number:03}" for number in range(101)]
