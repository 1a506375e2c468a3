"""Who serves a map: our dashboard, or a page as the peers' documentation shows it. Each start is a process of its own.

Everything passes a relay, which counts: what a browser's workers fetch is told by no page.
"""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.benchmarks.harness import OURS
from tests.dashboard import running_dashboard
from tests.relay import Relay

PYDECK, FOLIUM = "pydeck", "folium"
#: What Streamlit runs for each contender.
_SCRIPTS = {OURS: "app/server.py"} | {name: f"tests/benchmarks/map_pages/{name}_page.py" for name in (PYDECK, FOLIUM)}
#: The server is quiet when it takes less of a processor than this in so many looks, one after the other.
_QUIET_PERCENT, _QUIET_LOOKS, _LOOK_S = 5, 4, 0.5
_PATIENCE_S = 300
_ASKED = re.compile(rb"^GET (\S+) HTTP/1\.1\r\n", re.MULTILINE)
_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)


class Wire:
    """What passed between browser and server since somebody last forgot it.

    asked: the addresses that were asked for, in order
    """

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._bytes: Counter[str] = Counter()
        #: What each connection was last asked for: what passes until the next request belongs to that.
        self._last: dict[int, str] = {}
        self._lock = threading.Lock()

    def forget(self) -> None:
        """Begin anew."""
        with self._lock:
            self.asked = []
            self._bytes.clear()

    def hear(self, connection: int, to_server: bool, piece: bytes) -> None:
        """Count a piece; of those to the server also note what is asked for."""
        asked = [each.decode() for each in _ASKED.findall(piece)] if to_server else []
        with self._lock:
            if asked:
                self.asked += asked
                self._last[connection] = asked[-1]
            self._bytes[self._last.get(connection, "")] += len(piece)

    def mb(self, prefix: str = "") -> float:
        """Tell the megabytes, both ways, of all addresses that begin so."""
        with self._lock:
            return sum(count for address, count in self._bytes.items() if address.startswith(prefix)) / 1e6


@dataclass(frozen=True)
class Server:
    """A running server as browsers reach it."""

    url: str
    wire: Wire
    pid: int

    def peak_mb(self) -> float:
        """Tell the most memory that it held at any moment, as Linux counts it: it and what it started, added up."""
        process = psutil.Process(self.pid)
        return sum(map(_peak_mb, (process, *process.children(recursive=True))))

    def settle(self) -> None:
        """Wait until the server has nothing left to prepare: for a while it hardly asks for the processor."""
        process, quiet = psutil.Process(self.pid), 0
        deadline = time.monotonic() + _PATIENCE_S
        while quiet < _QUIET_LOOKS:
            assert time.monotonic() < deadline, f"the server still works after {_PATIENCE_S} s"
            quiet = quiet + 1 if process.cpu_percent(_LOOK_S) < _QUIET_PERCENT else 0


@contextmanager
def running(contender: str, home: Path) -> Iterator[Server]:
    """Run a contender's server for a home; it answers when the block begins."""
    wire = Wire()
    with (
        running_dashboard(home, script=_SCRIPTS[contender]) as dashboard,
        Relay(dashboard.port, ear=wire.hear) as relay,
    ):
        yield Server(f"http://127.0.0.1:{relay.port}", wire, dashboard.pid)


def _peak_mb(process: psutil.Process) -> float:
    with suppress(psutil.NoSuchProcess, FileNotFoundError):
        told = _PEAK.search(Path(f"/proc/{process.pid}/status").read_text())
        return int(told[1]) / 1024 if told else 0.0
    return 0.0
