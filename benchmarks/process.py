"""The driver's end of the pipe: a contestant in a process and an environment of its own."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENTS = Path(os.environ.get("RNN_BENCH_ENVIRONMENTS", ROOT / ".bench" / "environments"))


class Failed(Exception):
    """A contestant that cannot run here, with the reason."""


@dataclass(frozen=True)
class Contestant:
    """Who is measured: the module of `benchmarks.workers`, the environment that it runs in, and its options."""

    name: str
    environment: str
    worker: str
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def python(self) -> Path:
        """The interpreter of its environment; `rnnlib` is the one that the driver runs in."""
        own = Path(os.environ.get("RNN_BENCH_PYTHON", ROOT / ".venv" / "bin" / "python"))
        return own if self.environment == "rnnlib" else ENVIRONMENTS / self.environment / "bin" / "python"


class Running:
    """A started contestant; it idles on its pipe between requests."""

    def __init__(self, contestant: Contestant, threads: int, common: Mapping[str, Any]) -> None:
        """Raises `Failed` where it has no environment or does not start."""
        self.contestant = contestant
        failed = ENVIRONMENTS / f"{contestant.environment}.failed"
        if failed.exists():
            raise Failed(f"could not be installed: {failed.read_text().strip()}")
        if not contestant.python.exists():
            raise Failed("its environment is not installed")
        options = {**common, **contestant.options, "threads": threads}
        command = [str(contestant.python), "-m", "benchmarks.workers", contestant.worker, json.dumps(options)]
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **_threads(threads), **contestant.options.get("environment", {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None if os.environ.get("RNN_BENCH_LOUD") else subprocess.DEVNULL,
            text=True,
        )
        self.at_start = self._answer()

    def ask(self, what: str, amount: int) -> dict[str, Any]:
        """One request; raises `Failed` with the contestant's own words where it cannot be answered."""
        assert self._process.stdin is not None, "opened as a pipe"
        try:
            self._process.stdin.write(json.dumps({"do": what, "amount": amount}) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError as error:
            raise Failed("its process ended") from error
        return self._answer()

    def close(self) -> None:
        """Ends the process by closing its pipe."""
        assert self._process.stdin is not None, "opened as a pipe"
        self._process.stdin.close()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None, "opened as a pipe"
        line = self._process.stdout.readline()
        if not line:
            raise Failed(f"its process ended with {self._process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise Failed(answer["error"])
        return answer


def _threads(threads: int) -> dict[str, str]:
    """The same number of threads for every library."""
    return {
        "OMP_NUM_THREADS": str(threads),
        "MKL_NUM_THREADS": str(threads),
        "OPENBLAS_NUM_THREADS": str(threads),
        "TF_NUM_INTRAOP_THREADS": str(threads),
        "TF_NUM_INTEROP_THREADS": "1",
        "XLA_FLAGS": f"--xla_cpu_multi_thread_eigen={'true' if threads > 1 else 'false'}",
        "JAX_PLATFORMS": "cpu",
        "CUDA_VISIBLE_DEVICES": "",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
