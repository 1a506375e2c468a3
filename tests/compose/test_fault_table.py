"""The fault table can fail: what is called wrong, without an engine."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from modules.run_protocol import SKIPPED_RUN
from tests.compose.each_minute import counted
from tests.compose.faults import Seen
from tests.compose.looking import Look, Strip

WELL = Seen(
    name="stop-redis-24s",
    lasted_s=24,
    known=("RUNNING", "RUNNING"),
    meanwhile=Look("En curso"),
    strip=Strip(bad=("servidor · mal",), shown=True),
    state="COMPLETED",
    ended_s=36,
    lines=40,
    wanted=40,
    at_the_end=Look("Terminada"),
    healthy=True,
    strip_after=Strip(shown=True),
    next_run="COMPLETED",
    next_run_s=2.0,
)
MIDNIGHT = datetime(2026, 11, 29, 3, tzinfo=UTC)


def test_nothing_is_wrong_where_all_is_as_it_must_be():
    assert WELL.wrong() == []
    crashed = replace(WELL, state="CRASHED", lines=6, at_the_end=Look("Interrumpida"))
    assert crashed.wrong() == []


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        ({"state": "RUNNING", "at_the_end": Look("En curso")}, "after 120 s the run still said RUNNING"),
        ({"lines": 25}, "25 of its 40 log lines"),
        ({"lines": 41}, "41 of its 40 log lines"),
        ({"meanwhile": Look()}, "meanwhile the page said no page"),
        ({"meanwhile": Look("Terminada")}, "the page said “Terminada”, and the server ('RUNNING', 'RUNNING')"),
        ({"known": ("RUNNING", None)}, "meanwhile the page said “En curso”, and the server ('RUNNING', None)"),
        ({"name": "reboot", "strip": Strip()}, "meanwhile the page said “En curso”"),
        ({"name": "stop-worker", "strip": Strip(bad=("disco · mal",), shown=True)}, "meanwhile the strip said disco"),
        ({"at_the_end": Look("En curso")}, "at the end the page says “En curso”, not “Terminada”"),
        ({"healthy": False}, "not healthy again"),
        ({"strip": Strip(shown=True)}, "meanwhile the strip said all well"),
        ({"strip": Strip(bad=("disco 1 GB · mal",), shown=True)}, "meanwhile the strip said disco"),
        ({"name": "kill-server", "strip": Strip()}, "meanwhile the strip said no strip"),
        ({"strip_after": Strip(bad=("worker 0 · mal",), shown=True)}, "worker 0 · mal"),
        ({"next_run": "PENDING"}, "the next run ended PENDING"),
    ],
)
def test_what_is_not_as_it_must_be_is_said(seen: dict[str, Any], said: str):
    (sentence,) = replace(WELL, **seen).wrong()
    assert said in sentence


def made(minute: int, *, after_s: float = 1, state: str = "COMPLETED", message: str = "") -> dict[str, Any]:
    expected = MIDNIGHT + timedelta(minutes=minute)
    begun = (expected + timedelta(seconds=after_s)).isoformat()
    return {
        "expected_start_time": expected.isoformat(),
        "start_time": None if state in {"CANCELLED", "SCHEDULED"} else begun,
        "state_type": state,
        "state": {"message": message},
        "run_count": 1,
    }


def test_a_schedule_that_fired_once_each_minute_and_made_up_for_one():
    skipped = made(1, state="CANCELLED", message=SKIPPED_RUN)
    line, wrong = counted([made(0), skipped, made(2, after_s=90), made(3)])
    assert wrong == []
    assert "4 runs of 4 minutes (3 COMPLETED, 1 skipped)" in line
    assert "1 catch-ups, at most 1 at a time" in line


def test_a_run_that_never_began_makes_up_for_none():
    never = made(1, after_s=200, state="CRASHED") | {"run_count": 0}
    line, wrong = counted([made(0), never])
    assert wrong == []
    assert "0 catch-ups" in line


@pytest.mark.parametrize(
    ("runs", "said"),
    [
        ([made(0), made(0)], "a schedule fired twice"),
        ([made(0), made(2)], "a minute has no run"),
        ([made(0), made(1) | {"run_count": 2}], "a run was begun more than once"),
        ([made(0, after_s=150), made(1, after_s=91)], "catch-ups were fired at once"),
        ([made(0), made(1, state="SCHEDULED")], "runs did not end"),
        ([], "no run was made"),
    ],
)
def test_a_schedule_that_did_not(runs: list[dict[str, Any]], said: str):
    _line, wrong = counted(runs)
    assert wrong == [said]
