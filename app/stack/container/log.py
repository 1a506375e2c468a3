"""Where a service's lines go: to standard output, which `docker compose logs` shows, and to rotated files."""

from __future__ import annotations

import logging
import sys
from logging.handlers import RotatingFileHandler
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path
    from typing import IO

_MOST_BYTES: Final = 10 * 2**20
_KEPT: Final = 5


class ServiceLog:
    """The log of one container. A file that cannot be written is no reason to stop a service: it goes without."""

    def __init__(self, file: Path | None) -> None:
        logging.raiseExceptions = False  # a full disk must not fill the other log with tracebacks
        self._log = logging.getLogger("tranquera.container")
        self._log.propagate = False
        self._log.setLevel(logging.INFO)
        self._log.addHandler(logging.StreamHandler(sys.stdout))
        if file is None:
            return
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._log.addHandler(RotatingFileHandler(file, "a", _MOST_BYTES, _KEPT, encoding="utf-8"))
        except OSError as error:
            self.say(f"No log file in {file.parent}: {error.strerror}. The lines stand in `docker compose logs` only.")

    def say(self, line: str) -> None:
        """Write a line."""
        self._log.info("%s", line)

    def copy(self, output: IO[bytes]) -> None:
        """Write all lines of a process until it closes its output."""
        for line in output:
            self.say(line.decode(errors="replace").rstrip())
