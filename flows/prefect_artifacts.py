"""What a run leaves in Prefect for a person to look at: a step's facts, how far it is, and links."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from uuid import UUID

import httpx
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import ArtifactCreate, ArtifactUpdate
from prefect.runtime import flow_run, task_run

from flows.execute import Done

_BETWEEN_UPDATES = 1.0


class Artifacts:
    """The artifacts of one flow run, each under a key that stays the same from run to run: `<pipeline>-<name>`.

    They accompany the work: where Prefect cannot take one, that is said once, and the work goes on.
    """

    def __init__(self, client: SyncPrefectClient, pipeline: str, say: Callable[[str], None]) -> None:
        self._client = client
        self._pipeline = pipeline
        self._say = say
        self._progress: dict[str, UUID] = {}
        self._updated: dict[str, float] = {}
        self._lost = False

    def facts(self, done: Done) -> None:
        """A table of what the step's `summary.json` says, and where its result is; its progress is complete."""
        summary = done.stored.path / "summary.json"
        facts = json.loads(summary.read_text()) if summary.is_file() else {}
        how = f"executed in {done.seconds:.1f} s" if done.executed else "found in the store, not executed"
        rows = {**facts, "result": done.stored.path, "digest": done.stored.digest, "step": how}
        table = "\n".join(f"| {_cell(name)} | {_cell(value)} |" for name, value in rows.items())
        if done.name in self._progress:
            self.advance(done.name, 1, 1, "done")
        self._create(done.name, "markdown", f"| `{done.name}` | {_cell(done.task)} |\n|---|---|\n{table}")

    def links(self, links: Mapping[str, str], run: UUID) -> None:
        """Links to what belongs to a flow run but lives elsewhere, by what they are called."""
        for name, address in links.items():
            self._create(name, "markdown", f"[{name}]({address})", flow=run)

    def advance(self, step: str, done: int, total: int, note: str) -> None:
        """How far a step is, at most once a second; the last one always."""
        now = time.monotonic()
        if done < total and now - self._updated.get(step, -_BETWEEN_UPDATES) < _BETWEEN_UPDATES:
            return
        self._updated[step] = now
        percent = 100.0 * min(done, total) / max(total, 1)
        known = self._progress.get(step)
        if known is None:
            created = self._create(f"{step} progress", "progress", percent, note)
            self._progress.update({step: created} if created else {})
        else:
            self._attempt(lambda: self._client.update_artifact(known, ArtifactUpdate(data=percent, description=note)))

    def _create(
        self, name: str, kind: str, data: str | float, note: str | None = None, flow: UUID | None = None
    ) -> UUID | None:
        task = task_run.get_id()
        wanted = ArtifactCreate(
            key=re.sub("[^a-z0-9]+", "-", f"{self._pipeline} {name}".lower()).strip("-"),
            type=kind,
            data=data,
            description=note,
            flow_run_id=flow or UUID(flow_run.get_id()),
            task_run_id=UUID(task) if task else None,
        )
        created: list[UUID] = []
        self._attempt(lambda: created.append(self._client.create_artifact(wanted).id))
        return created[0] if created else None

    def _attempt(self, request: Callable[[], None]) -> None:
        if self._lost:
            return
        try:
            request()
        except httpx.HTTPError as error:
            self._lost = True
            self._say(f"Prefect takes no more artifacts of this run ({error}); the run goes on")


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")
