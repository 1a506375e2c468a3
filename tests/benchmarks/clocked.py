"""Clocks one command: `python -m tests.benchmarks.clocked COMMAND…` prints its seconds, peak MB and last line.

It stands between the harness and a contender because Linux counts as a new process's peak what its parent held when it
was started, and the harness that compares large outputs holds a lot.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time


def main() -> None:
    """Run the command and report; ends with its exit status."""
    began = time.perf_counter()
    process = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    printed = process.stdout.read()
    _pid, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode == 0:
        said = json.loads(printed.strip().splitlines()[-1])
        print(json.dumps({"s": seconds, "peak_mb": usage.ru_maxrss / 1024, "said": said}))
    sys.exit(process.returncode)


if __name__ == "__main__":
    main()
