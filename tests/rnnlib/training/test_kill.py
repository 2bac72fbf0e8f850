"""kill -9 at any moment, then the same call again: the same bits as a run that was never killed."""

import json
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rnnlib.training.killed import HALF
from tests.rnnlib.training.toys import EVERY_KIND

pytestmark = pytest.mark.xdist_group("killed")  # one process makes the runs that all of these look at

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def ends(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, dict[str, object]]]:
    waits = [str(random.uniform(0.02, 0.4)) for _ in range(3)]  # each run another one: the result must not depend on it
    command = [sys.executable, "-m", "tests.rnnlib.training.killed", str(tmp_path_factory.mktemp("killed")), *waits]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)  # type: ignore[no-any-return]


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_a_killed_run_ends_with_the_weights_optimizer_and_history_of_a_whole_one(
    ends: dict[str, dict[str, dict[str, object]]], kind: str
) -> None:
    assert len(ended_as_whole(ends, kind)) == 7


@pytest.mark.parametrize("precision", HALF)
@pytest.mark.parametrize("kind", EVERY_KIND)
def test_in_16_bits_with_an_average_a_schedule_and_accumulation_too(
    ends: dict[str, dict[str, dict[str, object]]], kind: str, precision: str
) -> None:
    assert len(ended_as_whole(ends, f"{kind} in {precision}")) == 2


def ended_as_whole(ends: dict[str, dict[str, dict[str, object]]], kind: str) -> list[str]:
    """The points at which runs were killed; each has ended with the same bits as the one that never was."""
    points = {name: run for name, run in ends[kind].items() if "again" in run}
    for point, run in points.items():
        assert run["again"] == 0, point
        assert run["ended"] == ends[kind]["whole"], point
    return list(points)


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_the_kills_struck_and_the_work_done_before_was_kept(
    ends: dict[str, dict[str, dict[str, object]]], kind: str
) -> None:
    points = {name: run for name, run in ends[kind].items() if "struck" in run}
    assert all(run["struck"] == -signal.SIGKILL for run in points.values())
    assert points["middle of a long epoch"]["resumed from"], "a long epoch keeps what was done within it"
    assert points["a later epoch"]["resumed from"]
