"""The backup that a home without any gets as soon as its stack is ready, so that nobody meets empty pages."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from app.stack.home import StackHome
from app.stack.process import ChildProcess
from modules.environments import Environment
from modules.i18n import gettext as _
from modules.i18n import language, use_language
from modules.settings import PROJECT
from modules.storage.roots import Folder, root_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from modules.i18n import Language
    from modules.settings import Settings

_POLL_S = 0.2


class FirstBackup:
    """Runs by a process of its own, which imports Prefect's client; the stack itself never needs it."""

    def __init__(self, settings: Settings, say: Callable[[str], None]) -> None:
        self._home = settings.home
        self._say = say
        self._process: ChildProcess | None = None
        self._stopped = threading.Event()

    def start(self) -> None:
        """Start it, unless the home holds a snapshot, and say how it ended when it has."""
        if _holds_snapshots(self._home):
            return
        self._say(_("This folder holds no backup yet: a first one runs now, in test."))
        command = [sys.executable, "-m", "app.cli", "backup", "--test", "--json", "--home", str(self._home)]
        log = StackHome(self._home).logs / "first-backup.log"
        self._process = ChildProcess(command, env=os.environ, cwd=PROJECT, log=log)
        threading.Thread(target=self._wait, args=[self._process, language()], daemon=True).start()

    def stop(self) -> None:
        """End its process if it still follows the backup: nothing of a stack stays behind."""
        self._stopped.set()
        if self._process is not None:
            self._process.stop(grace_s=1)

    def _wait(self, process: ChildProcess, code: Language) -> None:
        while process.exit_code() is None:
            time.sleep(_POLL_S)
        told = _object_in(process.lines())
        if told is None or self._stopped.is_set():
            return
        with use_language(code):
            if told["state"] == "Completed":
                self._say(_("First backup: done, {fields} fields.", fields=told["counts"]["lotes"]))
            elif told.get("error"):
                self._say(_("First backup: {error}", error=told["error"]))


def _holds_snapshots(home: Path) -> bool:
    folders = (root_of(home, environment) / Folder.SNAPSHOTS for environment in Environment)
    return any(next(folder.glob("*/*/manifest.json"), None) is not None for folder in folders)


def _object_in(lines: Iterable[str]) -> dict[str, Any] | None:
    """Find the JSON object among what the command said."""
    for line in lines:
        try:
            told = json.loads(line)
        except json.JSONDecodeError:
            continue
        if isinstance(told, dict):
            return told
    return None
