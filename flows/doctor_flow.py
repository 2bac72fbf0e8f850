"""What the doctor puts on a schedule: `python -m flows.doctor_flow OWNER` serves it every two seconds."""

from __future__ import annotations

import sys

from prefect import flow

from flows.follow import follow


@flow(name="rnn-doctor")
def tick() -> str:
    """Nothing but a run that completed."""
    return "tick"


if __name__ == "__main__":
    follow(int(sys.argv[1]))
    tick.serve(name="rnn-doctor", interval=2, limit=1, pause_on_shutdown=False)
