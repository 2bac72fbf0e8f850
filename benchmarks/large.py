"""`python -m benchmarks.large`: fifty million rows through a whole run, its time and its memory.

Writes a parquet file in pieces, runs a spec of load, split, normalize, window and one epoch of a simple RNN in a
process of its own, and tells how long each step took and the most memory that the process ever had.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq

PIECE = 1_000_000
CONTEXT, HORIZON = 100, 10
GOAL_MINUTES, GOAL_GIB = 20, 6


def main() -> None:
    """Makes the file, runs the spec, tells what it took."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, default=50_000_000)
    asked.add_argument("--series", type=int, default=1)
    asked.add_argument("--folder", type=Path, help="where the file and the run are kept; thrown away otherwise")
    options = asked.parse_args()
    if options.folder is not None:
        options.folder.mkdir(parents=True, exist_ok=True)
        print(json.dumps(measured(options.folder, options.rows, options.series), indent=1))
        return
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measured(Path(folder), options.rows, options.series), indent=1))


def measured(folder: Path, rows: int, series: int) -> dict[str, Any]:
    """Seconds and peak memory (GiB, resident, the files that are mapped counted) of one run."""
    (folder / "pyproject.toml").touch()
    if not (folder / "large.parquet").exists():
        write(folder / "large.parquet", rows, series)
    (folder / "large.yaml").write_text(json.dumps(spec(rows // series, series)))
    command = [str(Path(sys.executable).with_name("rnn")), "run", "--inline", "large.yaml"]
    begin = time.perf_counter()
    process = psutil.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    told, most = [], 0.0
    assert process.stdout is not None
    for line in process.stdout:
        most = max(most, _peak(process))
        told.append((round(time.perf_counter() - begin, 1), round(most, 2), line.rstrip()))
        print(*told[-1], sep="  ", file=sys.stderr, flush=True)
    process.wait()
    usage = max(most, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20)
    seconds = time.perf_counter() - begin
    reached = seconds < 60 * GOAL_MINUTES and usage < GOAL_GIB and process.returncode == 0
    return {"rows": rows, "series": series, "seconds": round(seconds, 1), "GiB": round(usage, 2), "reached": reached}


def spec(length: int, series: int) -> dict[str, Any]:
    """Windows that do not overlap, one epoch, 32 simple units."""
    held = length // 50
    roles = {"target": ["value"], **({"series": "name"} if series > 1 else {})}
    return {
        "version": 1,
        "name": "large",
        "seed": 1,
        "steps": {
            "load": {"source": {"kind": "parquet", "path": "large.parquet"}, "roles": roles},
            "split": {"by": "time", "validation": held, "test": held},
            "normalize": {"target": {"kind": "standard"}},
            "window": {"context": CONTEXT, "horizon": HORIZON, "stride": CONTEXT},
            "train": {
                "model": {"kind": "forecaster", "layers": [{"kind": "rnn", "units": 32}]},
                "epochs": 1,
                "batch": 256,
            },
            "evaluate": {"metrics": ["mae"], "parts": ["test"]},
        },
    }


def write(file: Path, rows: int, series: int) -> None:
    """A wave with noise, piece by piece: what is written is never in memory as a whole."""
    draw, length = np.random.default_rng(1), rows // series
    schema = pa.schema([("name", pa.string()), ("value", pa.float32())])
    with pq.ParquetWriter(file, schema) as writer:
        for first in range(0, rows, PIECE):
            at = np.arange(first, min(first + PIECE, rows))
            value = (np.sin(at / 50) + 0.3 * draw.standard_normal(len(at))).astype(np.float32)
            names = pa.array([f"s{number:04d}" for number in range(series)]).take(pa.array(at // length))
            writer.write_table(pa.table({"name": names, "value": value}, schema=schema))


def _peak(process: psutil.Popen) -> float:
    try:
        text = Path(f"/proc/{process.pid}/status").read_text()
    except FileNotFoundError:
        return 0.0
    found = [line for line in text.splitlines() if line.startswith("VmHWM")]
    return int(found[0].split()[1]) / 2**20 if found else 0.0


if __name__ == "__main__":
    main()
