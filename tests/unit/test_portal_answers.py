"""What a portal said last counts for a while: a page that is open all day does not log in there at every look."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.services import portal as service
from app.services.health import Part, check
from app.services.run import Health
from modules.errors import PortalRefused, PortalUnreachable
from modules.settings import load_settings
from modules.sources.databaler.simulator.running import running_portal
from tests.portal_server import PortalServer, http, portal_server

LONG_S = 600.0
WELL = http(json.dumps({"items": [{"id": "25/26"}], "total": 1}).encode())
FARMS = http(json.dumps({"items": [], "total": 0}).encode())
BROKEN = http(b"", status="500 Broken")
REFUSED = http(b"", status="403 Forbidden")


@pytest.fixture
def portal(monkeypatch: pytest.MonkeyPatch) -> Iterator[PortalServer]:
    """A portal whose answers count for longer than any test takes."""
    monkeypatch.setattr(service, "_answers", {})
    monkeypatch.setattr(service, "_COUNTS_FOR_S", LONG_S)
    with portal_server(WELL) as portal:
        yield portal


def last_said(portal: PortalServer, within_s: float = LONG_S) -> bool:
    return service.last_said(portal.settings(), within_s=within_s)


def test_one_that_answered_is_not_asked_again(portal: PortalServer) -> None:
    assert not last_said(portal)
    portal.answer = BROKEN
    assert not last_said(portal)
    assert len(portal.asked) == 1


def test_after_a_while_it_is_asked_again(portal: PortalServer, monkeypatch: pytest.MonkeyPatch) -> None:
    last_said(portal)
    portal.answer = BROKEN
    monkeypatch.setattr(service, "_COUNTS_FOR_S", -1.0)
    with pytest.raises(PortalUnreachable):
        last_said(portal)


def test_an_account_that_is_refused_is_not_tried_again(portal: PortalServer) -> None:
    portal.answer = REFUSED
    for _time in range(2):
        with pytest.raises(PortalRefused):
            last_said(portal)
    assert len(portal.asked) == 1


def test_a_refusal_that_came_late_counts_too(portal: PortalServer) -> None:
    portal.answer = REFUSED
    for _time in range(2):
        with pytest.raises(PortalRefused):
            last_said(portal, within_s=0)
    assert len(portal.asked) == 1


def test_a_form_that_gets_in_ends_a_refusal(portal: PortalServer) -> None:
    portal.answer = REFUSED
    with pytest.raises(PortalRefused):
        service.choices(portal.settings())
    with pytest.raises(PortalRefused):
        last_said(portal)
    portal.answer = lambda asked: WELL if "campanias" in asked.path else FARMS
    assert service.choices(portal.settings()).seasons == ["25/26"]
    assert not last_said(portal)


def test_one_that_failed_is_asked_again(portal: PortalServer) -> None:
    portal.answer = BROKEN
    with pytest.raises(PortalUnreachable):
        last_said(portal)
    portal.answer = WELL
    assert not last_said(portal)


def test_an_answer_that_came_too_late_does_not_count(portal: PortalServer) -> None:
    for _time in range(2):
        last_said(portal, within_s=0)
    assert len(portal.asked) == 2


def test_a_form_that_asks_in_vain_ends_the_belief(portal: PortalServer) -> None:
    last_said(portal)
    portal.answer = BROKEN
    with pytest.raises(PortalUnreachable):
        service.choices(portal.settings())
    with pytest.raises(PortalUnreachable):
        last_said(portal)


def test_the_strip_of_parts_goes_by_the_last_answer(
    portal: PortalServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_portal(fields=3) as simulator:
        assert service.last_said(simulator.settings(), within_s=LONG_S)
        asked = simulator.journal.asked()
        monkeypatch.setenv("TRANQUERA_DEMO_PORTAL", simulator.url)
        (seen,) = [each for each in check(load_settings(tmp_path)) if each.part is Part.PORTAL]
        assert (seen.health, seen.figure) == (Health.WELL, "(demostración)")
        assert simulator.journal.asked() == asked
