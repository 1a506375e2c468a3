"""A flow for tests that stop runs: it says where its process is and takes as long as it is told."""

import os
import time
from pathlib import Path

from prefect import flow


@flow(name="slow")
def slow(seconds: float, pid_file: str = "") -> None:
    """Take `seconds`; write the pid of this process to `pid_file` first."""
    if pid_file:
        Path(pid_file).write_text(str(os.getpid()))
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        time.sleep(0.1)
