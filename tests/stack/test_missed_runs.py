"""A box that was off: of each deployment one missed run is made up for, before the server answers anybody."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from app.stack.missed_runs import superseded
from app.stack.parts import server_command
from app.stack.ports import choose
from modules.run_protocol import SKIPPED_RUN
from tests.conftest import PROJECT, clean_environment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def made(deployment: str, *, auto: bool = True) -> dict[str, Any]:
    return {"deployment_id": deployment, "auto_scheduled": auto}


def test_the_newest_of_each_deployment_stays_and_what_people_asked_for():
    newest_a, older_a, asked, newest_b, oldest_a = made("a"), made("a"), made("a", auto=False), made("b"), made("a")
    left_out = superseded([newest_a, older_a, asked, newest_b, oldest_a])
    assert [id(run) for run in left_out] == [id(older_a), id(oldest_a)]


@contextmanager
def server(home: Path, **settings: str) -> Iterator[str]:
    port = choose(4200, {4200})
    api = f"http://127.0.0.1:{port}/api"
    environment = clean_environment(
        PREFECT_HOME=str(home),
        PREFECT_API_DATABASE_CONNECTION_URL=f"sqlite+aiosqlite:///{home / 'prefect.db'}",
        PREFECT_SERVER_ANALYTICS_ENABLED="false",
        PREFECT_API_URL=api,
        TRANQUERA_HOME=str(home),
        **settings,
    )
    process = subprocess.Popen([*server_command("127.0.0.1", port), "--app-dir", str(PROJECT)], env=environment)
    try:
        deadline = time.monotonic() + 90
        with httpx.Client() as client:
            while time.monotonic() < deadline:
                try:
                    if client.get(f"{api}/ready").is_success:
                        break
                except httpx.TransportError:
                    pass
                time.sleep(0.1)
        yield api
    finally:
        process.terminate()
        process.wait(30)


def scheduled(api: str, state: str) -> list[dict[str, Any]]:
    query = {"flow_runs": {"state": {"type": {"any_": [state]}}}, "sort": "EXPECTED_START_TIME_DESC"}
    found: list[dict[str, Any]] = httpx.post(f"{api}/flow_runs/filter", json=query).raise_for_status().json()
    return found


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="terminates the server by a signal")
def test_five_missed_nights_become_one_run(tmp_path: Path, tables: Path):
    shutil.copyfile(tables, tmp_path / "prefect.db")
    with server(tmp_path) as api:
        flow = httpx.post(f"{api}/flows/", json={"name": "nightly"}).raise_for_status().json()
        schedule = {"active": True, "schedule": {"interval": 86400}}
        body = {"name": "nightly", "flow_id": flow["id"], "schedules": [schedule]}
        httpx.post(f"{api}/deployments/", json=body).raise_for_status()
        deadline = time.monotonic() + 60
        while len(scheduled(api, "SCHEDULED")) < 3 and time.monotonic() < deadline:
            time.sleep(0.5)
        runs = scheduled(api, "SCHEDULED")
    assert len(runs) >= 3

    now = datetime.now(UTC)
    with closing(sqlite3.connect(tmp_path / "prefect.db")) as database, database:
        for nights, run in enumerate(runs, 1):
            then = (now - timedelta(days=nights)).strftime("%Y-%m-%d %H:%M:%S.%f")
            values = (then, then, run["id"].replace("-", ""), run["id"])
            database.execute(
                "UPDATE flow_run SET expected_start_time = ?, next_scheduled_start_time = ? WHERE id IN (?, ?)", values
            )

    with server(tmp_path) as api:
        skipped = scheduled(api, "CANCELLED")
    assert {run["id"] for run in skipped} == {run["id"] for run in runs[1:]}
    assert {run["state"]["message"] for run in skipped} == {SKIPPED_RUN}
