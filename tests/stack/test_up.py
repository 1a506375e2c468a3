"""The embedded stack as people and scripts meet it; one shared stack."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx
import psutil
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from tests.conftest import Stack, run_command

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.stack


def test_status_tells_addresses_pids_and_health(stack: Stack) -> None:
    told = stack.state()

    assert told["running"]
    assert told["dashboard"] == stack.url
    assert {part["name"] for part in told["parts"]} >= {"portal", "prefect-server", "prefect-worker", "dashboard"}
    assert all(part["healthy"] and psutil.pid_exists(part["pid"]) for part in told["parts"])


def test_a_second_start_in_the_same_home_gives_the_address(stack: Stack) -> None:
    second = run_command("up", "--home", str(stack.home), "--no-browser", timeout=30)

    assert second.returncode == 1
    assert stack.url in second.stderr


def test_status_of_a_home_without_a_stack_says_so(tmp_path: Path) -> None:
    told = run_command("status", "--home", str(tmp_path), "--json", timeout=30)

    assert told.returncode == 1
    assert json.loads(told.stdout) == {"running": False}


def test_down_without_a_stack_is_a_sentence(tmp_path: Path) -> None:
    told = run_command("down", "--home", str(tmp_path), timeout=30)

    assert told.returncode == 1
    assert "Traceback" not in told.stderr
    assert str(tmp_path) in told.stderr


def test_a_port_in_use_is_refused_with_a_sentence(stack: Stack, tmp_path: Path) -> None:
    port = stack.url.rsplit(":", 1)[1]

    told = run_command("up", "--home", str(tmp_path), "--port", port, "--no-browser", timeout=30)

    assert told.returncode == 1
    assert port in told.stderr


@pytest.mark.parametrize("address", ["url", "prefect_api", "portal_url"])
def test_every_part_answers_to_loopback_names_only(stack: Stack, address: str) -> None:
    base: str = getattr(stack, address)
    path = {"url": "/_stcore/health", "prefect_api": "/health", "portal_url": "/openapi.json"}[address]

    assert httpx.get(base + path).is_success
    assert httpx.get(base + path, headers={"Host": "rebound.example"}).is_client_error


def test_a_page_of_another_origin_can_change_nothing_at_the_server_of_flows(stack: Stack) -> None:
    address, foreign = f"{stack.prefect_api}/deployments/filter", {"Origin": "https://other.example"}

    assert httpx.post(address, json={}).is_success
    assert httpx.post(address, json={}, headers=foreign).status_code == 403
    preflight = httpx.options(address, headers=foreign | {"Access-Control-Request-Method": "POST"})
    assert "access-control-allow-origin" not in preflight.headers


def test_a_page_of_another_origin_cannot_listen_to_events(stack: Stack) -> None:
    address = stack.prefect_api.replace("http://", "ws://") + "/events/out"

    with connect(address, subprotocols=[Subprotocol("prefect")]) as own:
        assert own.subprotocol == "prefect"
    with pytest.raises(InvalidStatus) as refused:
        connect(address, origin=Origin("https://other.example"), subprotocols=[Subprotocol("prefect")])
    assert refused.value.response.status_code == 403
