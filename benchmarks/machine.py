"""The machine that a table was made on, in words."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Mapping
from pathlib import Path

ISA = ("avx2", "avx512f", "avx512_bf16", "avx512_fp16", "amx_bf16", "amx_tile")
CACHES = Path("/sys/devices/system/cpu/cpu0/cache")


def machine() -> dict[str, str]:
    """Model, cores, memory, caches, instruction sets and the load of the last minute before anything was measured."""
    info = _fields(Path("/proc/cpuinfo"))
    flags = set(info.get("flags", "").split())
    return {
        "processor": info.get("model name", platform.processor() or "unknown"),
        "family, model, stepping": ", ".join(info.get(name, "?") for name in ("cpu family", "model", "stepping")),
        "processors": str(len(os.sched_getaffinity(0))),
        "caches": ", ".join(_caches()),
        "vectors": ", ".join(name for name in ISA if name in flags) or "unknown",
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "system": f"Linux {platform.release()}, Python {platform.python_version()}",
        "load before": f"{os.getloadavg()[0]:.2f}",
    }


def facts(rows: Mapping[str, str]) -> str:
    """The machine as a list."""
    return "\n".join(f"- {name}: {value}" for name, value in rows.items())


def _fields(file: Path) -> dict[str, str]:
    """The first block of a file of `name : value` lines."""
    block = file.read_text().split("\n\n")[0] if file.exists() else ""
    return {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in block.splitlines())}


def _caches() -> list[str]:
    found = []
    for folder in sorted(CACHES.glob("index*")):
        level, kind, size = ((folder / name).read_text().strip() for name in ("level", "type", "size"))
        if not re.fullmatch("Instruction", kind):
            found.append(f"L{level} {size}")
    return found
