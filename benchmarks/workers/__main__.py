"""`python -m benchmarks.workers <module> <options as JSON>`: pinned before any library counts its processors."""

import importlib
import json
import sys

from benchmarks.serving import pin, serve

if __name__ == "__main__":
    options = json.loads(sys.argv[2])
    pin(options["threads"])
    serve(importlib.import_module(f"benchmarks.workers.{sys.argv[1]}").start, options)
