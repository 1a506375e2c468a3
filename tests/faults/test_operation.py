"""Cases 37 and 38: the server of flows is down at the click; a double click."""

from __future__ import annotations

import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from app.commands import following
from app.commands.backup import told_backup
from app.commands.deployment import tell_end
from app.services import runs
from app.services.run import Run, RunState, Waiting, WaitingReason
from app.services.runs import waiting
from modules.environments import Environment
from modules.errors import RequestError, RunRejected, ServerUnreachable
from modules.progress import Step
from modules.run_protocol import BACKUP_DEPLOYMENT, WORK_POOL, limit_name, progress_text
from tests.prefect_server import ask
from tests.relay import Relay

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.conftest import Stack


@pytest.fixture
def use_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    from prefect.context import refresh_global_settings_context

    def use(api: str) -> None:
        monkeypatch.setenv("PREFECT_API_URL", api)
        monkeypatch.setenv("PREFECT_SERVER_ALLOW_EPHEMERAL_MODE", "false")
        refresh_global_settings_context()

    yield use
    monkeypatch.undo()
    refresh_global_settings_context()


@pytest.fixture
def silent_server() -> Iterator[str]:
    """Something that accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/api"


@pytest.fixture
def closed_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    return f"http://127.0.0.1:{port}/api"


@pytest.mark.parametrize("server", ["closed_port", "silent_server"])
def test_f37_server_down_at_the_click_is_a_sentence_within_five_seconds(
    server: str, use_server: Callable[[str], None], request: pytest.FixtureRequest
) -> None:
    use_server(request.getfixturevalue(server))

    began = time.monotonic()
    with pytest.raises(ServerUnreachable) as caught:
        runs.start("hello-world", {"nombre": "Ana"}, who="Ana")

    assert time.monotonic() - began < 5
    assert "no responde" in caught.value.sentence()
    assert not runs.server_answers()


@pytest.fixture
def server_without_database() -> Iterator[str]:
    """What Prefect's server says while its database is away: it is well, it is not ready, and every question fails."""

    class Answers(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            status = {"/api/health": 200, "/api/ready": 503}.get(self.path, 500)
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        do_GET = do_POST = _answer  # noqa: N815  (the names that http.server looks for)

        def log_message(self, *_words: object) -> None:
            """Nothing on the terminal."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/api"
        server.shutdown()
        thread.join()


def test_a_server_whose_database_is_away_did_not_refuse_anything(
    server_without_database: str, use_server: Callable[[str], None]
) -> None:
    use_server(server_without_database)

    with pytest.raises(ServerUnreachable) as caught:
        runs.run("00000000-0000-4000-8000-000000000000")

    assert "error 500" in caught.value.sentence()
    assert "base de datos" in caught.value.sentence()
    assert not runs.server_answers()


def test_f37_a_server_that_stays_away_while_a_run_is_followed_is_one_object_that_names_the_run(
    closed_port: str,
    use_server: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    use_server(closed_port)
    monkeypatch.setattr(following, "_PATIENCE_S", 1.0)
    began = time.monotonic()

    with pytest.raises(ServerUnreachable):
        tell_end(started_run(), told_backup, as_json=True)

    assert time.monotonic() - began > 1
    told = json.loads(capsys.readouterr().out)
    assert (told["run_id"], told["state"], told["environment"]) == ("7", None, "test")
    assert "se inició" in told["error"]


def started_run() -> Run:
    return Run(
        id="7",
        deployment="backup-lotes-daily-3am",
        flow="Backup Databaler Lotes",
        state=RunState.WAITING,
        environment=Environment.TEST,
        parameters={},
        who="Ana",
        scheduled=False,
        created=datetime.now(UTC),
        expected_start=None,
        started=None,
        ended=None,
        seconds=0,
        message="",
    )


def pause_pool(stack: Stack, *, paused: bool) -> None:
    """Pause the pool or let it go on."""
    ask(stack.prefect_api, "PATCH", f"/work_pools/{WORK_POOL}", {"is_paused": paused})


@pytest.mark.stack
class TestWithStack:
    """The same service against the running stack."""

    @pytest.fixture(autouse=True)
    def _server(self, stack: Stack, use_server: Callable[[str], None]) -> None:
        use_server(stack.prefect_api)

    def running(self, run_id: str) -> Run:
        deadline = time.monotonic() + 60
        while (run := runs.run(run_id)).state is not RunState.RUNNING:
            assert time.monotonic() < deadline, f"the run is still {run.state}"
            time.sleep(0.2)
        return run

    def ended(self, run_id: str, seconds: float = 60) -> RunState:
        deadline = time.monotonic() + seconds
        while not (state := runs.run(run_id).state).ended:
            assert time.monotonic() < deadline, f"the run is still {state}"
            time.sleep(0.2)
        return state

    @pytest.mark.slow
    def test_f37_a_server_that_is_away_for_a_moment_does_not_end_the_following(
        self, stack: Stack, use_server: Callable[[str], None], capsys: pytest.CaptureFixture[str]
    ) -> None:
        port = urlsplit(stack.prefect_api).port or 0
        with Relay(port) as before:
            use_server(before.api)
            pause_pool(stack, paused=True)
            started = runs.start("hello-world", {"nombre": "paciencia"}, who="Ana")

            def restart() -> None:
                time.sleep(1)
                before.close()
                time.sleep(1.5)
                with Relay(port, before.port):
                    pause_pool(stack, paused=False)
                    ended.wait(60)

            ended = threading.Event()
            restarting = threading.Thread(target=restart)
            restarting.start()
            try:
                state = tell_end(started, told_backup, as_json=True)
            finally:
                ended.set()
                restarting.join()

        assert state is RunState.COMPLETED
        told = json.loads(capsys.readouterr().out)
        assert (told["run_id"], told["state"]) == (started.id, "Completed")

    def test_f38_a_double_click_is_one_run(self) -> None:
        first = runs.start("hello-world", {"nombre": "doble"}, who="Ana")
        second = runs.start("hello-world", {"nombre": "doble"}, who="Ana")
        another = runs.start("hello-world", {"nombre": "otro"}, who="Ana")

        assert second.id == first.id
        assert another.id != first.id
        assert self.ended(first.id) is RunState.COMPLETED
        assert self.ended(another.id) is RunState.COMPLETED

    @pytest.mark.slow
    def test_f38_two_operators_see_the_same_run(self) -> None:
        first = runs.start("hello-world", {"nombre": "dos"}, who="Ana")
        second = runs.start("hello-world", {"nombre": "dos"}, who="Bruno")

        assert second.id == first.id
        assert [run.id for run in runs.recent(5)].count(first.id) == 1
        self.ended(first.id)

    @pytest.mark.slow
    def test_f38_a_second_click_is_the_same_run_also_when_another_ended_in_between(self, stack: Stack) -> None:
        pause_pool(stack, paused=True)
        try:
            first = runs.start("hello-world", {"nombre": "primera"}, who="Ana")
            other = runs.start("hello-world", {"nombre": "otra"}, who="Bruno")
            assert runs.cancel(other.id).state is RunState.CANCELLED

            again = runs.start("hello-world", {"nombre": "primera"}, who="Ana")
        finally:
            pause_pool(stack, paused=False)

        assert again.id == first.id
        self.ended(first.id)

    @pytest.mark.slow
    def test_f38_two_clicks_at_the_same_instant_are_one_run(self) -> None:
        with ThreadPoolExecutor(4) as pool:
            clicks = [pool.submit(runs.start, "hello-world", {"nombre": "a la vez"}, who="Ana") for _ in range(4)]

        assert len({click.result().id for click in clicks}) == 1
        self.ended(clicks[0].result().id)

    def test_after_it_ended_the_same_request_is_a_new_run(self) -> None:
        first = runs.start("hello-world", {"nombre": "de nuevo"}, who="Ana")
        self.ended(first.id)

        assert runs.start("hello-world", {"nombre": "de nuevo"}, who="Ana").id != first.id

    def test_an_unknown_parameter_is_refused(self) -> None:
        with pytest.raises(RequestError, match="apellido"):
            runs.start("hello-world", {"apellido": "Paz"})

    def test_a_parameter_of_the_wrong_type_is_refused(self) -> None:
        with pytest.raises(RunRejected):
            runs.start("backup-lotes-daily-3am", {"test": "quizás"})

    def test_an_unknown_run_is_a_sentence(self) -> None:
        with pytest.raises(RequestError):
            runs.run("00000000-0000-4000-8000-000000000000")
        with pytest.raises(RequestError):
            runs.run("../../etc/passwd")

    @pytest.mark.slow
    def test_a_run_that_waits_for_its_turn_says_whom_for(self, stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
        """First one that nobody has any more, then that of a younger run, as turns do not go by age."""
        turn = {"slots": 1, "names": [limit_name(BACKUP_DEPLOYMENT, Environment.TEST)]}
        ask(stack.prefect_api, "POST", "/v2/concurrency_limits/increment", turn)  # and no lease: nobody has it
        started = []
        try:
            started.append(runs.start(BACKUP_DEPLOYMENT, {"test": True}, who="Ana"))
            run = self.running(started[0].id)
            assert runs.waiting_reason(run) is None
            monkeypatch.setattr(waiting, "_TURN_TAKEN", timedelta())
            assert runs.waiting_reason(run) == WaitingReason(Waiting.TURN)

            started.append(runs.start(BACKUP_DEPLOYMENT, {"test": True, "campos": ["C1"]}, who="Bruno"))
            younger = self.running(started[1].id)
            assert runs.waiting_reason(run) == WaitingReason(Waiting.TURN)
            reason = runs.waiting_reason(younger)
            assert reason is not None
            assert (reason.why, [each.id for each in reason.ahead]) == (Waiting.BEHIND_OTHERS, [run.id])

            told = progress_text(Step.DOWNLOAD, 1, 60)
            ask(
                stack.prefect_api,
                "POST",
                "/artifacts/",
                {"flow_run_id": younger.id, "type": "progress", "data": 1, "description": told},
            )
            reason = runs.waiting_reason(run)
            assert reason is not None
            assert (reason.why, [each.id for each in reason.ahead]) == (Waiting.BEHIND_OTHERS, [younger.id])
            assert runs.waiting_reason(younger) is None

            # What another one had is free since that ended.
            assert run.started is not None
            monkeypatch.setattr(waiting, "_TURN_TAKEN", datetime.now(UTC) - run.started)
            runs.cancel(younger.id)
            self.ended(younger.id)
            assert runs.waiting_reason(run) is None
        finally:
            for each in started[1:]:
                if not runs.run(each.id).state.ended:
                    runs.cancel(each.id)
            ask(stack.prefect_api, "POST", "/v2/concurrency_limits/decrement", turn)
        assert self.ended(run.id, 150) is RunState.COMPLETED
        assert runs.waiting_reason(run) is None

    @pytest.fixture
    def company(self, stack: Stack) -> Iterator[Callable[..., dict[str, str]]]:
        """Makes the deployment of a flow of a company's own, in no pool: nobody takes its runs, which go with it."""
        flow = ask(stack.prefect_api, "POST", "/flows/", {"name": f"De la empresa {uuid4()}"})["id"]
        yield lambda **more: ask(stack.prefect_api, "POST", "/deployments/", {"name": "propio", "flow_id": flow} | more)
        for run in runs.active():
            if run.flow.startswith("De la empresa"):
                runs.cancel(run.id)
        ask(stack.prefect_api, "DELETE", f"/flows/{flow}")

    def behind(self, run_id: str) -> list[str]:
        """The runs that this one is said to be behind."""
        reason = runs.waiting_reason(runs.run(run_id))
        return [each.id for each in reason.ahead] if reason else []

    @pytest.mark.slow
    def test_runs_of_a_company_are_before_one_another_where_they_take_turns(
        self, stack: Stack, company: Callable[..., dict[str, str]]
    ) -> None:
        api = stack.prefect_api
        started = f"/deployments/{company()['id']}/create_flow_run"
        older, younger = (ask(api, "POST", started, {"parameters": {"test": True}})["id"] for _ in range(2))
        assert self.behind(younger) == []

        turn = limit_name("propio", Environment.TEST)
        ask(api, "POST", "/v2/concurrency_limits/", {"name": turn, "limit": 1})
        try:
            assert (self.behind(younger), self.behind(older)) == ([older], [])
        finally:
            ask(api, "DELETE", f"/v2/concurrency_limits/{turn}")

        company(concurrency_limit=1)
        assert self.behind(younger) == [older]
        company(concurrency_limit=2)
        assert self.behind(younger) == []

    def test_runs_without_a_deployment_wait_for_none(
        self, stack: Stack, company: Callable[..., dict[str, str]]
    ) -> None:
        told = {"flow_id": company()["flow_id"], "parameters": {"test": True}, "state": {"type": "SCHEDULED"}}
        _older, younger = (ask(stack.prefect_api, "POST", "/flow_runs/", told)["id"] for _ in range(2))
        assert self.behind(younger) == []

    @pytest.mark.slow
    def test_who_and_when_are_told(self) -> None:
        run = runs.start("hello-world", {"nombre": "quién"}, who="Ana")
        self.ended(run.id)

        seen = runs.run(run.id)

        assert seen.who == "Ana"
        assert seen.flow == "hello-world"
        assert seen.started is not None
        assert seen.ended is not None
        assert seen.started <= seen.ended

    @pytest.mark.slow
    def test_the_log_is_complete_a_few_seconds_after_the_end(self) -> None:
        run = runs.start("hello-world", {"nombre": "registro"}, who="Ana")
        self.ended(run.id)
        deadline = time.monotonic() + 10

        while not any("Hola, registro" in line.text for line in runs.log(run.id).lines):
            assert time.monotonic() < deadline, "the line did not arrive"
            time.sleep(0.3)
