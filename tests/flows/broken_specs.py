"""Broken specs: an edit of one good spec, and exactly what must be said about it, where.

`check` finds it without reading data, `plan` once the data is read. Line and column count from 1.
"""

from typing import NamedTuple

GOOD = """\
version: 1
name: demo
seed: 3
steps:
  load:
    source: {kind: csv, path: series.csv}
    roles: {series: meter, time: day, target: [load], future: [holiday]}
    every: 1d
    missing: {fill: interpolate, at_most: 2, otherwise: refuse}
  split: {by: time, validation: 20, test: 30}
  normalize: {target: {kind: standard, per: series}}
  window: {context: 14, horizon: 7}
  train:
    model:
      kind: forecaster
      layers:
        - {kind: dense, units: 8, activation: tanh}
        - {kind: lstm, units: 8}
        - {kind: attention, heads: 2}
      head: {kind: point}
      loss: {kind: mse}
    optimizer: {kind: adam, learning_rate: 1e-3}
    epochs: 2
    batch: 16
    early_stopping: {patience: 1}
  evaluate: {metrics: [mae, mase]}
  register:
    model: demo
    promote: {alias: champion, when: {metric: mase, beats: [champion, seasonal_naive], by: 1%}}
"""


class Broken(NamedTuple):
    """An edit (`old` → `new`, once) and the problems that it must give: (line, column, path, part of the message)."""

    what: str
    old: str
    new: str
    problems: list[tuple[int, int, str, str]]
    found_by: str = "check"


BROKEN = [
    Broken("typo in a field", "epochs: 2", "epohcs: 2",
           [(23, 5, "steps.train.epohcs", "unknown field; did you mean `epochs`?")]),
    Broken("typo deep in a flow mapping", "units: 8, activation", "unitz: 8, activation",
           [(17, 11, "steps.train.model.layers[0].units", "required field is missing"),
            (17, 25, "steps.train.model.layers[0].unitz", "unknown field; did you mean `units`?")]),
    Broken("typo in a step", "  window:", "  windoww:",
           [(12, 3, "steps.windoww", "`windoww` is no task; did you mean `window`?")]),
    Broken("a step of an unknown name", "  window:", "  cut:",
           [(12, 3, "steps.cut", "`cut` is no task; give it one with `task:`")]),
    Broken("typo in a kind", "kind: lstm", "kind: lstn",
           [(18, 18, "steps.train.model.layers[1].kind", "unknown kind 'lstn'; did you mean `lstm`?")]),
    Broken("a kind like no other, and what is wrong below it", "{kind: lstm, units: 8}", "{kind: zzz, units: -1}",
           [(18, 18, "steps.train.model.layers[1].kind", "unknown kind 'zzz'; known: "),
            (18, 30, "steps.train.model.layers[1].units", "must be at least 1, received -1")]),
    Broken("a kind that is not written", "{kind: adam, learning_rate: 1e-3}", "{learning_rate: 1e-3}",
           [(22, 5, "steps.train.optimizer", "`kind` is missing; one of: ")]),
    Broken("an unknown task", "  evaluate: {metrics", "  score: {task: evaluat, metrics",
           [(26, 17, "steps.score.task", "unknown task 'evaluat'; did you mean `evaluate`?")]),
    Broken("a task's name for another task", "  window: {", "  window: {task: split, ",
           [(12, 18, "steps.window.task", "the name `window` is a task's and cannot carry another one")]),
    Broken("text for a number", "epochs: 2", "epochs: two",
           [(23, 13, "steps.train.epochs", "expected a whole number, received 'two'")]),
    Broken("a time for a number", "epochs: 2", "epochs: 12:30",
           [(23, 13, "steps.train.epochs", "expected a whole number, received '12:30'")]),
    Broken("a fraction for a whole number", "context: 14", "context: 1e-3",
           [(12, 21, "steps.window.context", "expected a whole number, received 0.001")]),
    Broken("`no` is text, not false", "context: 14", "context: no",
           [(12, 21, "steps.window.context", "expected a whole number, received 'no'")]),
    Broken("a number in quotes", "batch: 16", "batch: '16'",
           [(24, 12, "steps.train.batch", "expected a whole number, received '16'")]),
    Broken("out of bounds", "learning_rate: 1e-3", "learning_rate: 0",
           [(22, 44, "steps.train.optimizer.learning_rate", "must be more than 0, received 0")]),
    Broken("infinite", "learning_rate: 1e-3", "learning_rate: .inf",
           [(22, 44, "steps.train.optimizer.learning_rate", "expected a finite number")]),
    Broken("a list for a mapping", "window: {context: 14, horizon: 7}", "window: [14, 7]",
           [(12, 11, "steps.window", "expected a mapping")]),
    Broken("a number for a layer", "- {kind: lstm, units: 8}", "- 5",
           [(18, 11, "steps.train.model.layers[1]", "expected a mapping with `kind`, received 5")]),
    Broken("no layers", "      layers:\n        - {kind: dense, units: 8, activation: tanh}\n"
           "        - {kind: lstm, units: 8}\n        - {kind: attention, heads: 2}\n", "      layers: []\n",
           [(16, 15, "steps.train.model.layers", "needs at least 1, received 0")]),
    Broken("an empty section", "evaluate: {metrics: [mae, mase]}", "evaluate:",
           [(27, 3, "steps.evaluate", "an empty section is written `{}`")]),
    Broken("duplicate key", "    batch: 16\n", "    epochs: 16\n",
           [(24, 5, "steps.train.epochs", "duplicate key, first on line 23")]),
    Broken("duplicate step", "  evaluate: {", "  window: {",
           [(26, 3, "steps.window", "duplicate key, first on line 12")]),
    Broken("anchor and alias", "{kind: mse}", "&loss {kind: mse}",
           [(21, 13, "", "anchors and aliases are not allowed")]),
    Broken("tag", "name: demo", "name: !!python/name:os.system demo",
           [(2, 7, "", "tags are not allowed")]),
    Broken("merge key", "seed: 3", "<<: {seed: 3}",
           [(3, 1, "", "merge keys are not allowed")]),
    Broken("not YAML", "seed: 3", "seed: {3",
           [(3, 7, "", "this `{` is not closed")]),
    Broken("a 300 KB file", "seed: 3", "seed: 3  # " + "x" * 300_000,
           [(1, 1, "", "a spec has at most 256 KB")]),
    Broken("an unknown key at the top", "seed: 3", "sede: 3",
           [(3, 1, "sede", "unknown field; did you mean `seed`?")]),
    Broken("another version", "version: 1", "version: 2",
           [(1, 10, "version", "unknown value 2")]),
    Broken("a name that is a path", "name: demo", "name: ../demo",
           [(2, 7, "name", "must match")]),
    Broken("no name", "name: demo\n", "",
           [(1, 1, "name", "required field is missing")]),
    Broken("a step without its input", "  split: {by: time, validation: 20, test: 30}\n", "",
           [(10, 3, "steps.normalize", "`normalize` needs Parts, and no earlier step gives any: add `split`")]),
    Broken("`from` an unknown step", "evaluate: {metrics", "evaluate: {from: trian, metrics",
           [(26, 20, "steps.evaluate.from[0]", "`trian` is no earlier step; did you mean `train`?")]),
    Broken("`from` a step of the wrong type", "window: {", "window: {from: load, ",
           [(12, 18, "steps.window.from[0]", "`load` gives Rows, `window` takes Parts")]),
    Broken("a value that nobody takes", "  evaluate:",
           "  again: {task: window, context: 3, horizon: 1, from: split}\n  evaluate:",
           [(26, 3, "steps.again", "nobody takes the Parts that `again` gives")]),
    Broken("a forecaster without windows", "  window: {context: 14, horizon: 7}\n", "",
           [(12, 3, "steps.train", "a forecaster is trained on windows")]),
    Broken("a loss that does not fit the head", "loss: {kind: mse}", "loss: {kind: cross_entropy}",
           [(21, 20, "steps.train.model.loss.kind", "the loss `cross_entropy` takes logits")]),
    Broken("heads that do not divide the width", "heads: 2", "heads: 3",
           [(19, 36, "steps.train.model.layers[2].heads", "3")]),
    Broken("an unknown metric", "metrics: [mae, mase]", "metrics: [mae, maase]",
           [(26, 29, "steps.evaluate.metrics[1]", "unknown value 'maase'; did you mean `mase`?")]),
    Broken("a list whose only item is wrong is not too short", "metrics: [mae, mase]", "metrics: [maase]",
           [(26, 24, "steps.evaluate.metrics[0]", "unknown value 'maase'; did you mean `mase`?")]),
    Broken("a metric of another kind of model", "metrics: [mae, mase]", "metrics: [mae, accuracy]",
           [(26, 29, "steps.evaluate.metrics[1]", "`accuracy` cannot score a forecaster"),
            (29, 47, "steps.register.promote.when.metric", "`evaluate` computes mae, accuracy, not `mase`")]),
    Broken("a bar that does not exist", "beats: [champion, seasonal_naive]", "beats: [champion, sesonal_naive]",
           [(29, 71, "steps.register.promote.when.beats[1]", "did you mean `seasonal_naive`?")]),
    Broken("a gate on a metric that is not computed", "when: {metric: mase", "when: {metric: rmse",
           [(29, 47, "steps.register.promote.when.metric", "`evaluate` computes mae, mase, not `rmse`")]),
    Broken("a percentage without its sign", "by: 1%", "by: 1",
           [(29, 92, "steps.register.promote.when.by", "expected a percentage such as `5%`, received 1")]),
    Broken("a duration that is none", "every: 1d", "every: daily",
           [(8, 12, "steps.load.every", "expected a duration such as `28d`, received 'daily'")]),
    Broken("a reference where none is resolved", "name: demo", "name: demo\ntrack: {experiment: '${env:HOME}'}",
           [(3, 21, "track.experiment", "resolved only in the paths of sources")]),
    Broken("two roles for one column", "future: [holiday]", "future: [load]",
           [(7, 64, "steps.load.roles.future[0]", "a column has one role: `load` stands under target and future")]),
    Broken("a column that is not there", "target: [load]", "target: [laod]",
           [(7, 48, "steps.load.roles.target[0]", "no column has this name (target): did you mean `load`?")], "plan"),
    Broken("a file that is not there", "path: series.csv", "path: serie.csv",
           [(6, 31, "steps.load.source.path", "no such file")], "plan"),
    Broken("a file outside the roots", "path: series.csv", "path: ../../../../etc/passwd",
           [(6, 31, "steps.load.source.path", "must stay under the project's root")], "plan"),
    Broken("a horizon longer than the test part", "horizon: 7", "horizon: 31",
           [(12, 34, "steps.window.horizon", "31")], "plan"),
    Broken("parts longer than the shortest series", "test: 30", "test: 300",
           [(10, 43, "steps.split.test", "`300` of test is more than the shortest series (`a`) can give")], "plan"),
    Broken("a role that the data does not have", "normalize: {target: {kind: standard, per: series}}",
           "normalize: {past: {kind: standard, per: series}}",
           [(11, 21, "steps.normalize.past", "the data has no `past`")]),
]  # fmt: skip
