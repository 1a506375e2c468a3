"""What the stack keeps in a home: its lock, its state, its logs."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import psutil
from filelock import FileLock, Timeout

from modules.errors import StackError, StorageError
from modules.i18n import N_

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class PartState:
    """A running part: enough to tell its process from another that got the same pid later."""

    name: str
    pid: int
    created: float  # seconds since the epoch, as the operating system says

    def process(self) -> psutil.Process | None:
        """Find the process; None when it is gone, or has ended and nobody has asked how."""
        try:
            process = psutil.Process(self.pid)
            # A clock that is corrected meanwhile moves this by less than a second or two.
            is_it = abs(process.create_time() - self.created) < 3
            return process if is_it and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.Error:
            return None


@dataclass(frozen=True, slots=True)
class StackState:
    """What `status`, `down` and the other commands need to know of a running stack."""

    pid: int
    created: float
    dashboard: str
    prefect_api: str
    portal: str  # the configured portal or the simulator
    simulated: bool
    ready: bool = False
    parts: tuple[PartState, ...] = field(default=())

    def process(self) -> psutil.Process | None:
        """Find the process of `up`; None when it is gone."""
        return PartState("up", self.pid, self.created).process()


class StackHome:
    """The stack's files in one home. `data/` and `logs/` are made when first needed."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.data = home / "data"
        self.logs = home / "logs"
        self._state_file = self.data / "stack.json"
        self._lock = FileLock(self.data / "stack.lock")

    def claim(self) -> None:
        """Take the lock of this home; raises StackError with the address when a stack runs here already."""
        try:
            self.data.mkdir(parents=True, exist_ok=True)
            self.logs.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(
                N_("The folder {home} cannot be used: {why}. Nothing was started. Choose another with --home."),
                home=self.home,
                why=error.strerror or type(error).__name__,
            ) from None
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            state = self.read()
            raise StackError(
                N_("Tranquera is already running in this folder: {address}. To stop it: tranquera down."),
                address=state.dashboard if state else "?",
            ) from None

    def release(self) -> None:
        """Forget the state and give the lock back."""
        self._state_file.unlink(missing_ok=True)
        self._lock.release()

    def write(self, state: StackState) -> None:
        """Publish the state at once: a reader sees the old or the new one, never half."""
        temporary = self._state_file.with_suffix(".tmp")
        temporary.write_text(json.dumps(asdict(state), indent=1), encoding="utf-8")
        temporary.replace(self._state_file)

    def read(self) -> StackState | None:
        """Read the state, whether its stack still runs or not; None when there is none."""
        try:
            raw: dict[str, Any] = json.loads(self._state_file.read_text(encoding="utf-8"))
            parts = tuple(PartState(**part) for part in raw.pop("parts"))
            return StackState(**raw, parts=parts)
        # OSError: none, or the home is no folder; ValueError: no JSON or no text; the rest: of another version.
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def running(self) -> StackState | None:
        """Read the state of a stack that runs now."""
        state = self.read()
        return state if state and state.process() else None

    def require_running(self) -> StackState:
        """Like `running`; raises StackError when nothing runs here."""
        state = self.running()
        if state is None:
            raise StackError(N_("Tranquera is not running in {home}. Start it with: tranquera up."), home=self.home)
        return state
