"""`rnn run` as a person sees it: the steps as they end, then how it went."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.cli.ending import show
from flows.cli.printing import as_json
from flows.cli.progress import Shown

if TYPE_CHECKING:
    from flows.outcome import Outcome


def run_and_show(spec: Path, sets: Sequence[str], *, inline: bool, json: bool) -> int:
    """Runs a spec and prints how it went; returns the exit code."""
    with ExitStack() as stack:
        server, look = None, None
        if not inline:
            # The server takes seconds to start: it does so while this process imports torch and reads the spec.
            from flows.home import home_of, project_root
            from flows.server import EmbeddedServer

            server = stack.enter_context(EmbeddedServer(home_of(project_root(spec.resolve().parent))))
        from flows.check import check
        from flows.run import inline as directly
        from flows.run import run

        checked = check(spec, sets)
        command = " ".join(
            ["rnn run", shlex.quote(str(spec)), *(f"--set {shlex.quote(one)}" for one in sets), *["--inline"] * inline]
        )
        with Shown(quiet=json) as shown:
            if server is None:
                outcome = run(checked, engine=directly, progress=shown.progress(), done=shown.done, command=command)
            else:
                from flows.prefect_engine import PrefectEngine

                engine = PrefectEngine(server, shown.progress(), shown.done)
                outcome = run(checked, engine=engine, progress=engine.progress, done=engine.done, command=command)
                engine.link(_links(outcome))
                look = server.to_look
            if outcome.at_step is not None:
                shown.failed(outcome.at_step)
    if json:
        as_json(_facts(outcome))
    else:
        show(outcome, look)
    return outcome.exit_code


def _links(outcome: Outcome) -> dict[str, str]:
    """What the flow run in Prefect points to."""
    found = {"report": outcome.report.as_uri()} if outcome.report is not None else {}
    if (uri := outcome.tracked.get("uri", "")).startswith("http"):
        found["MLflow run"] = f"{uri}/#/runs/{outcome.tracked['run_id']}"
    return found


def _facts(outcome: Outcome) -> dict[str, Any]:
    return {
        "name": outcome.name,
        "status": outcome.status,
        "exit_code": outcome.exit_code,
        "unchanged": outcome.unchanged,
        "seconds": round(outcome.seconds, 3),
        "steps": [
            {"name": done.name, "task": done.task, "executed": done.executed, "seconds": round(done.seconds, 3),
             "path": str(done.stored.path), "digest": done.stored.digest}
            for done in outcome.steps
        ],
        "scores": dict(outcome.scores),
        "versions": outcome.versions,
        "report": str(outcome.report) if outcome.report else None,
        "mlflow": dict(outcome.tracked),
        "error": outcome.error,
    }  # fmt: skip
