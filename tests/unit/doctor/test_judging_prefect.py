"""Judgements of Prefect's server and what it tells."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from prefect.workers.process import ProcessWorker

from app.doctor.facts import Database, Messages, Pool, Server, Worker
from app.doctor.findings import Part, State
from app.doctor.judging import prefect as judging
from app.stack.container import services
from modules.i18n import use_language
from tests.unit.doctor.installations import COMPOSED, EMBEDDED, STOPPED

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
WELL = Server(ready=True, refused=False, version="3.9.1", milliseconds=12, ahead_s=0.1)
NO_DATABASE = Server(ready=False, refused=False, version="3.9.1", milliseconds=12, ahead_s=0.1)


@pytest.fixture(autouse=True)
def english():
    with use_language("en"):
        yield


def worker(seconds_ago: float | None, *, online: bool = True, name: str = "w-1", every_s: float = 30) -> Worker:
    return Worker(name, online, None if seconds_ago is None else NOW - timedelta(seconds=seconds_ago), every_s)


def test_a_home_where_nothing_runs_is_a_warning_with_the_command_that_starts_it():
    finding = judging.nothing_runs(STOPPED)
    assert (finding.part, finding.state, finding.remedy) == (Part.SERVER, State.WARNING, "tranquera up")


@pytest.mark.parametrize(
    ("server", "state", "word"),
    [
        (WELL, State.WELL, "12 ms"),
        (Server(ready=True, refused=True, version=None, milliseconds=12, ahead_s=None), State.ERROR, "password"),
        (Server(ready=True, refused=False, version="3", milliseconds=2500, ahead_s=None), State.WARNING, "2,500 ms"),
    ],
)
def test_the_server(server: Server, state: State, word: str):
    finding = judging.judge_server(server)
    assert finding.state is state
    assert word in finding.sentence
    assert bool(finding.remedy) == (state is not State.WELL)


def test_a_database_that_the_server_does_not_reach_names_the_service_to_start_again():
    assert judging.judge_database_of_server(WELL, COMPOSED).state is State.WELL
    finding = judging.judge_database_of_server(NO_DATABASE, COMPOSED)
    assert finding.state is State.ERROR
    assert "docker compose restart postgres" in finding.remedy


@pytest.mark.parametrize(
    ("database", "server", "state"),
    [
        (None, None, State.WELL),
        (Database(5_000_000, sound=True), WELL, State.WELL),
        (Database(5_000_000, sound=None), WELL, State.WELL),
        (Database(5_000_000, sound=False), None, State.ERROR),
        (Database(5_000_000, sound=True), NO_DATABASE, State.ERROR),
    ],
)
def test_the_database_of_a_home(database: Database | None, server: Server | None, state: State):
    assert judging.judge_database(database, server, EMBEDDED).state is state


@pytest.mark.parametrize(
    ("messages", "server", "redis", "services"),
    [
        (Messages(accepted=True, stored_after_s=2.6, waited_s=12), WELL, State.WELL, State.WELL),
        (Messages(accepted=True, stored_after_s=None, waited_s=12), WELL, State.WELL, State.ERROR),
        (Messages(accepted=True, stored_after_s=None, waited_s=12), NO_DATABASE, State.WELL, State.UNKNOWN),
        (Messages(accepted=False, stored_after_s=None, waited_s=3), WELL, State.ERROR, State.UNKNOWN),
    ],
)
def test_messages_and_background_services(messages: Messages, server: Server, redis: State, services: State):
    assert judging.judge_redis(messages, COMPOSED).state is redis
    assert judging.judge_services(messages, server, COMPOSED).state is services


def test_without_redis_a_refused_event_is_the_servers_own_fault():
    refused = Messages(accepted=False, stored_after_s=None, waited_s=3)
    finding = judging.judge_services(refused, WELL, EMBEDDED)
    assert finding.state is State.ERROR
    assert finding.remedy


@pytest.mark.parametrize(
    ("workers", "state", "word"),
    [
        ([], State.ERROR, "ever"),
        ([worker(600, online=False)], State.ERROR, "since today 08:50"),
        ([worker(20)], State.WELL, "One worker answers"),
        ([worker(20), worker(10, name="w-2"), worker(90000, online=False, name="old")], State.WELL, "2 workers answer"),
        ([worker(70)], State.WARNING, "w-1"),
        ([worker(5), worker(25, name="w-2", every_s=10)], State.WARNING, "w-2"),
        ([worker(40, every_s=10)], State.ERROR, "since today"),
        ([worker(None)], State.WELL, "One worker"),
    ],
)
def test_workers(workers: list[Worker], state: State, word: str):
    finding = judging.judge_workers(workers, COMPOSED, NOW)
    assert finding.state is state
    assert word in finding.sentence
    assert bool(finding.remedy) == (state is not State.WELL)
    assert [each["name"] for each in finding.facts["workers"]] == [each.name for each in workers]


A_DAY = 86400
UNNAMED = "ProcessWorker 0b6e8b0e-4c3c-4f0b-8f63-6d3a1c1f2a55"


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ([worker(9000, online=False, name="campo-b-1")], "Nothing is heard of campo-b-1 since today 06:30."),
        ([worker(95, online=True, name="campo-b-1")], "Nothing is heard of campo-b-1 since today 08:58."),
        (
            [worker(9000, name="prefect-worker-2"), worker(A_DAY - 60, online=False, name="prefect-worker-3")],
            "Nothing is heard of prefect-worker-2 since today 06:30, prefect-worker-3 since yesterday 09:01.",
        ),
        ([worker(A_DAY + 60, online=False, name="campo-b-1")], ""),
        ([worker(80, online=False, name="campo-b-1")], ""),
        ([worker(None, online=False, name="campo-b-1")], ""),
        ([worker(9000, online=False, name=UNNAMED)], ""),
    ],
)
def test_a_worker_that_stopped_is_named_beside_one_that_answers(others: list[Worker], said: str):
    finding = judging.judge_workers([worker(20, name="campo-a-1"), *others], COMPOSED, NOW)
    assert finding.state is (State.WARNING if said else State.WELL)
    assert finding.sentence == f"One worker answers; its last sign of life: today 08:59. {said}".rstrip()
    assert ("on purpose" in finding.remedy) == bool(said)


def test_a_worker_that_stopped_is_named_beside_one_that_is_quiet():
    finding = judging.judge_workers([worker(70), worker(9000, online=False, name="campo-b-1")], COMPOSED, NOW)
    assert finding.state is State.WARNING
    assert finding.sentence.endswith("half a minute. Nothing is heard of campo-b-1 since today 06:30.")


def test_names_of_workers_are_told_apart_as_prefect_and_the_containers_give_them():
    assert judging._NAMED_BY_PREFECT.match(ProcessWorker(work_pool_name="local-pool").name)
    assert not judging._NAMED_BY_PREFECT.match(services.prefect_worker(2).command[-1])


@pytest.mark.parametrize(
    ("pool", "state", "remedy"),
    [
        (Pool("process", paused=False, limit=None), State.WELL, ""),
        (None, State.ERROR, "docker compose run --rm deploy"),
        (Pool("docker", paused=False, limit=None), State.ERROR, "work-pool delete"),
        (Pool("process", paused=True, limit=None), State.WARNING, "work-pool resume local-pool"),
        (Pool("process", paused=False, limit=0), State.WARNING, "clear-concurrency-limit"),
        (Pool("process", paused=False, limit=2), State.WELL, ""),
        (Pool("process", paused=False, limit=None, paused_queues=["default"]), State.WARNING, "work-queue resume"),
    ],
)
def test_the_pool(pool: Pool | None, state: State, remedy: str):
    finding = judging.judge_pool(pool, COMPOSED)
    assert finding.state is state
    assert remedy in finding.remedy
