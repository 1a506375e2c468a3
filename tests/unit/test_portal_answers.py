"""What a portal said last counts for a while: a page that is open all day does not log in there at every look."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from app.services import portal as service
from modules.errors import PortalRefused, TranqueraError
from tests.portal_server import PortalServer, http, portal_server

LONG_S = 600.0
WELL = http(json.dumps({"items": [{"id": "25/26"}], "total": 1}).encode())
BROKEN = http(b"", status="500 Broken")
REFUSED = http(b"", status="403 Forbidden")


@pytest.fixture
def portal(monkeypatch: pytest.MonkeyPatch) -> Iterator[PortalServer]:
    """A portal whose answers count for longer than any test takes."""
    monkeypatch.setattr(service, "_answers", {})
    monkeypatch.setattr(service, "_COUNTS_FOR_S", LONG_S)
    with portal_server(WELL) as portal:
        yield portal


def is_simulator(portal: PortalServer, within_s: float = LONG_S) -> bool:
    return service.last_said(portal.settings(), within_s=within_s)


def test_one_that_answered_is_not_asked_again(portal: PortalServer) -> None:
    assert not is_simulator(portal)
    portal.answer = BROKEN
    assert not is_simulator(portal)
    assert len(portal.asked) == 1


def test_after_a_while_it_is_asked_again(portal: PortalServer, monkeypatch: pytest.MonkeyPatch) -> None:
    is_simulator(portal)
    portal.answer = BROKEN
    monkeypatch.setattr(service, "_COUNTS_FOR_S", 0.0)
    with pytest.raises(TranqueraError):
        is_simulator(portal)


def test_an_account_that_is_refused_is_not_tried_again(portal: PortalServer) -> None:
    portal.answer = REFUSED
    for _time in range(2):
        with pytest.raises(PortalRefused):
            is_simulator(portal)
    assert len(portal.asked) == 1


def test_one_that_failed_is_asked_again(portal: PortalServer) -> None:
    portal.answer = BROKEN
    with pytest.raises(TranqueraError):
        is_simulator(portal)
    portal.answer = WELL
    assert not is_simulator(portal)


def test_an_answer_that_came_too_late_does_not_count(portal: PortalServer) -> None:
    for _time in range(2):
        is_simulator(portal, within_s=0)
    assert len(portal.asked) == 2


def test_a_form_that_asks_in_vain_ends_the_belief(portal: PortalServer) -> None:
    is_simulator(portal)
    portal.answer = BROKEN
    with pytest.raises(TranqueraError):
        service.choices(portal.settings())
    with pytest.raises(TranqueraError):
        is_simulator(portal)
