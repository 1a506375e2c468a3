"""What the strip of parts says of Prefect's server and its workers, from answers over real sockets.

With a real redis that is stopped, and a worker that is: tests/compose/test_rehearsal.py.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from app.services import runs
from app.services.health import _PATIENCE_S, Part, PartHealth, check
from app.services.run import Health
from app.services.runs import connection
from app.stack.container import services_sign
from modules.settings import load_settings
from tests.conftest import clean_environment


class PrefectServer:
    """Answers as Prefect's server does.

    ready: whether it has its database, which it tells after it was asked for redis if `ready_waits`;
    renewing: the status of what needs redis, None for no answer at all;
    finds_workers: until this is set it looks for them; has_tables: whether it can read them
    """

    def __init__(self) -> None:
        self.ready = True
        self.ready_waits = False
        self.asked_for_redis = threading.Event()
        self.asked_at_once = False
        self.renewing: int | None = 410
        self.finds_workers = threading.Event()
        self.finds_workers.set()
        self.has_tables = True
        self.workers: list[dict[str, Any]] = [worker(1)]
        self.account: str | None = None

    def answer(self, path: str) -> tuple[int, Any]:
        if path.endswith("/renew"):
            self.asked_for_redis.set()
            if self.renewing is None:
                time.sleep(12)
            return self.renewing or 410, {"detail": "Lease not found"}
        if "/csrf-token" in path:
            return 422, {"detail": "CSRF protection is disabled."}
        if path.endswith("/ready"):
            if self.ready_waits:
                self.asked_at_once = self.asked_for_redis.wait(10)
            return (200, True) if self.ready else (503, {"detail": "Database is not available"})
        if path.endswith("/workers/filter"):
            self.finds_workers.wait(60)
            return (200, self.workers) if self.has_tables else (500, {"exception_message": "Internal Server Error"})
        return 200, True


def worker(seconds_ago: float, *, every_s: int = 10) -> dict[str, Any]:
    seen = datetime.now(UTC) - timedelta(seconds=seconds_ago)
    return {
        "id": str(uuid4()),
        "name": "prefect-worker-1",
        "work_pool_id": str(uuid4()),
        "last_heartbeat_time": seen.isoformat(),
        "heartbeat_interval_seconds": every_s,
        "status": "ONLINE",  # the background services change it, later
    }


@pytest.fixture
def prefect(monkeypatch: pytest.MonkeyPatch) -> Iterator[PrefectServer]:
    from prefect.context import refresh_global_settings_context

    said = PrefectServer()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.path.endswith("/renew"):
                said.account = self.headers.get("Authorization")
            status, body = said.answer(self.path)
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET  # noqa: N815  (the name that http.server looks for)

        def log_message(self, *words: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        monkeypatch.setenv("PREFECT_API_URL", f"http://127.0.0.1:{server.server_port}/api")
        # On a busy machine even a quick answer takes long.
        monkeypatch.setattr("app.services.health._PATIENCE_S", 60)
        monkeypatch.setenv("PREFECT_API_AUTH_STRING", "user:pass:word")
        monkeypatch.setenv("TRANQUERA_PUBLISHED_ON", "127.0.0.1")  # as in the composed stack, which has a redis
        refresh_global_settings_context()
        yield said
        server.shutdown()
        thread.join()
    monkeypatch.undo()
    refresh_global_settings_context()


def health_of(part: Part, home: Path) -> PartHealth:
    return next(each for each in check(load_settings(home)) if each.part is part)


def sentence(seen: PartHealth) -> str:
    return seen.advice.sentence() if seen.advice else ""


def test_what_the_server_lacks_is_asked_for_at_once_and_for_less_long_than_the_strip_waits(
    prefect: PrefectServer, tmp_path: Path
):
    """Or the strip would say that the server is late, not what it lacks."""
    prefect.ready_waits = True
    health_of(Part.SERVER, tmp_path)
    assert prefect.asked_at_once
    assert _PATIENCE_S == 2
    assert connection._READY_S < _PATIENCE_S


def test_a_click_waits_for_three_retries_at_most_also_after_the_question_whether_the_server_answers():
    asked = (
        "from app.services import runs; runs.server_answers(); from prefect.settings import PREFECT_CLIENT_MAX_RETRIES"
    )
    told = subprocess.run(
        [sys.executable, "-c", f"{asked} as retries; print(retries.value())"],
        env=clean_environment(PREFECT_API_URL="http://127.0.0.1:9/api"),
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.split() == ["3"]


def test_a_server_that_has_its_redis_and_its_services_is_well(prefect: PrefectServer, tmp_path: Path):
    services_sign.renew(tmp_path)
    assert health_of(Part.SERVER, tmp_path) == PartHealth(Part.SERVER, Health.WELL)


@pytest.mark.parametrize("renewing", [500, None], ids=["an error", "no answer"])
def test_a_server_without_redis_is_not_well_and_says_what_to_do(
    prefect: PrefectServer, tmp_path: Path, renewing: int | None
):
    prefect.renewing = renewing
    began = time.monotonic()
    seen = health_of(Part.SERVER, tmp_path)
    assert time.monotonic() - began < 8
    assert seen.health is Health.BAD
    assert "reiniciar el servicio redis" in sentence(seen)


@pytest.mark.parametrize(
    ("minutes", "started", "said"),
    [
        (0, 9, ""),
        (2, 9, "no dan señales de vida desde hace rato"),
        (2, 0, ""),  # all of it has just been started
        (None, 9, "todavía no dieron señales"),
        (None, 0, ""),
    ],
)
def test_the_background_services_are_judged_by_the_age_of_their_sign(
    prefect: PrefectServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    minutes: int | None,
    started: int,
    said: str,
):
    """Minutes since their last sign, None for none ever, and since the dashboard was started."""
    monkeypatch.setattr("app.services.health._STARTED", time.time() - 60 * started)
    if minutes is not None:
        services_sign.renew(tmp_path)
        seen = time.time() - 60 * minutes
        os.utime(tmp_path / "logs" / "prefect-services" / "alive", (seen, seen))
    told = health_of(Part.SERVER, tmp_path)
    assert told.health is (Health.WARNING if said else Health.WELL)
    assert said in sentence(told)


def test_of_workers_nothing_is_known_while_the_server_is_away(
    prefect: PrefectServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from prefect.context import refresh_global_settings_context

    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        monkeypatch.setenv("PREFECT_API_URL", f"http://127.0.0.1:{nobody.getsockname()[1]}/api")
        refresh_global_settings_context()
        assert health_of(Part.WORKER, tmp_path) == PartHealth(Part.WORKER, Health.WARNING)
        assert health_of(Part.SERVER, tmp_path).health is Health.BAD


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ready", "said"),
    [
        (True, "Sin respuesta en dos segundos: servidor. Esperar un momento; si sigue igual, reiniciarlo."),
        (False, ""),
    ],
)
def test_who_asks_for_the_workers_in_vain_is_not_told_to_restart_the_worker(
    prefect: PrefectServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ready: bool, said: str
):
    monkeypatch.setattr("app.services.health._PATIENCE_S", 10)
    services_sign.renew(tmp_path)
    prefect.ready = ready
    prefect.finds_workers.clear()
    began = time.monotonic()
    told = health_of(Part.WORKER, tmp_path)
    assert time.monotonic() - began < 40  # it does not wait for an answer, which comes after 60
    prefect.finds_workers.set()
    assert told.health is Health.WARNING
    assert sentence(told) == said


def test_a_server_that_seems_well_and_cannot_tell_its_workers_is_named(prefect: PrefectServer, tmp_path: Path):
    services_sign.renew(tmp_path)
    prefect.has_tables = False
    told = health_of(Part.WORKER, tmp_path)
    assert told.health is Health.WARNING
    assert "no pudo decir qué workers responden" in sentence(told)


def test_an_embedded_server_is_not_said_to_miss_a_redis(
    prefect: PrefectServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("TRANQUERA_PUBLISHED_ON")
    prefect.renewing = None
    assert health_of(Part.SERVER, tmp_path) == PartHealth(Part.SERVER, Health.WELL)


def test_a_server_that_asks_for_an_account_gets_it(prefect: PrefectServer):
    assert runs.redis_answers()
    assert prefect.account == "Basic dXNlcjpwYXNzOndvcmQ="


@pytest.mark.parametrize(
    ("heartbeats", "health", "figure", "word"),
    [
        ([(13, 10)], Health.WELL, "1", ""),
        ([(25, 10)], Health.WARNING, "1", "Sin señales de vida"),
        ([(25, 30)], Health.WELL, "1", ""),
        ([(25, 10), (3, 10)], Health.WELL, "2", ""),
        ([(40, 10)], Health.BAD, "0", "Ningún worker responde desde"),
        ([(40, 10), (3, 10)], Health.WELL, "1", ""),
        ([], Health.BAD, "0", "Ningún worker respondió todavía"),
    ],
)
def test_a_worker_is_judged_by_its_heartbeats_and_not_by_what_the_server_calls_it(
    prefect: PrefectServer, tmp_path: Path, heartbeats: list[tuple[float, int]], health: Health, figure: str, word: str
):
    """Each: how many seconds ago the last one came, and how many are between two."""
    prefect.workers = [worker(ago, every_s=every) for ago, every in heartbeats]
    seen = health_of(Part.WORKER, tmp_path)
    assert (seen.health, seen.figure) == (health, figure)
    assert word in sentence(seen)
    assert bool(seen.advice) == (health is not Health.WELL)
