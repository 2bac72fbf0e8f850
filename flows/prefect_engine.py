"""A chain as a Prefect flow: the validated spec is its parameter, every step a task called in the main thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

import httpx
import psutil
from prefect.client.orchestration import get_client
from prefect.exceptions import MissingContextError
from prefect.logging import get_run_logger

from flows.check import Checked
from flows.execute import Call, Context, Done, Progress
from flows.ledger import entered
from flows.prefect_artifacts import Artifacts
from flows.prefect_run import FlowRun
from flows.prefect_session import recorded, sent, session
from flows.server import EmbeddedServer, ServerFailed


class PrefectEngine:
    """Carries a chain out as a flow run that is named after its spec.

    Its `progress` and `done` are to be handed to the run: they tell Prefect what they are told, and pass it on.
    """

    def __init__(
        self,
        server: EmbeddedServer,
        progress: Progress | None = None,
        done: Callable[[Done], None] = lambda _done: None,
    ) -> None:
        self._server, self._shown, self._done = server, progress or Progress(), done
        self._run: FlowRun | None = None
        self.progress = Progress(self._advance, self._say)

    @property
    def flow_run(self) -> UUID | None:
        """The id of the flow run, as soon as there is one."""
        return self._run.id if self._run is not None else None

    def __call__(self, checked: Checked, context: Context, call: Call) -> None:
        """Runs the chain. What a step raises comes out unchanged; the flow run is then Failed, or Cancelled where it
        was a signal. Raises `ServerFailed` where there is no server, or it goes away."""
        self._server.ready()
        name = checked.spec.name
        with (
            session(self._server),
            get_client(sync_client=True) as client,
            entered(context.store.home, name) as entry,
        ):
            entry.note({"url": None if self._server.owned else self._server.url})
            if self._server.pid is not None:
                born = psutil.Process(self._server.pid).create_time()
                entry.note({"server": self._server.pid, "server_started": born})
            self._run = run = FlowRun(entry, Artifacts(client, name, self._tell), call)
            try:
                run.carry_out(checked)
                sent()
                if self._server.owned and run.id is not None:
                    recorded(client, run.id, run.states, self._tell)
                entry.ended = True
            except httpx.TransportError as error:
                went = f"the Prefect server went away during the run ({error})"
                raise ServerFailed(f"{went}; finished steps are kept: run it again, or with `--inline`") from error
        if run.error is not None:
            raise run.error

    def done(self, done: Done) -> None:
        """Keeps the facts of a finished step with its task run."""
        if self._run is not None:
            self._run.found = not done.executed
            self._run.artifacts.facts(done)
        self._done(done)

    def link(self, links: Mapping[str, str]) -> None:
        """Keeps links with the flow run that has ended: its report, its run in MLflow. The server must still be up."""
        if self._run is not None and self._run.id is not None:
            with session(self._server), get_client(sync_client=True) as client:
                Artifacts(client, self._run.name, self._tell).links(links, self._run.id)

    def _advance(self, step: str, done: int, total: int, note: str) -> None:
        self._shown.advance(step, done, total, note)
        if self._run is not None:
            self._run.artifacts.advance(step, done, total, note)

    def _say(self, step: str, line: str) -> None:
        self._shown.say(step, line)
        try:
            get_run_logger().info(line)
        except MissingContextError:
            return  # said before the flow began, or after it ended: the person has read it

    def _tell(self, line: str) -> None:
        self._shown.say("prefect", line)
