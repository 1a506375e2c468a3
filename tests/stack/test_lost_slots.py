"""Turns that no run has, at a real server of Prefect's: given back by itself, while one that a run has stays."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from modules.environments import Environment
from modules.run_protocol import BACKUP_DEPLOYMENT, KMZ_DEPLOYMENT, limit_name
from tests.stack.test_missed_runs import server

if TYPE_CHECKING:
    from pathlib import Path

LOST = limit_name(BACKUP_DEPLOYMENT, Environment.TEST)
HELD = limit_name(BACKUP_DEPLOYMENT, Environment.PRODUCTION)
RAN_OUT = limit_name(KMZ_DEPLOYMENT, Environment.TEST)
LIMITS = "/v2/concurrency_limits"


@pytest.mark.stack
@pytest.mark.slow
@pytest.mark.thorough
def test_turns_that_no_run_has_are_given_back_by_the_server(tmp_path: Path) -> None:
    # Who clears leases away is held up, as after a power cut.
    without = {"PREFECT_SERVER_SERVICES_REPOSSESSOR_ENABLED": "false"}
    with server(tmp_path, **without) as api, httpx.Client(base_url=api, timeout=20) as client:

        def ask(method: str, path: str, **body: Any) -> Any:
            answer = client.request(method, path, json=body).raise_for_status()
            return answer.json() if answer.content else None

        def lease(limit: str, seconds: float) -> str:
            body = {"slots": 1, "names": [limit], "lease_duration": seconds}
            return str(ask("POST", f"{LIMITS}/increment-with-lease", **body)["lease_id"])

        def counted() -> dict[str, int]:
            return {each: ask("GET", f"{LIMITS}/{each}")["active_slots"] for each in (LOST, RAN_OUT, HELD)}

        flow = ask("POST", "/flows/", name="Backup Databaler Lotes")["id"]
        for deployment in (BACKUP_DEPLOYMENT, KMZ_DEPLOYMENT):
            ask("POST", "/deployments/", name=deployment, flow_id=flow)
        began = time.monotonic()
        ask("POST", f"{LIMITS}/", name=LOST, limit=1, active_slots=1)
        ask("POST", f"{LIMITS}/", name=RAN_OUT, limit=1)
        ask("POST", f"{LIMITS}/", name=HELD, limit=1)
        lease(RAN_OUT, 60)
        of_a_run = lease(HELD, 600)
        assert client.post(f"{LIMITS}/increment", json={"slots": 1, "names": [LOST]}).status_code == 423

        given_back: dict[str, float] = {}
        while len(given_back) < 2 and time.monotonic() < began + 180:
            for limit, turns in counted().items():
                if not turns:
                    given_back.setdefault(limit, time.monotonic() - began)
            time.sleep(1)

        assert given_back.keys() == {LOST, RAN_OUT}
        assert min(given_back.values()) > 89
        assert given_back[RAN_OUT] < 145, "it was given back as one without a lease is"
        assert counted() == {LOST: 0, RAN_OUT: 0, HELD: 1}
        ask("POST", f"{LIMITS}/decrement-with-lease", lease_id=of_a_run)
        assert counted()[HELD] == 0
