"""Work that is killed at one of its steps, in a fork of this process, which has imported all and started nothing.

A step is each call that opens, makes, renames or removes a file below the home, as Python's audit events tell them.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryFile

#: Each step takes two runs, which is too long to try all of them each time: five days in a row do.
STRIDE = 5
FIRST = datetime.now(UTC).toordinal() % STRIDE
_STEPS = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "shutil.rmtree", "sqlite3.connect"}


def in_fork(work: Callable[[], None]) -> bool:
    """Do `work` in a fork; tell whether it was killed. An exception there ends everything."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:  # noqa: BLE001  (a fork must not go on as its parent would)
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def import_what_is_imported_by(work: Callable[[], object]) -> None:
    """Import what `work` imports while it runs, found in a fork: each would spend most of its time on that."""
    with TemporaryFile("w+") as names:

        def tell() -> None:
            work()
            names.write("\n".join(sys.modules))
            names.flush()

        assert not in_fork(tell)
        names.seek(0)
        for name in names.read().split():
            if name not in sys.modules and find_spec(name):
                import_module(name)


def die_at(home: Path, number: int) -> None:
    """Kill this process at its next step `number`, counted from 0."""
    left = number

    def kill_at_last(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if event in _STEPS and str(home) in str(arguments[0]):
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1

    sys.addaudithook(kill_at_last)
