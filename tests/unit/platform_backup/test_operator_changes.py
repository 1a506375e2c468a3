"""What an operator changed, put back into a server that refuses some of it or is gone half way."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from app.cli import cli
from app.stack import operator_changes
from app.stack.operator_changes import Missing, OperatorChange, PutBack, Step
from app.stack.prefect_api import ApiTrouble, Trouble
from modules.errors import ServerUnreachable
from modules.i18n import use_language
from modules.platform_backup.saving import Wanted, save


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with use_language("en"):
        yield


def schedule(cron: str, slug: str | None = None, most: int | None = None, **parameters: Any) -> dict[str, Any]:
    return {
        "schedule": {"cron": cron}, "active": True, "max_scheduled_runs": most, "parameters": parameters, "slug": slug,
    }  # fmt: skip


class Server:
    """Deployments as Prefect keeps them: a slug once, a schema that is enforced, and `None` taken for unsaid.

    Gone after `lasts` changes.
    """

    def __init__(self, known: set[str], lasts: int | None = None, **schedules: list[dict[str, Any]]) -> None:
        self.deployments = {
            name: {
                "id": name, "paused": False, "parameters": {},
                "schedules": [{"id": f"{name}-{n}", **each} for n, each in enumerate(theirs)],
                "parameter_openapi_schema": {"properties": {key: {} for key in known}},
            }
            for name, theirs in schedules.items()
        }  # fmt: skip
        self.known, self.lasts, self.changes, self.ids = known, lasts, 0, itertools.count(100)

    def get(self, path: str) -> Any:
        found = self.deployments.get(path.rsplit("/", 1)[-1])
        return found and found | {"schedules": [dict(each) for each in found["schedules"]]}

    def change(self, method: str, path: str, body: Any = None) -> None:
        if self.changes == self.lasts:
            raise ApiTrouble(Trouble.SILENT, f"{path}: ConnectError")
        self.changes += 1
        _, _, deployment, *more = path.split("/")
        theirs = self.deployments[deployment]
        if not more:
            if set(body["parameters"]) - self.known or "refused" in body["parameters"].values():
                raise ApiTrouble(Trouble.FAILED, f"{path}: 409", 409)
            theirs |= body
        elif method == "POST":
            if any(each["schedule"]["cron"] == "refused" for each in body):
                raise ApiTrouble(Trouble.FAILED, f"{path}: 422", 422)
            theirs["schedules"] += [{"id": f"new-{next(self.ids)}", **each} for each in body]
        elif method == "DELETE":
            theirs["schedules"] = [each for each in theirs["schedules"] if each["id"] != more[1]]
        else:
            (named,) = [each for each in theirs["schedules"] if each["id"] == more[1]]
            named |= {name: value for name, value in body.items() if value is not None}
        slugs = [each["slug"] for each in theirs["schedules"] if each["slug"]]
        assert len(slugs) == len(set(slugs))

    def schedules(self, name: str) -> list[dict[str, Any]]:
        theirs = [{key: each[key] for key in each if key != "id"} for each in self.deployments[name]["schedules"]]
        return sorted(theirs, key=str)


def change(name: str, schedules: list[dict[str, Any]], **parameters: Any) -> OperatorChange:
    return OperatorChange("Flow", name, paused=True, parameters=parameters, schedules=schedules)


def put_back(server: Any, *changes: OperatorChange) -> PutBack:
    return operator_changes.put_back(server, changes)


WANTED = [
    schedule("1", "kept"),
    schedule("2", "moved", test=False),
    schedule("3", "freed"),
    schedule("4"),
    schedule("5"),
]
THERE = [
    schedule("1", "kept"), schedule("9", "moved"), schedule("3", "freed", most=2), schedule("4"),
    schedule("8", "other"),
]  # fmt: skip


def test_a_break_at_any_change_loses_no_schedule_and_the_same_again_ends_it():
    whole = Server({"a"}, nightly=THERE)
    put_back(whole, change("nightly", WANTED, a=1))
    assert whole.schedules("nightly") == sorted(WANTED, key=str)
    assert whole.deployments["nightly"]["paused"] is True
    for lasts in range(whole.changes):
        server = Server({"a"}, lasts, nightly=THERE)
        with pytest.raises(ServerUnreachable):
            put_back(server, change("nightly", WANTED, a=1))
        fires = {each["schedule"]["cron"] for each in server.schedules("nightly")}
        assert {"1", "3", "4"} <= fires, lasts
        assert fires & {"9", "2"}, lasts
        assert fires & {"8", "5"}, lasts
        server.lasts = None
        put_back(server, change("nightly", WANTED, a=1))
        assert server.schedules("nightly") == sorted(WANTED, key=str), lasts


def test_what_is_so_already_stays_as_it_is():
    server = Server({"a"}, nightly=WANTED)
    put_back(server, change("nightly", WANTED, a=1))
    assert server.changes == 1


def test_parameters_that_the_flow_has_no_more_are_left_out_and_named():
    server = Server({"a"}, nightly=[])
    seen = put_back(server, change("nightly", [], a=1, gone=2))
    assert seen == (["Flow/nightly"], [], {"Flow/nightly": ["gone"]})
    assert server.deployments["nightly"]["parameters"] == {"a": 1}


def test_what_is_refused_of_one_is_named_and_the_others_are_put_back():
    server = Server({"a"}, first=THERE, second=THERE, third=[])
    seen = put_back(
        server,
        change("first", WANTED, a="refused"),
        change("second", [schedule("refused")]),
        change("gone", []),
        change("third", WANTED, a=1),
    )
    assert seen.done == ["Flow/third"]
    assert seen.missing == [
        Missing("Flow/first", Step.PARAMETERS, 409), Missing("Flow/second", Step.SCHEDULES, 422), Missing("Flow/gone"),
    ]  # fmt: skip
    assert server.schedules("first") == server.schedules("second") == sorted(THERE, key=str)
    assert server.schedules("third") == sorted(WANTED, key=str)


@pytest.mark.parametrize(
    "trouble",
    [
        ApiTrouble(Trouble.SILENT, "x"),
        ApiTrouble(Trouble.REFUSED, "x: 401", 401),
        ApiTrouble(Trouble.FAILED, "x: 500", 500),
        ApiTrouble(Trouble.FAILED, "x: 429", 429),
    ],
)
def test_a_server_that_may_do_it_the_next_time_is_asked_again(monkeypatch: pytest.MonkeyPatch, trouble: ApiTrouble):
    server = Server({"a"}, nightly=[])

    def fail(*_words: object) -> None:
        raise trouble

    monkeypatch.setattr(server, "change", fail)
    with pytest.raises(ServerUnreachable):
        put_back(server, change("nightly", []))


def test_the_command_says_what_was_refused_and_ends_with_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    archive = tmp_path / "x.zip"
    changes = [change("first", WANTED, a="refused"), change("second", [schedule("refused")]), change("third", [], b=1)]
    save(Wanted(tmp_path / "home", "embedded", "3.9.1", operator=operator_changes.encode(changes)), archive)
    server = Server({"a"}, first=[], second=[], third=[])
    monkeypatch.setattr("app.commands.platform._api", lambda _installation: server)
    words = ["platform", "restore", str(archive), "--operator", "--home", str(tmp_path)]
    ended = CliRunner().invoke(cli, words, env={"TRANQUERA_LANGUAGE": "en"})
    assert ended.exit_code == 1
    assert ended.stdout.splitlines() == ["Flow/third"]
    assert "Flow/first: Prefect's server refused its saved parameters (409), so it is as it was" in ended.stderr
    assert "Flow/second: Prefect's server refused a saved schedule (422). None was removed;" in ended.stderr
    assert "Flow/third: its flow has these parameters no more, so they were left out: b." in ended.stderr
