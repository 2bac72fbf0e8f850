"""`python -m benchmarks.prepare [FILE …]`: files that benchmarks/specs read and no source reads as they came."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from benchmarks import fsdd, m4
from benchmarks.process import ROOT

DATA = Path(os.environ.get("RNN_BENCH_DATA", ROOT.parent / "shared" / "data"))
PREPARED = Path(os.environ.get("RNN_BENCH_PREPARED", ROOT / ".bench" / "prepared"))

MAKERS: Mapping[str, Callable[[Path], None]] = {
    "m4-hourly.parquet": lambda at: m4.frame(DATA).write_parquet(at),
    "fsdd": partial(fsdd.write, DATA),
}
"""What makes each file, or folder of files. A spec's own data is one function and one line here."""


def prepared(names: Sequence[str]) -> Path:
    """The folder of the prepared files, those of `names` in it; a file that is there already is left as it is."""
    PREPARED.mkdir(parents=True, exist_ok=True)
    for name in names:
        if not (PREPARED / name).exists():
            unfinished = PREPARED / f".{name}.partial"
            if unfinished.is_dir():
                shutil.rmtree(unfinished)  # a folder that an earlier run did not complete
            MAKERS[name](unfinished)
            unfinished.replace(PREPARED / name)
    return PREPARED


def named_in(spec: Path) -> list[str]:
    """The files among these that a spec reads."""
    text = spec.read_text()
    return [name for name in MAKERS if f"/{name}" in text]


if __name__ == "__main__":
    print(prepared(sys.argv[1:] or list(MAKERS)))
