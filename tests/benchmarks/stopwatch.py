"""Time and memory of a part of a process, for contenders whose loading of data does not count."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def stopwatch() -> Iterator[dict[str, float]]:
    """Clock the block: `s`, and `above_mb`, its peak above what was held when it began (Linux; else 0)."""
    told: dict[str, float] = {}
    _reset_peak()
    held, began = _memory_mb("VmRSS"), time.perf_counter()
    yield told
    told["s"] = time.perf_counter() - began
    told["above_mb"] = max(_memory_mb("VmHWM") - held, 0.0)


def _reset_peak() -> None:
    """Let the kernel forget the peak so far (proc(5), clear_refs)."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _memory_mb(name: str) -> float:
    try:
        found = re.search(rf"{name}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    except OSError:
        return 0.0
    return int(found[1]) / 1024 if found else 0.0
