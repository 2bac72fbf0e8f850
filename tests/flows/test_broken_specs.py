"""Forty and more broken specs: each gives exactly the problems that the table names, at once and in place."""

from datetime import date, timedelta

import pytest

from flows.check import check, check_text
from flows.plan import plan
from flows.problems import SpecError
from tests.flows.broken_specs import BROKEN, GOOD


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("project")
    (folder / ".git").mkdir()
    days = [date(2020, 1, 1) + timedelta(days=number) for number in range(120)]
    rows = [f"{meter},{day},{number % 7 + number / 50},{int(day.weekday() > 4)}"
            for meter in ("a", "b") for number, day in enumerate(days)]  # fmt: skip
    (folder / "series.csv").write_text("meter,day,load,holiday\n" + "\n".join(rows) + "\n")
    return folder


def found(error):
    return [(problem.line, problem.column, problem.path, problem.message) for problem in error.problems]


def matches(got, wanted):
    return len(got) == len(wanted) and all(
        one[:3] == other[:3] and other[3] in one[3] for one, other in zip(got, wanted, strict=True)
    )


@pytest.mark.parametrize("case", [case for case in BROKEN if case.found_by == "check"], ids=lambda case: case.what)
def test_check_finds_it_in_place(case, project):
    assert GOOD.count(case.old) == 1, "an edit is of one place"
    with pytest.raises(SpecError) as refused:
        check_text(GOOD.replace(case.old, case.new), project / "spec.yaml", "spec.yaml")
    assert matches(found(refused.value), case.problems), found(refused.value)


@pytest.mark.parametrize("case", [case for case in BROKEN if case.found_by == "plan"], ids=lambda case: case.what)
def test_plan_finds_it_in_place(case, project, monkeypatch, tmp_path):
    assert GOOD.count(case.old) == 1, "an edit is of one place"
    monkeypatch.setenv("RNN_HOME", str(tmp_path))
    spec = project / f"{abs(hash(case.what))}.yaml"
    spec.write_text(GOOD.replace(case.old, case.new))
    check(spec)  # without the data nothing is wrong
    with pytest.raises(SpecError) as refused:
        plan(spec)
    assert matches(found(refused.value), case.problems), found(refused.value)


def test_the_good_spec_is_good(project, monkeypatch, tmp_path):
    monkeypatch.setenv("RNN_HOME", str(tmp_path))
    (project / "good.yaml").write_text(GOOD)
    assert plan(project / "good.yaml").training["train"]["parameters"] > 0


def test_all_problems_come_at_once(project):
    text = GOOD.replace("epochs: 2", "epohcs: 2").replace("kind: lstm", "kind: lstn").replace("seed: 3", "sede: 3")
    with pytest.raises(SpecError) as refused:
        check_text(text, project / "spec.yaml", "spec.yaml")
    assert [problem.line for problem in refused.value.problems] == [3, 18, 23]
    assert str(refused.value.problems[0]) == "spec.yaml:3:1  sede  unknown field; did you mean `seed`?"


TOGETHER = [
    ("a field, the chain",
     {"epochs: 2": "epochs: two", "window: {": "window: {from: load, "},
     ["steps.window.from[0]", "steps.train.epochs"]),
    ("a field, a review",
     {"epochs: 2": "epochs: two", "when: {metric: mase": "when: {metric: rmse"},
     ["steps.train.epochs", "steps.register.promote.when.metric"]),
    ("the chain, a review",
     {"  register:": "  again: {task: window, context: 3, horizon: 1, from: split}\n  register:",
      "when: {metric: mase": "when: {metric: rmse"},
     ["steps.again", "steps.register.promote.when.metric"]),
    ("deep in the model, which is a forecaster all the same",
     {"kind: lstm": "kind: lstn", "metrics: [mae, mase]": "metrics: [mae, mase, accuracy]"},
     ["steps.train.model.layers[1].kind", "steps.evaluate.metrics[2]"]),
    ("an empty section hides nothing",
     {"evaluate: {metrics: [mae, mase]}": "evaluate:", "epochs: 2": "epochs: two"},
     ["steps.train.epochs", "steps.evaluate"]),
    ("a misspelt task is the one that was meant",
     {"  window:": "  windoww:", "  evaluate: {": "  evaluate: {from: trian, "},
     ["steps.windoww", "steps.evaluate.from[0]"]),
    ("of a chain with an unknown task nothing is known",
     {"  window:": "  cut:", "  evaluate: {": "  evaluate: {from: trian, "},
     ["steps.cut"]),
    ("a misspelt role is not a missing one",
     {"target: [load]": "traget: [load]", "epochs: 2": "epochs: two"},
     ["steps.load.roles.traget", "steps.train.epochs"]),
    ("misspelt metrics are not the usual ones",
     {"metrics: [mae, mase]": "metrisc: [mae, mape]", "when: {metric: mase": "when: {metric: mape"},
     ["steps.evaluate.metrisc"]),
    ("a wrong `from` may have meant what nobody takes",
     {"  train:\n": "  again: {task: window, context: 3, horizon: 1, from: split}\n  train:\n    from: windwo\n"},
     ["steps.train.from[0]"]),
    ("a misspelt `from` may have meant it too",
     {"  train:\n": "  again: {task: window, context: 3, horizon: 1, from: split}\n  train:\n    form: window\n"},
     ["steps.train.form"]),
    ("a wrong `from` says nothing of what it leads to",
     {"  window:": "  augment: {from: spilt, ops: [{kind: jitter, sigma: 0.1}]}\n  window:",
      "  normalize: {target: {kind: standard, per: series}}\n": "", "metrics: [mae, mase]": "units: normalized"},
     ["steps.augment.from[0]"]),
]  # fmt: skip


@pytest.mark.parametrize(("edits", "paths"), [case[1:] for case in TOGETHER], ids=[case[0] for case in TOGETHER])
def test_everything_that_is_known_to_be_wrong_comes_at_once_and_nothing_else(edits, paths, project):
    text = GOOD
    for old, new in edits.items():
        assert text.count(old) == 1, "an edit is of one place"
        text = text.replace(old, new)
    with pytest.raises(SpecError) as refused:
        check_text(text, project / "spec.yaml", "spec.yaml")
    assert [problem.path for problem in refused.value.problems] == paths, found(refused.value)


def test_there_are_forty_rows():
    assert len(BROKEN) >= 40
    assert {case.found_by for case in BROKEN} == {"check", "plan"}


ACCEPTED = [
    ("learning_rate: 1e-3", "learning_rate: 1e-3", lambda spec: spec.steps["train"].optimizer.learning_rate == 0.001),
    ("name: demo\n", "name: 'no'\n", lambda spec: spec.name == "no"),
    ("name: demo\n", "name: no\n", lambda spec: spec.name == "no"),
    ("target: [load]", "target: 12:30", lambda spec: list(spec.steps["load"].roles.target) == ["12:30"]),
    ("epochs: 2", "epochs: 010", lambda spec: spec.steps["train"].epochs == 10),
    ("by: 1%", "by: 5%", lambda spec: spec.steps["register"].promote.when.by.value == 0.05),
    ("validation: 20", "validation: 28d", lambda spec: str(spec.steps["split"].validation) == "28d"),
    ("epochs: 2", "epochs: 1_0", lambda spec: spec.steps["train"].epochs == 10),
]


@pytest.mark.parametrize(("old", "new", "holds"), ACCEPTED, ids=[new.strip() for _, new, _ in ACCEPTED])
def test_what_is_accepted_and_what_it_means(old, new, holds, project):
    assert holds(check_text(GOOD.replace(old, new), project / "spec.yaml", "spec.yaml").spec)
