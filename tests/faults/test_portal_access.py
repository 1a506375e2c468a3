"""Cases 7 and 13: tokens that expire, and answers that send us elsewhere."""

from __future__ import annotations

import logging
import threading

import pytest
from pydantic import SecretStr

from modules.domain.season import Season
from modules.errors import PortalAnswerInvalid, PortalError, PortalRefused
from modules.sources.databaler.client import Portal
from modules.sources.databaler.simulator.running import running_portal
from tests.portal_server import CANARY, Asked, Waits, collection, fetch, http, lote, paged, portal_server

THREE = [lote(number) for number in range(1, 4)]
EXPIRED = http(b'{"detail": "expired"}', "401 Unauthorized", "application/json")


class Account:
    """Issues tokens `token-1`, `token-2` …; `page 3` needs the second."""

    settings = {"token": None, "client_id": "app", "client_secret": SecretStr(CANARY)}  # noqa: RUF012

    def __init__(self) -> None:
        self.issued = 0
        self.lock = threading.Lock()

    def answer(self, asked: Asked) -> bytes:
        if asked.path == "/auth/token":
            with self.lock:
                self.issued += 1
            return http(f'{{"access_token": "token-{self.issued}"}}'.encode(), kind="application/json")
        if asked.page == 3 and asked.headers["authorization"] == "Bearer token-1":
            return EXPIRED
        return paged([lote(number) for number in range(1, 8)], 2)(asked)


def test_f07_a_token_that_expires_on_page_3_is_renewed_once_for_the_same_page():
    account = Account()
    with portal_server(account.answer) as server:
        fetched = fetch(server, **account.settings)
    assert len(fetched.attributes) == 7
    assert account.issued == 2
    assert [asked.page for asked in server.asked if asked.path == "/lotes"].count(3) == 2


def test_f07_a_second_refusal_is_final():
    account = Account()

    def answer(asked: Asked) -> bytes:
        return EXPIRED if asked.page == 3 else account.answer(asked)

    with portal_server(answer) as server, pytest.raises(PortalRefused, match="clave de acceso"):
        fetch(server, **account.settings)
    assert account.issued == 2
    assert [asked.page for asked in server.asked].count(3) == 2


def test_f07_a_fixed_token_is_not_tried_twice():
    with portal_server(EXPIRED) as server, pytest.raises(PortalRefused, match="Renovarla"):
        fetch(server)
    assert len(server.asked) == 1


def test_f07_an_account_that_is_not_accepted_is_told():
    with portal_server(EXPIRED) as server, pytest.raises(PortalRefused, match="cuenta configurada"):
        fetch(server, **Account.settings)
    assert [asked.path for asked in server.asked] == ["/auth/token"]


def test_f07_many_threads_renew_one_token_together():
    with running_portal(fields=200) as simulator:
        simulator.faults.set("expire-token", 5)
        fetched = fetch(simulator, season=Season.current(), page_size=10)
        assert len(fetched.attributes) == 200
        assert len(simulator.journal.asked("POST /auth/token")) == 2


def test_f07_an_account_without_the_right_to_read_is_told():
    forbidden = http(b"{}", "403 Forbidden", "application/json")
    with portal_server(forbidden) as server, pytest.raises(PortalRefused, match="Pedir acceso"):
        fetch(server)
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_f13_a_redirect_to_another_host_is_refused(status: str):
    with portal_server(paged(THREE, 2)) as elsewhere:
        away = http(b"", status, Location=f"{elsewhere.url}/lotes")
        with portal_server(away) as server, pytest.raises(PortalRefused, match="desvía"):
            fetch(server)
        assert len(server.asked) == 1
        assert elsewhere.asked == []


@pytest.mark.parametrize("numbered", [True, False])
def test_f13_a_next_page_on_another_host_is_refused(numbered: bool):
    with portal_server(paged(THREE, 2)) as elsewhere:
        link = f"{elsewhere.url}/lotes?" + ("page=2&per_page=2" if numbered else "cursor=2")
        page = http(collection(THREE[:2], 3, link, page=1, per_page=2))
        with portal_server(page) as server, pytest.raises(PortalRefused, match="desvía"):
            fetch(server)
        assert elsewhere.asked == []


def test_f13_the_log_in_is_not_sent_on_either():
    with portal_server(paged(THREE, 2)) as elsewhere:
        away = http(b"", "307 Temporary", Location=f"{elsewhere.url}/auth/token")
        with portal_server(away) as server, pytest.raises(PortalAnswerInvalid, match="No se guardó nada"):
            fetch(server, **Account.settings)
        assert elsewhere.asked == []


def test_f13_a_redirect_within_the_host_is_followed_with_the_token():
    def answer(asked: Asked) -> bytes:
        if asked.path == "/lotes":
            return http(b"", "302 Found", Location=f"/v2/lotes?page={asked.page}")
        return paged(THREE, 5)(asked)

    with portal_server(answer) as server:
        assert len(fetch(server).attributes) == 3
    assert [asked.headers["authorization"] for asked in server.asked] == [f"Bearer {CANARY}"] * 2


def test_f13_redirects_in_a_circle_are_an_error():
    circle = http(b"", "302 Found", Location="/lotes")
    with portal_server(circle) as server, pytest.raises(PortalAnswerInvalid, match="en círculo"):
        fetch(server)
    assert len(server.asked) == 4


@pytest.mark.parametrize("link", ["http://[", "//other.example/lotes", "https://127.0.0.1/lotes", "ftp://127.0.0.1"])
def test_f13_links_of_other_origins_and_broken_ones_are_refused(link: str):
    page = http(collection(THREE[:2], 3, link, page=1, per_page=2))
    with portal_server(page) as server, pytest.raises(PortalRefused, match="desvía"):
        fetch(server)
    assert len(server.asked) == 1


def test_f13_a_connection_that_is_not_secure_is_refused_at_once():
    with portal_server(b"plain text where TLS belongs") as server, pytest.raises(PortalRefused, match="segura"):
        fetch(server, url=server.url.replace("http:", "https:"))


@pytest.mark.parametrize("token", [f"{CANARY}\n", f"{CANARY}–x"])
def test_f36_a_token_that_cannot_be_sent_is_not_told(token: str):
    with portal_server(b"") as server, pytest.raises(PortalRefused, match="clave de acceso") as raised:
        fetch(server, token=SecretStr(token))
    assert CANARY not in str(raised.getrepr(style="long"))
    assert server.asked == []


def test_f36_the_secret_is_in_no_message_log_or_repr(caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    told = []
    for broken in (EXPIRED, b"", http(b"<html>", kind="text/html"), http(b"{"), http(b"", "302 Found", Location="//x")):
        for account in ({}, Account.settings):
            with portal_server(broken) as server:
                portal = Portal(server.settings(attempts=2, **account), server.url, Waits().clock())
                with pytest.raises(PortalError) as raised:
                    portal.farms()
                portal.close()
                told += [repr(portal), repr(portal.__dict__), repr(server.settings(**account)), portal.label]
                told += [f"{raised.getrepr(style='long', showlocals=False)}", repr(raised.value.values)]
    assert CANARY not in "".join(told)
    assert CANARY not in caplog.text
