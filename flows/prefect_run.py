"""One chain as one flow run, and its steps as task runs.

Nothing that a step raises passes through Prefect, which would write its text down: only our own messages are known to
be free of resolved secrets. The states that Prefect is given are made here, and the error goes to the caller.
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from prefect import Flow, Task, tags
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.logging import get_run_logger
from prefect.runtime import flow_run
from prefect.states import Cancelled, Completed, Failed

from flows.chain import Step
from flows.check import Checked
from flows.execute import Call, execute
from flows.ledger import Entry
from flows.prefect_artifacts import Artifacts
from flows.signals import Interrupted, interruptible
from rnnlib.errors import Refused
from tasks.store import Stored

_RETRY_AFTER = (1.0, 5.0, 20.0)
"""Seconds before the first, second, third and any further retry."""


class FlowRun:
    """A chain that is carried out once; `error` is what ended it early."""

    def __init__(self, entry: Entry, artifacts: Artifacts, call: Call) -> None:
        self._entry, self._call = entry, call
        self.artifacts = artifacts
        self.name = ""
        self.id: UUID | None = None
        self.states: dict[str, State[Any]] = {}
        self.error: BaseException | None = None
        self.found = False
        """Whether the step that was just performed was found in the store."""

    def carry_out(self, checked: Checked) -> None:
        """Runs the flow to one of its ends; `error` is then set where it was no good one."""
        self.name = checked.spec.name

        def pipeline(spec: dict[str, Any]) -> State[Any]:  # noqa: ARG001 - what Prefect keeps as the run's parameter
            self.id = UUID(flow_run.get_id())
            self._entry.note({"flow_run": str(self.id)})
            with interruptible():  # Prefect has put its own handler in place of ours
                return self._chain(checked)

        flow = Flow(pipeline, name=self.name, flow_run_name=self.name, validate_parameters=False, persist_result=False)
        labels = [f"{name}:{value}" for name, value in checked.spec.track.tags.items()]
        with tags("rnn", self._entry.tag, *labels):
            flow(checked.spec.model_dump(mode="json", by_alias=True), return_state=True)

    def _chain(self, checked: Checked) -> State[Any]:
        try:
            execute(checked.chain, self._step)
        except (Interrupted, Exception) as error:
            self.error = error
            return _state_of(error)
        kept = sum(state.name == "Cached" for state in self.states.values())
        return Completed(message=f"{len(self.states)} steps: {len(self.states) - kept} executed, {kept} kept")

    def _step(self, step: Step, inputs: Mapping[str, Stored]) -> Stored:
        results: list[Stored] = []
        errors: list[BaseException] = []

        def body() -> State[Any]:
            errors.clear()
            try:
                results.append(self._call(step, inputs))
            except (Interrupted, Exception) as error:
                errors.append(error)
                get_run_logger().error("%s, raised at\n%s", type(error).__name__, _where(error))
                return _state_of(error)
            name = "Cached" if self.found else "Completed"
            return Completed(name=name, message=str(results[0].path), data=results[0])

        retries = step.section.retries
        task = Task(
            body,
            name=step.section.task,
            task_run_name=step.name,
            retries=retries,
            retry_delay_seconds=[*_RETRY_AFTER, *_RETRY_AFTER[-1:] * retries][:retries],
            retry_condition_fn=lambda *_run: not isinstance(errors[0], Refused),
            cache_policy=NO_CACHE,
            persist_result=False,
        )
        before = [self.states[source] for source in dict.fromkeys(step.inputs.values())]
        self.states[step.name] = task(wait_for=before, return_state=True)
        if errors:
            raise errors[0]
        return results[0]


def _state_of(error: BaseException) -> State[Any]:
    if isinstance(error, Interrupted):
        return Cancelled(message=f"{error}; the same command goes on where this run stopped")
    if isinstance(error, Refused):
        return Failed(message=str(error))
    return Failed(message=f"{type(error).__name__}; its text is in the run's report")


def _where(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return "\n".join(f"{frame.filename}:{frame.lineno} in {frame.name}" for frame in frames)
