"""Schedules fire once: a run a minute, by a schedule, while faults go on around it; counted at the end."""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from modules.run_protocol import SKIPPED_RUN
from tests.compose.rehearsal import ENDED, wait_until

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.compose.rehearsal import Composed

_NAME: Final = "each-minute"
_DEPLOY: Final = f"""
from flows.deployments import DeploymentSpec, deploy
deploy(DeploymentSpec(name="{_NAME}", flow="slow", entrypoint="flows/slow_for_faults.py:slow", interval_s=60,
                      parameters={{"seconds": 0}}))
"""
_MINUTE: Final = timedelta(seconds=60)
#: A run that began later than this after its time makes up for one that was missed (as in app/stack/missed_runs.py).
_LATE: Final = timedelta(seconds=60)
#: Of what begins within this of one another it is said that it was fired at once.
_AT_ONCE: Final = timedelta(seconds=30)
#: What is due may still be made up for, and what never began is ended some two minutes after.
_UNTIL_ENDED_S: Final = 240


class EachMinute:
    """The flow `slow`, once a minute, as long as the table goes on."""

    def __init__(self, stack: Composed) -> None:
        self._stack = stack
        stack.compose("exec", "-T", "prefect-worker", "python", "-c", _DEPLOY)
        self._deployment = stack.ask("GET", f"/deployments/name/slow/{_NAME}")["id"]
        self._switch(active=True)
        self._since = datetime.now(UTC)

    def _switch(self, *, active: bool) -> None:
        path = f"/deployments/{self._deployment}"
        (schedule,) = self._stack.ask("GET", path)["schedules"]
        # What is left out counts as none there, also the parameters.
        self._stack.change(f"{path}/schedules/{schedule['id']}", {"active": active, "parameters": {"seconds": 0}})

    def wait_before_next(self, seconds: float) -> None:
        """Wait for the moment so many seconds before the next run's time; a worker takes a run ten seconds before."""
        query = {
            "flow_runs": {
                "deployment_id": {"any_": [self._deployment]},
                "expected_start_time": {"after_": (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()},
            },
            "sort": "EXPECTED_START_TIME_ASC",
            "limit": 1,
        }
        found = self._stack.ask("POST", "/flow_runs/filter", query)
        if found:
            due = datetime.fromisoformat(found[0]["expected_start_time"])
            time.sleep(max((due - datetime.now(UTC)).total_seconds() - seconds, 0))

    def told(self) -> tuple[str, list[str]]:
        """Stop the schedule and count its runs: a line, and what is not as it must be."""
        self._switch(active=False)
        until = datetime.now(UTC)
        query = {
            "flow_runs": {
                "deployment_id": {"any_": [self._deployment]},
                "expected_start_time": {"after_": self._since.isoformat(), "before_": until.isoformat()},
            },
            "sort": "EXPECTED_START_TIME_ASC",
            "limit": 200,
        }

        def runs() -> list[dict[str, Any]]:
            found: list[dict[str, Any]] = self._stack.ask("POST", "/flow_runs/filter", query)
            return found

        wait_until(lambda: all(run["state_type"] in ENDED for run in runs()), _UNTIL_ENDED_S)
        return counted(runs())


def counted(runs: Sequence[dict[str, Any]]) -> tuple[str, list[str]]:
    """Count runs of a schedule of a minute, the oldest first: a line, and what is not as it must be."""
    times = [datetime.fromisoformat(run["expected_start_time"]) for run in runs]
    minutes = sorted(set(times))
    twice = len(times) - len(minutes)
    without = sum(round((later - earlier) / _MINUTE) - 1 for earlier, later in pairwise(minutes))
    again = sum(run["run_count"] > 1 for run in runs)
    late, at_once = _catch_ups(runs)
    states = Counter("skipped" if run["state"]["message"] == SKIPPED_RUN else run["state_type"] for run in runs)
    line = (
        f"{_NAME:<22} {len(runs)} runs of {len(minutes)} minutes ({_list(states)}): {twice} fired twice, "
        f"{again} begun more than once, {without} minutes without a run; "
        f"{late} catch-ups, at most {at_once} at a time"
    )
    unended = sum(run["state_type"] not in ENDED for run in runs)
    wrong = {
        "a schedule fired twice": twice,
        "a run was begun more than once": again,
        "a minute has no run": without,
        "catch-ups were fired at once": max(at_once - 1, 0),
        "runs did not end": unended,
        "no run was made": not runs,
    }
    return line, [what for what, many in wrong.items() if many]


def _catch_ups(runs: Sequence[dict[str, Any]]) -> tuple[int, int]:
    """How many began late, and how many of these at once at most."""
    begun = sorted(
        datetime.fromisoformat(run["start_time"])
        for run in runs
        if run["start_time"]
        and run["run_count"]  # what never began has a start too: when it was marked Crashed
        and datetime.fromisoformat(run["start_time"]) - datetime.fromisoformat(run["expected_start_time"]) > _LATE
    )
    at_once = max((sum(first <= other < first + _AT_ONCE for other in begun) for first in begun), default=0)
    return len(begun), at_once


def _list(states: Counter[str]) -> str:
    return ", ".join(f"{many} {state}" for state, many in sorted(states.items()))
