"""A chain as a Prefect flow: the validated spec is its parameter, every step a task called in the main thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from prefect import Flow, tags
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run

from flows.chain import Chain, Step
from flows.execute import Call, Context, Done, execute, perform
from flows.prefect_artifacts import Artifacts
from flows.server import EmbeddedServer
from flows.signals import interruptible
from flows.spec import Spec
from tasks.base import Stored

Perform = Callable[[Step, Mapping[str, Stored], Context], Done]
Result = TypeVar("Result")

_RETRY_AFTER = (1.0, 5.0, 20.0)
_RECORDED_WITHIN = 10.0


@dataclass
class _Ended(Generic[Result]):
    """What came of a flow's body: Prefect is told the state, the caller gets the value or the error itself."""

    value: list[Result] = field(default_factory=list)
    error: BaseException | None = None


def run_with_prefect(
    spec: Spec,
    chain: Chain,
    context: Context,
    server: EmbeddedServer,
    *,
    perform: Perform = perform,
    started: Callable[[str], None] = lambda _flow_run: None,
    links: Callable[[], Mapping[str, str]] = dict,
) -> dict[str, Stored]:
    """Runs a chain as a flow, and gives every step's handle; see `in_flow`."""

    def all_steps(call: Call) -> dict[str, Stored]:
        return {done.name: done.stored for done in execute(chain, call)}

    return in_flow(spec, context, server, all_steps, perform=perform, started=started, links=links)


def in_flow(
    spec: Spec,
    context: Context,
    server: EmbeddedServer,
    body: Callable[[Call], Result],
    *,
    perform: Perform = perform,
    started: Callable[[str], None] = lambda _flow_run: None,
    links: Callable[[], Mapping[str, str]] = dict,
) -> Result:
    """Runs `body` inside a flow run named after the spec; the call it is given performs a step as a Prefect task.

    `started` is told the flow run's id; `links` is asked at the end, whatever the end, for links to keep with the run.
    What `body` raises comes out of here unchanged: the flow run is then Failed, or Cancelled where it was a signal.
    """
    ended: _Ended[Result] = _Ended()

    def pipeline(spec: dict[str, object]) -> State[None]:  # noqa: ARG001  - the parameter that Prefect shows
        started(str(flow_run.get_id()))
        with interruptible():
            return _state_of(ended, lambda: body(steps.call))

    with _settings(server), get_client(sync_client=True) as client:
        artifacts = Artifacts(client, spec.name, lambda line: context.progress.say(spec.name, line))
        steps = _Steps(context, perform, artifacts)
        flow = Flow(pipeline, name=spec.name, flow_run_name=spec.name, validate_parameters=False, persist_result=False)
        with tags("rnn", *(f"{name}:{value}" for name, value in spec.track.tags.items())):
            flow(spec.model_dump(mode="json", by_alias=True), return_state=True)
        ...
