"""What was not answered, and the order and severity of it all."""

from __future__ import annotations

import time

import pytest
from typer.testing import CliRunner

from app.cli import cli
from app.commands import doctor as command
from app.doctor.asking import Answer, Question, ask_all
from app.doctor.facts import FolderState, Production, Server
from app.doctor.findings import Finding, Part, State, exit_status
from app.doctor.report import judge
from app.stack.prefect_api import ApiTrouble, Trouble
from modules.errors import PortalUnreachable
from modules.i18n import N_, use_language
from modules.storage.roots import Folder
from tests.unit.doctor.installations import COMPOSED, EMBEDDED, STOPPED

SERVER = Server(ready=True, refused=False, version="3.9.1", milliseconds=12, ahead_s=None)
SILENT = ApiTrouble(Trouble.SILENT, "/health: ConnectError")


def states(findings: list[Finding]) -> dict[Part, State]:
    return {finding.part: finding.state for finding in findings}


def test_a_question_that_hangs_is_given_up_and_the_others_are_answered():
    began = time.monotonic()
    answers = ask_all(
        {
            "hangs": Question(lambda: time.sleep(20), 0.2),
            "well": Question(lambda: 7),
            "fails": Question(lambda: 1 // 0),
        }
    )
    assert time.monotonic() - began < 15
    assert answers["hangs"].late
    assert answers["well"] == Answer(7)
    assert isinstance(answers["fails"].error, ZeroDivisionError)


@pytest.mark.parametrize("answer", [Answer(error=SILENT), Answer(late=True, patience_s=10)])
def test_a_silent_server_is_the_one_error_and_what_it_would_have_told_is_unknown(answer: Answer[Server]):
    findings = judge(COMPOSED, {"server": answer, "workers": Answer(error=SILENT), "messages": Answer(error=SILENT)})
    assert states(findings) == {
        Part.SERVER: State.ERROR,
        Part.DATABASE: State.UNKNOWN,
        Part.REDIS: State.UNKNOWN,
        Part.SERVICES: State.UNKNOWN,
        Part.WORKERS: State.UNKNOWN,
    }
    assert exit_status(findings) == 2


def test_a_question_that_a_server_in_order_does_not_answer_is_a_warning():
    failed = Answer(error=ApiTrouble(Trouble.FAILED, "/work_pools/local-pool/workers/filter: 500"))
    findings = judge(COMPOSED, {"server": Answer(SERVER), "workers": failed})
    assert states(findings)[Part.WORKERS] is State.WARNING


def test_a_folder_that_hangs_is_a_warning_with_a_remedy():
    (finding,) = judge(EMBEDDED, {"production": Answer(late=True, patience_s=5)})
    assert (finding.part, finding.state) == (Part.PRODUCTION, State.WARNING)
    assert finding.remedy


def test_an_unforeseen_error_is_named_by_its_kind_alone():
    (finding,) = judge(EMBEDDED, {"clock": Answer(error=ValueError("token=canary"))})
    assert finding.state is State.WARNING
    assert "ValueError" in finding.sentence
    assert "canary" not in finding.sentence + finding.remedy
    with use_language("en"):
        (finding,) = judge(EMBEDDED, {"clock": Answer(error=ValueError("token=canary"))})
    assert finding.remedy.startswith("Ask again"), "the sentence names nothing to correct"


def test_what_the_system_refuses_is_named_with_its_file():
    refused = PermissionError(13, "Permission denied", "/home/x/outputs/H3")
    with use_language("en"):
        (finding,) = judge(EMBEDDED, {"growth": Answer(error=refused)})
    assert (finding.part, finding.state) == (Part.GROWTH, State.WARNING)
    assert finding.sentence == "/home/x/outputs/H3 could not be looked at: Permission denied."
    assert "names" not in finding.remedy


def test_what_a_portal_said_is_said():
    refused = PortalUnreachable(N_("The demo portal does not answer."))
    (finding,) = judge(EMBEDDED, {"portal": Answer(error=refused)})
    assert (finding.part, finding.state, finding.sentence) == (Part.PORTAL, State.ERROR, str(refused))
    assert finding.remedy


def test_a_stopped_home_is_judged_by_what_lies_there():
    findings = judge(STOPPED, {"production": Answer(Production(dict.fromkeys(Folder, FolderState.MISSING)))})
    assert [finding.part for finding in findings] == [Part.SERVER, Part.PRODUCTION]


@pytest.mark.parametrize(
    ("seen", "status"),
    [
        ([], 0),
        ([State.WELL, State.UNKNOWN], 0),
        ([State.WELL, State.WARNING], 1),
        ([State.ERROR, State.WARNING], 2),
    ],
)
def test_the_worst_gives_the_status(seen: list[State], status: int):
    assert exit_status([Finding(Part.DISK, state, "") for state in seen]) == status


@pytest.mark.parametrize(
    ("seen", "last"),
    [
        ([State.WELL], "All is well."),
        ([State.WELL, State.UNKNOWN], "one part not looked at"),
        ([State.UNKNOWN, State.ERROR, State.UNKNOWN, State.WARNING], "one error, one warning, 2 parts not looked at"),
        ([State.WARNING], "one warning"),
    ],
)
def test_the_last_line_leaves_out_nothing_that_could_not_be_looked_at(
    seen: list[State], last: str, monkeypatch: pytest.MonkeyPatch
):
    findings = [Finding(Part.DISK, state, "as it is") for state in seen]
    monkeypatch.setattr(command, "_examined", lambda _home: (None, findings))
    with use_language("en"):
        ended = CliRunner().invoke(cli, ["doctor"], env={"TRANQUERA_LANGUAGE": "en"})
    assert ended.stdout.splitlines()[-1] == last
    assert ended.exit_code == exit_status(findings)
