"""Layers that do not fit, at every depth: found by `rnn check` on the line of the innermost one, without the data."""

from datetime import date, timedelta

import pytest

from flows.check import check_text
from flows.plan import plan
from flows.problems import SpecError

SPEC = """\
version: 1
name: demo
steps:
  load:
    source: {kind: csv, path: series.csv}
    roles: {series: meter, time: day, target: [load]}
  split: {by: time, validation: 20, test: 30}
  window: {context: 14, horizon: 7}
  train:
    model:
      kind: forecaster
      layers:
        - {kind: dense, units: 8}
        - kind: residual
          layers:
            - kind: parallel
              branches:
                - - {kind: gru, units: 4}
                - - {kind: dense, units: 6}
                  - {kind: conv1d, filters: 4, kernel: 3}
        - {kind: gru, units: 8}
    epochs: 1
  evaluate: {metrics: [mae]}
"""
INNER = "steps.train.model.layers[1].layers[0].branches[1]"
CONV = "{kind: conv1d, filters: 4, kernel: 3}"
DEEPER = CONV + "\n                  - {kind: learned_positional, length: 9}"


def problems(text, tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / "series.csv").write_text("meter,day,load\n")
    with pytest.raises(SpecError) as refused:
        check_text(text, tmp_path / "spec.yaml", "spec.yaml")
    return [(problem.line, problem.path, problem.message) for problem in refused.value.problems]


@pytest.mark.parametrize(
    "case",
    [
        (CONV, "{kind: attention, heads: 4}", 20, f"{INNER}[1].heads", "deals its 6 inputs out to its heads evenly"),
        (CONV, "{kind: conv1d, filters: 4, kernel: 3, groups: 4}", 20, f"{INNER}[1].groups", "received 6 inputs"),
        (CONV, "{kind: conv1d, filters: 5, kernel: 3}", 16, "steps.train.model.layers[1].layers[0]", "received layers"),
        (CONV, "{kind: pooling, by: [mean]}", 20, f"{INNER}[1]", "branches give the same steps"),
        (CONV, "{kind: frames, height: 3, width: 3}", 20, f"{INNER}[1].height", "have 9 values a step: received 6"),
        (CONV, "{kind: embedding, tokens: 4, width: 4, column: 6}", 20, f"{INNER}[1].column", "received 6"),
        (CONV, "{kind: conv1d, filters: 4, kernel: 3, strde: 2}", 20, f"{INNER}[1].strde", "did you mean `stride`?"),
        (CONV, DEEPER, 21, f"{INNER}[2].length", "received sequences of 14 steps"),
        ("{kind: gru, units: 8}", "{kind: conv1d, filters: 4, kernel: 15, padding: valid}", 21,
         "steps.train.model.layers[2].kernel", "a sequence of 14"),
        ("{kind: gru, units: 8}", "{kind: segment, length: 4, cell: {kind: gru, units: 8}}", 21,
         "steps.train.model.layers[2].length", "received a context of 14; use a length of 1, 7"),
        ("{kind: gru, units: 8}", "{kind: segment, length: 7, cell: {kind: gru, units: 9}}", 21,
         "steps.train.model.layers[2].cell.units", "received 9 units; use an even number"),
    ],
)  # fmt: skip
def test_a_misfit_is_found_where_it_stands(case, tmp_path):
    old, new, line, path, message = case
    assert SPEC.count(old) == 1
    found = problems(SPEC.replace(old, new), tmp_path)
    assert [one[:2] for one in found] == [(line, path)], found
    assert message in found[0][2], found


def test_the_spec_itself_is_good(tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / "series.csv").write_text("meter,day,load\n")
    check_text(SPEC, tmp_path / "spec.yaml", "spec.yaml")


def test_a_head_that_needs_other_steps_is_found_by_plan_on_its_line(tmp_path, monkeypatch):
    monkeypatch.setenv("RNN_HOME", str(tmp_path / "home"))
    (tmp_path / ".git").mkdir()
    rows = [f"a,{date(2020, 1, 1) + timedelta(days=day)},{day % 7}" for day in range(120)]
    (tmp_path / "series.csv").write_text("meter,day,load\n" + "\n".join(rows) + "\n")
    spec = tmp_path / "spec.yaml"
    spec.write_text(SPEC.replace("    epochs: 1", "      head: {kind: steps}\n    epochs: 1"))
    with pytest.raises(SpecError) as refused:
        plan(spec)
    (problem,) = refused.value.problems
    assert (problem.line, problem.path) == (22, "steps.train.model.head")
    message = "needs layers that write 7 steps of 1 values: received 14 steps of 8 values, the context's"
    assert message in problem.message
