"""Clocks one command: `python -m tests.benchmarks.clocked COMMAND…` prints its seconds, peak MB and last line.

It stands between the harness and a contender because Linux counts as a new process's peak what its parent held when it
was started, and the harness that compares large outputs holds a lot.

Memory is what the process and all that it started hold resident, added up every 50 ms; a page that several share counts
for each of them. To ask for the exact part of each would stop them for as long as the kernel walks their pages, and to
look for new processes takes a walk through all there are, so that is done twice a second.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from contextlib import suppress

import psutil

_PAUSE_S = 0.05
_LOOKS_BETWEEN_CENSUSES = 10


class Peak(threading.Thread):
    """Watches the memory of a process and of its descendants until it has ended."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._process = psutil.Process(pid)
        self.mb = 0.0

    def run(self) -> None:
        """Look, and look again, until there is nothing to see."""
        with suppress(psutil.NoSuchProcess):
            while self._process.status() != psutil.STATUS_ZOMBIE:
                family = [self._process, *self._process.children(recursive=True)]
                for _look in range(_LOOKS_BETWEEN_CENSUSES):
                    self.mb = max(self.mb, sum(map(held_mb, family)))
                    time.sleep(_PAUSE_S)


def held_mb(process: psutil.Process) -> float:
    """The resident memory of a process; 0 for one that has ended."""
    with suppress(psutil.NoSuchProcess):
        return float(process.memory_info().rss) / 2**20
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
