"""A turn that no run has, at a real server of Prefect's: given back by itself, while one that a run has stays."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from modules.environments import Environment
from modules.run_protocol import BACKUP_DEPLOYMENT, limit_name
from tests.stack.test_missed_runs import server

if TYPE_CHECKING:
    from pathlib import Path

LOST = limit_name(BACKUP_DEPLOYMENT, Environment.TEST)
HELD = limit_name(BACKUP_DEPLOYMENT, Environment.PRODUCTION)
LIMITS = "/v2/concurrency_limits"


@pytest.mark.stack
@pytest.mark.slow
@pytest.mark.thorough
def test_a_turn_that_no_run_has_is_given_back_by_the_server(tmp_path: Path) -> None:
    with server(tmp_path) as api, httpx.Client(base_url=api, timeout=20) as client:

        def ask(method: str, path: str, **body: Any) -> Any:
            answer = client.request(method, path, json=body).raise_for_status()
            return answer.json() if answer.content else None

        flow = ask("POST", "/flows/", name="Backup Databaler Lotes")["id"]
        ask("POST", "/deployments/", name=BACKUP_DEPLOYMENT, flow_id=flow)
        ask("POST", f"{LIMITS}/", name=LOST, limit=1, active_slots=1)
        ask("POST", f"{LIMITS}/", name=HELD, limit=1)
        lease = ask("POST", f"{LIMITS}/increment-with-lease", slots=1, names=[HELD], lease_duration=600)
        assert client.post(f"{LIMITS}/increment", json={"slots": 1, "names": [LOST]}).status_code == 423

        deadline = time.monotonic() + 160
        while ask("GET", f"{LIMITS}/{LOST}")["active_slots"] and time.monotonic() < deadline:
            time.sleep(1)

        assert ask("GET", f"{LIMITS}/{LOST}")["active_slots"] == 0
        assert ask("GET", f"{LIMITS}/{HELD}")["active_slots"] == 1
        ask("POST", f"{LIMITS}/decrement-with-lease", lease_id=lease["lease_id"])
        assert ask("GET", f"{LIMITS}/{HELD}")["active_slots"] == 0
