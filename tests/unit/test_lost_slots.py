"""Turns that no run has: given back once it is sure, and only ours. Leases are Prefect's own, in its files."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.stack.lost_slots import LostSlots

DEPLOYMENTS = ["backup-lotes-daily-3am", "generar-kmz-weekly"]
FILES = "prefect.server.concurrency.lease_storage.filesystem"


class Server:
    """As much of Prefect's API as is asked: its limits, in a process that has the leases."""

    def __init__(self) -> None:
        from app.stack.prefect_leases import PrefectLeases

        self.limits: dict[str, dict[str, Any]] = {}
        self._leases = PrefectLeases()
        self._lost = LostSlots(self._leases)
        self._began = datetime.now(UTC)

    def limit(self, name: str, active: int) -> str:
        identity = str(uuid4())
        self.limits[identity] = {"id": identity, "name": name, "active_slots": active}
        return identity

    def lease(self, limit: str, seconds: float = 60, *others: str) -> None:
        from prefect.server.concurrency.lease_storage import (
            ConcurrencyLimitLeaseMetadata,
            get_concurrency_lease_storage,
        )

        metadata = ConcurrencyLimitLeaseMetadata(slots=1)
        storage = get_concurrency_lease_storage()
        left = timedelta(seconds=seconds) - (datetime.now(UTC) - self._began)
        _in_a_thread(storage.create_lease([limit, *others], left, metadata))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        if request.url.path == "/api/deployments/filter":
            return httpx.Response(200, json=[{"name": name} for name in DEPLOYMENTS])
        if request.method == "POST":
            start = asked["offset"]
            return httpx.Response(200, json=list(self.limits.values())[start : start + asked["limit"]])
        self.limits[request.url.path.rpartition("/")[2]] |= asked
        return httpx.Response(204)

    def leases(self) -> int:
        return len(_in_a_thread(self._leases.read()))

    def revoke_all(self) -> bool:
        async def revoked() -> bool:
            return any([await self._leases.revoke(each.id, self._began) for each in await self._leases.read()])

        return bool(_in_a_thread(revoked()))

    def look(self, after_s: float) -> int:
        async def asked() -> int:
            transport = httpx.MockTransport(self._answer)
            async with httpx.AsyncClient(transport=transport, base_url="http://prefect/api") as client:
                return await self._lost.give_back(client, self._began + timedelta(seconds=after_s))

        return int(_in_a_thread(asked()))


def _in_a_thread(doing: Any) -> Any:
    """In another one: a browser's driver keeps a loop running in this one. It has to know the settings of the test."""
    from prefect.context import SettingsContext

    settings = SettingsContext.get()
    assert settings is not None

    def run() -> Any:
        with settings.model_copy():
            return asyncio.run(doing)

    with ThreadPoolExecutor(1) as beside:
        return beside.submit(run).result()


def leases_in(storage: str) -> Any:
    from prefect.settings import PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE, temporary_settings

    return temporary_settings({PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE: storage})


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    from prefect.settings import PREFECT_HOME, temporary_settings

    with temporary_settings({PREFECT_HOME: tmp_path}), leases_in(FILES):
        yield Server()


def test_a_turn_that_no_run_has_is_given_back_after_a_while(server: Server):
    lost = server.limit("backup-lotes-daily-3am-test", 1)
    assert [server.look(0), server.look(89), server.look(90)] == [0, 0, 1]
    assert server.limits[lost]["active_slots"] == 0


@pytest.mark.parametrize("seconds", [300, 75], ids=["runs", "ran out and Prefect is about to clear it"])
def test_a_turn_that_a_lease_stands_for_stays(server: Server, seconds: float):
    held = server.limit("backup-lotes-daily-3am-production", 1)
    server.lease(held, seconds)
    assert [server.look(0), server.look(100)] == [0, 0]
    assert server.limits[held]["active_slots"] == 1
    assert server.leases() == 1


def test_a_lease_that_ran_out_and_that_nobody_clears_gives_its_turn_back_at_the_look_after(server: Server):
    held = server.limit("backup-lotes-daily-3am-production", 1)
    server.lease(held)
    assert [server.look(89), server.leases()] == [0, 1]
    assert [server.look(91), server.leases()] == [0, 0]
    assert server.limits[held]["active_slots"] == 1, "Prefect may be clearing that one itself"
    assert server.look(106) == 1
    assert server.limits[held]["active_slots"] == 0


def test_a_turn_that_prefect_gave_back_meanwhile_is_not_taken_from_the_next_run(server: Server):
    limit = server.limit("backup-lotes-daily-3am-production", 1)
    server.lease(limit)
    server.look(91)
    server.lease(limit, 600)  # counted down by Prefect, and up again by the next run
    assert [server.look(106), server.look(300)] == [0, 0]
    assert server.limits[limit]["active_slots"] == 1


def test_a_turn_that_was_given_back_and_taken_at_once_has_its_time_again(server: Server):
    limit = server.limit("backup-lotes-daily-3am-test", 1)
    assert [server.look(0), server.look(90)] == [0, 1]
    server.limits[limit]["active_slots"] = 1  # taken; who has it is not written yet
    assert [server.look(105), server.look(194), server.look(195)] == [0, 0, 1]


def test_a_lease_that_its_run_moved_on_meanwhile_is_not_cleared_away(server: Server):
    limit = server.limit("backup-lotes-daily-3am-test", 1)
    server.lease(limit, 600)
    assert not server.revoke_all()
    assert server.leases() == 1


def test_an_overdue_lease_of_others_is_left_to_prefect(server: Server):
    ours = server.limit("backup-lotes-daily-3am-test", 1)
    others = server.limit("database-connections", 1)
    server.lease(others)
    server.lease(ours, 60, others)
    assert [server.look(300), server.look(400)] == [0, 0]
    assert server.leases() == 2


def test_a_turn_that_got_its_lease_meanwhile_has_its_time_again(server: Server):
    limit = server.limit("generar-kmz-weekly-test", 1)
    server.look(0)
    server.lease(limit, 600)
    server.look(30)
    server.limits[limit]["active_slots"] = 2
    assert [server.look(60), server.look(149), server.look(150)] == [0, 0, 1]
    assert server.limits[limit]["active_slots"] == 1


def test_limits_of_others_are_none_of_ours(server: Server):
    server.limit("database-connections", 3)
    server.limit("erp-api-production", 1)
    assert [server.look(0), server.look(100)] == [0, 0]


def test_every_lease_counts_of_however_many(server: Server):
    others = server.limit("database-connections", 150)
    for _ in range(150):
        server.lease(others, 600)
    held = server.limit("backup-lotes-daily-3am-test", 1)
    server.lease(held, 3600)  # the last to end
    assert [server.look(0), server.look(100)] == [0, 0]


def test_nothing_is_given_back_while_redis_is_away(server: Server, monkeypatch: pytest.MonkeyPatch):
    limit = server.limit("backup-lotes-daily-3am-test", 1)
    server.look(0)
    monkeypatch.setattr("app.stack.lost_slots._READING_S", 0.5)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        monkeypatch.setenv("PREFECT_REDIS_MESSAGING_HOST", "127.0.0.1")
        monkeypatch.setenv("PREFECT_REDIS_MESSAGING_PORT", str(nobody.getsockname()[1]))
        with leases_in("prefect_redis.lease_storage"):
            assert server.look(100) == 0
    assert server.limits[limit]["active_slots"] == 1
    assert [server.look(110), server.look(199), server.look(200)] == [0, 0, 1]
