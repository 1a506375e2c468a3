"""The fault table: what each fault does to a run that is under way on a composed stack, one line each.

    python -m tests.compose.faults FOLDER [NAME …]

FOLDER holds a stack that is up (its `.env` says the ports). Each line: the fault, how the run ended and how long after
the fault, how many of its log lines are there, what the pages said meanwhile and at the end, and whether the stack came
back by itself. All the while a schedule starts a run a minute; the last line counts these. What is not as it must be
stands below its line, and the exit status is 1 then.
"""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.services.health import Part, part_word
from modules.i18n import use_language
from tests.compose.each_minute import EachMinute
from tests.compose.full_disk import full_disk
from tests.compose.looking import Look, Looker, Strip, looker, word_of
from tests.compose.rehearsal import ENDED, Composed, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

#: How long a run goes, with a line of its log each second.
_SECONDS: Final = 40
#: A run must not say for longer than this, in seconds after the fault, that it is running when it is not.
_LONGEST_S: Final = 120
_HEALTHY_S: Final = 180
#: A turn of a run that was killed with all else is cleared away by a task of Prefect's. Where that was under way just
#: then, it is given to somebody again five minutes later.
_NEXT_RUN_S: Final = 400
#: Services that do something at each `up` and end.
_ONE_SHOTS: Final = {"folders", "deploy"}

_KILL = """
import os, pathlib, signal
for process in pathlib.Path("/proc").glob("[0-9]*"):
    words = (process / "cmdline").read_bytes().replace(b"\\0", b" ").decode()
    if "{what}" in words and "-c" not in words.split():
        os.kill(int(process.name), signal.SIGKILL)
"""


@dataclass(frozen=True, slots=True)
class Fault:
    """How it is brought about, how it is mended, and the seconds between; it lasts longer while pages are looked at.

    seconds: how long the run goes; turn_after: when it takes its turn; longest_s: how long after the fault it may end
    """

    strike: Callable[[Composed], object]
    mend: Callable[[Composed], object]
    lasts_s: float = 0.0
    seconds: int = _SECONDS
    turn_after: int = 0
    longest_s: float = _LONGEST_S


def _nothing(_stack: Composed) -> None:
    """Docker starts it again."""


def _kill_worker(stack: Composed) -> None:
    """The worker's process alone; the container goes on with its end and is started again."""
    stack.compose("exec", "-T", "prefect-worker", "python", "-c", _KILL.format(what="worker start"))


def _compose(*words: str) -> Callable[[Composed], object]:
    return lambda stack: stack.compose(*words)


def _up(service: str) -> Callable[[Composed], object]:
    return _compose("up", "-d", "--no-deps", service)


def _cut_off(stack: Composed) -> None:
    _docker("network", "disconnect", f"{stack.project}_default", _worker(stack))


def _connect_again(stack: Composed) -> None:
    _docker("network", "connect", "--alias", "prefect-worker", f"{stack.project}_default", _worker(stack))


def _worker(stack: Composed) -> str:
    return stack.compose("ps", "-q", "prefect-worker").split()[0]


def _docker(*words: str) -> None:
    subprocess.run(["docker", *words], check=True, capture_output=True)


#: A turn that nobody has is given back a minute and a half after that was first seen.
_TURN_S: Final = 200
_WITHOUT_REDIS: Final = _compose("stop", "redis"), _compose("start", "redis")
FAULTS: dict[str, Fault] = {
    "kill-worker": Fault(_kill_worker, _nothing),
    "stop-worker": Fault(_compose("stop", "prefect-worker"), _up("prefect-worker")),
    "kill-worker-and-flow": Fault(_compose("kill", "prefect-worker"), _up("prefect-worker")),
    "kill-server": Fault(_compose("kill", "prefect-server"), _up("prefect-server")),
    "stop-redis-24s": Fault(*_WITHOUT_REDIS, 24),
    "stop-redis-at-the-turn": Fault(*_WITHOUT_REDIS, 24, seconds=5, turn_after=12, longest_s=_TURN_S),
    "restart-postgres-14s": Fault(_compose("stop", "postgres"), _compose("start", "postgres"), 14),
    "cut-worker-60s": Fault(_cut_off, _connect_again, 60),
    "reboot": Fault(_compose("kill"), _compose("up", "-d", "--wait", "--pull", "never")),
}
_FULL_DISK: Final = "full-disk"
#: Brought about while a worker has taken the schedule's next run, which has not begun; seconds before its time at which
#: the run that is watched is started, seven before the fault.
_BEFORE_A_RUN: Final = {"kill-worker-and-flow", "reboot"}
_TAKEN_S: Final = 15
#: The part that the strip has to call not well while it lasts. A worker that is gone is told of after that.
_ON_THE_STRIP: Final = dict.fromkeys(
    ("kill-server", "stop-redis-24s", "stop-redis-at-the-turn", "restart-postgres-14s"), Part.SERVER
)
NAMES: Final = (*FAULTS, _FULL_DISK)


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of a fault. Seconds count from the moment it was brought about.

    known: what Prefect's server said of the run right before and after the page was looked at; None: nothing
    """

    name: str
    lasted_s: float
    known: tuple[str | None, str | None]
    meanwhile: Look
    strip: Strip
    state: str
    ended_s: float
    lines: int
    wanted: int
    at_the_end: Look
    healthy: bool
    strip_after: Strip
    next_run: str
    next_run_s: float

    def __str__(self) -> str:
        return (
            f"{self.name:<22} {self.lasted_s:.0f} s; run {self.state} {self.ended_s:.0f} s after, "
            f"{self.lines} of {self.wanted} log lines; page meanwhile {self.meanwhile}; strip: {self.strip}; "
            f"page at the end {self.at_the_end}; stack {'healthy' if self.healthy else 'NOT healthy'}, "
            f"strip: {self.strip_after}; next run {self.next_run} in {self.next_run_s:.0f} s"
        )

    def wrong(self) -> list[str]:
        """Say what is not as it must be."""
        word = word_of(self.state)
        lost = self.state == "COMPLETED" and self.lines != self.wanted
        found = {
            f"after {FAULTS[self.name].longest_s:.0f} s the run still said {self.state}": self.state not in ENDED,
            f"the run completed and {self.lines} of its {self.wanted} log lines are there": lost,
            f"meanwhile the page said {self.meanwhile}, and the server {self.known}": not self._page_is_true(),
            f"meanwhile the strip said {self.strip}": self._strip_is_wrong(),
            f"at the end the page says {self.at_the_end}, not “{word}”": self.at_the_end.word != word,
            f"the stack was not healthy again within {_HEALTHY_S} s": not self.healthy,
            f"the strip of a healthy stack says {self.strip_after}": bool(self.strip_after.bad),
            f"the next run ended {self.next_run}": self.next_run != "COMPLETED",
        }
        return [what for what, so in found.items() if so]

    def _page_is_true(self) -> bool:
        """The word is what the server said of the run; where it said nothing, the page says so."""
        if self.name == "reboot":
            return self.meanwhile == Look()
        if None in self.known:
            return bool(self.meanwhile.alerts)
        return self.meanwhile.word in {word_of(state) for state in self.known if state}

    def _strip_is_wrong(self) -> bool:
        if self.name == "reboot":
            return self.strip.shown
        called = {part.split(" ")[0] for part in self.strip.bad + self.strip.attention}
        with use_language("es"):
            if part := _ON_THE_STRIP.get(self.name):
                return {bad.split(" ")[0] for bad in self.strip.bad} != {part_word(part)}
            return not called <= {part_word(Part.WORKER)} or not self.strip.shown


def seen(stack: Composed, eye: Looker, name: str) -> Seen:
    """Bring a fault about while a run is under way, and tell what was seen."""
    fault = FAULTS[name]
    run_id = stack.start("slow/slow", {"seconds": fault.seconds, "turn_after": fault.turn_after})
    stack.wait_running(run_id)
    time.sleep(5)
    began, struck = time.monotonic(), datetime.now(UTC)
    fault.strike(stack)
    before, meanwhile, after_it = _known(stack, run_id), eye.run(run_id), _known(stack, run_id)
    strip = eye.strip()
    time.sleep(max(began + fault.lasts_s - time.monotonic(), 0))
    lasted = time.monotonic() - began
    fault.mend(stack)
    state = stack.wait_ended(run_id, max(began + fault.longest_s - time.monotonic(), 0))
    after = ((stack.ended(run_id) or datetime.now(UTC)) - struck).total_seconds()
    time.sleep(3)  # the last lines of a log come after the state
    at_the_end = eye.run(run_id)
    healthy = wait_until(lambda: _healthy(stack), _HEALTHY_S)
    lines = stack.log_lines(run_id)
    asked = time.monotonic()
    next_run = stack.wait_ended(stack.start("slow/slow", {"seconds": 1, "turn_after": 0}), _NEXT_RUN_S)
    next_run_s = time.monotonic() - asked
    return Seen(
        name=name,
        lasted_s=lasted,
        known=(before, after_it),
        meanwhile=meanwhile,
        strip=strip,
        state=state,
        ended_s=after,
        lines=lines,
        wanted=fault.seconds,
        at_the_end=at_the_end,
        healthy=healthy,
        strip_after=_strip_again(eye),
        next_run=next_run,
        next_run_s=next_run_s,
    )


def _known(stack: Composed, run_id: str) -> str | None:
    try:
        return stack.state(run_id, patience_s=0)
    except AssertionError:
        return None


def _healthy(stack: Composed) -> bool:
    return all(
        state == "healthy" or (service in _ONE_SHOTS and state == "exited") for service, state in stack.health().items()
    )


def _strip_again(eye: Looker) -> Strip:
    """The strip once it had time to see that all is well."""
    strip = eye.strip()
    return eye.strip() if strip.bad or not strip.shown else strip


def _line(stack: Composed, eye: Looker, name: str, schedule: EachMinute) -> tuple[str, list[str]]:
    if name == _FULL_DISK:
        return full_disk(stack, eye)
    if name in _BEFORE_A_RUN:
        schedule.wait_before_next(_TAKEN_S)
    told = seen(stack, eye, name)
    return str(told), told.wrong()


def table(stack: Composed, names: list[str]) -> int:
    """Print the table of these faults; returns how much of it is not as it must be."""
    stack.deploy_slow()
    today = datetime.now(UTC).date().isoformat()
    print(f"{today}, a run of {_SECONDS} s with a line of its log each second", flush=True)
    schedule = EachMinute(stack)
    wrong = 0
    with looker(stack) as eye:
        for name in names:
            wrong += _print(*_line(stack, eye, name, schedule))
    return wrong + _print(*schedule.told())


def _print(line: str, wrong: list[str]) -> int:
    print("\n  NOT AS IT MUST BE: ".join([line, *wrong]), flush=True)
    return len(wrong)


def main() -> int:
    """Print the table; the exit status."""
    names = sys.argv[2:] or list(NAMES)
    unknown = set(names) - set(NAMES)
    if unknown:
        print(f"no such fault: {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
        return 2
    return 1 if table(Composed(Path(sys.argv[1]).resolve()), names) else 0


if __name__ == "__main__":
    sys.exit(main())
