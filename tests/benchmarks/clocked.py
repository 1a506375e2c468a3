"""Clocks one command: `python -m tests.benchmarks.clocked COMMAND…` prints its seconds, peak MB and last line.

It stands between the harness and a contender because Linux counts as a new process's peak what its parent held when it
was started, and the harness that compares large outputs holds a lot.

Memory is that of the process and of all that it started, added up: of pages that several share, each counts its part
(the proportional set size of proc_pid_smaps(5)). It is looked at every 20 ms.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import psutil

_PAUSE_S = 0.02


class Peak(threading.Thread):
    """Watches the memory of a process and of its descendants until it has ended."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._process = psutil.Process(pid)
        self.mb = 0.0

    def run(self) -> None:
        """Look, and look again, until there is nothing to see."""
        with suppress(psutil.NoSuchProcess):
            while (now := sum(map(held_mb, [self._process, *self._process.children(recursive=True)]))) > 0:
                self.mb = max(self.mb, now)
                time.sleep(_PAUSE_S)


def held_mb(process: psutil.Process) -> float:
    """The proportional set size of a process; 0 for one that has ended."""
    with suppress(OSError):
        for line in Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0


def main() -> None:
    """Run the command and report; ends with its exit status."""
    began = time.perf_counter()
    process = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, text=True)
    peak = Peak(process.pid)
    peak.start()
    assert process.stdout is not None
    printed = process.stdout.read()
    status = process.wait()
    seconds = time.perf_counter() - began
    peak.join()
    if status == 0:
        said = json.loads(printed.strip().splitlines()[-1])
        print(json.dumps({"s": seconds, "peak_mb": peak.mb, "said": said}))
    sys.exit(status)


if __name__ == "__main__":
    main()
