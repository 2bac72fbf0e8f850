"""A pipeline run in a process of its own, which the tests end in every way there is.

Usage: one_run.py HOME KEY EPOCHS MODE; prints its run id, then a line per epoch.
"""

import os
import signal
import sys
import time
from pathlib import Path

from tasks.tracking import tracked

# under `nohup` a process inherits that a closed terminal is ignored, and rightly lives on; here it is to end
signal.signal(signal.SIGHUP, signal.SIG_DFL)
home, key, epochs, mode = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]
with tracked(home, "load", key, key) as run:
    print(run.run_id, flush=True)
    for epoch in range(epochs):
        run.metrics(epoch, {"loss": 1 / (epoch + 1)})
        if mode == "unbuffered":
            run.flush()
        print(epoch, flush=True)
        time.sleep(0.02)
    if mode == "raise":
        raise ValueError("in the middle")
    if mode == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if mode == "wait":
        time.sleep(60)
