"""What a run leaves behind: params, metrics and artifacts in MLflow, and its report."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from flows.check import Checked
from flows.execute import Done
from flows.outcome import Outcome
from flows.render import rendered, resolved
from rnnlib.data.about import About
from tasks.store import digest_of
from tasks.tracking import Tracking


class Record:
    """Writes down one run as it goes."""

    def __init__(self, home: Path, checked: Checked, outcome: Outcome) -> None:
        self.home, self._checked, self._outcome = home, checked, outcome
        self.key = digest_of({"spec": rendered(checked.spec), "file": str(checked.file.resolve())})
        self._tracking: Tracking | None = None
        self._children: dict[str, Tracking] = {}
        self._started = time.time()
        self._repairs: Mapping[str, int] = {}
        trained = [step.name for step in checked.chain.steps if step.section.task == "train"]
        self._nested = trained if len(trained) > 1 else []

    def begin(self, tracking: Tracking) -> None:
        """The spec as written and as resolved, and its scalars as params."""
        self._tracking = tracking
        self._outcome.tracked = tracking.where()
        tracking.tags({"rnn.command": self._outcome.command, "rnn.spec": self._checked.shown})
        tracking.params(resolved(self._checked.spec))
        tracking.text("spec/as-written.yaml", self._checked.text)
        tracking.text("spec/resolved.yaml", rendered(self._checked.spec))
        tracking.environment(self._checked.place.root)

    def tracking_of(self, step: str) -> Tracking | None:
        """The run in MLflow that a step writes to: one of its own where the spec trains more than one model."""
        if self._tracking is None or step not in self._nested:
            return self._tracking
        if step not in self._children:
            self._children[step] = self._tracking.child(step)
        return self._children[step]

    def step(self, done: Done) -> None:
        """What a finished step says about itself: the data's digest, scores, curves of a model that was kept."""
        tracking, at = self._tracking, done.stored.path
        if tracking is None:
            return
        if done.task == "load":
            tracking.dataset(done.name, done.stored.digest, at)
        if (at / "about.json").is_file():
            self._repaired(done, tracking)
        if (at / "history.json").is_file():
            self._trained(done)
        if (at / "scores.json").is_file():
            tracking.metrics(0, dict(_scores(_read(at / "scores.json"))))
            tracking.artifact(at / "scores.json", f"scores/{done.name}")
        tracking.flush()

    def _repaired(self, done: Done, tracking: Tracking) -> None:
        """What the step repaired or accepted, and no step before it, as tags of the run."""
        about = About.model_validate_json((done.stored.path / "about.json").read_text())
        before = {} if done.task == "load" else self._repairs
        new = {name: count for name, count in about.repairs.items() if count and before.get(name) != count}
        tags = {f"rnn.repairs.{done.name}.{name}": str(count) for name, count in new.items()}
        if done.task == "load" and about.accepted:
            tags[f"rnn.accepted.{done.name}"] = "\n".join(about.accepted)
        if tags:
            tracking.tags(tags)
        self._repairs = about.repairs

    def _trained(self, done: Done) -> None:
        """The curves of a model that was kept (a new one sends its own), and the end of its nested run."""
        own = self.tracking_of(done.name)
        assert own is not None, "a run is tracked once a step of it is"
        for epoch in _read(done.stored.path / "history.json")["epochs"] if not done.executed else ():
            own.metrics(epoch["epoch"], {name: value for name, value in epoch.items() if name != "epoch"})
        if done.name in self._nested:
            own.end("FINISHED")

    def end(self, tracking: Tracking) -> None:
        """The report and its pictures, whatever ended the run."""
        from flows.report import plots
        from flows.report_facts import facts_of

        self._outcome.report = self._write_report(str(tracking.run_id))
        tracking.artifact(self._outcome.report, "report")
        for name, svg in plots(facts_of(self._checked, self._outcome, self._started)):
            tracking.text(f"plots/{name}", svg)
        tracking.flush()
        note = {"tracked": dict(self._outcome.tracked), "report": str(self._outcome.report)}
        if self._outcome.status == "finished":
            last = self._last()
            last.parent.mkdir(parents=True, exist_ok=True)
            last.write_text(json.dumps(note))

    def found_again(self) -> None:
        """Nothing was executed: the run that computed all this is the one to look at."""
        if self._last().is_file():
            note = _read(self._last())
            self._outcome.tracked = note["tracked"]
            if Path(note["report"]).is_file():
                self._outcome.report = Path(note["report"])

    def reported(self) -> None:
        """The report of a run that has none yet: nothing was executed, or it ended before MLflow knew it."""
        if self._outcome.report is None:
            self._outcome.report = self._write_report(self.key[:16])

    def _last(self) -> Path:
        return self.home / "last" / f"{self.key}.json"

    def _write_report(self, run: str) -> Path:
        from flows.report import write_report
        from flows.report_facts import facts_of

        path = self.home / "reports" / self._checked.spec.name / f"{run}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_report(path, facts_of(self._checked, self._outcome, self._started))
        return path


def _read(path: Path) -> dict[str, Any]:
    value = json.loads(path.read_text())
    assert isinstance(value, dict)
    return value


def _scores(scores: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """`test/mase` for the model, `test/seasonal_naive/mase` for a baseline."""
    for part, found in scores["parts"].items():
        for name, value in found["model"].items():
            yield f"{part}/{name}", value
        for baseline, values in found["baselines"].items():
            for name, value in values.items():
                yield f"{part}/{baseline}/{name}", value
