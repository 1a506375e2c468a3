"""Cases 1 and 2: a portal that asks to wait, or fails for a while."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from modules.errors import PortalAnswerInvalid, PortalUnreachable
from tests.portal_server import Asked, Waits, fetch, http, lote, paged, portal_server

NOW = datetime(2025, 11, 23, 9, 0, tzinfo=UTC)


def failing(times: int, *answers: bytes):
    """Answer the first requests with `answers` in turn, `times` in all, then behave."""
    well = paged([lote(1)], 2)
    left = [answers[number % len(answers)] for number in range(times)]

    def answer(asked: Asked) -> bytes:
        return left.pop(0) if left else well(asked)

    return answer


def refusal(status: str, **headers: str) -> bytes:
    return http(b'{"detail": "no"}', status, "application/json", **headers)


def test_f01_retry_after_in_seconds_is_waited_for():
    waits = Waits()
    with portal_server(failing(2, refusal("429 Too Many Requests", Retry_After="3"))) as server:
        assert len(fetch(server, clock=waits.clock(now=lambda: NOW)).attributes) == 1
    assert waits.slept == [3, 3]
    assert len(server.asked) == 3


def test_f01_retry_after_as_a_date_is_waited_for():
    waits = Waits()
    date = "Sun, 23 Nov 2025 09:00:42 GMT"
    with portal_server(failing(1, refusal("429 Too Many Requests", Retry_After=date))) as server:
        assert len(fetch(server, clock=waits.clock(now=lambda: NOW)).attributes) == 1
    assert waits.slept == [42]


def test_f01_a_date_gone_by_means_at_once():
    waits = Waits()
    date = "Sun, 23 Nov 2025 08:00:00 GMT"
    with portal_server(failing(1, refusal("503 Service Unavailable", Retry_After=date))) as server:
        fetch(server, clock=waits.clock(now=lambda: NOW))
    assert waits.slept == [0]


@pytest.mark.parametrize("asked_for", ["86400", "Tue, 24 Nov 2026 09:00:00 GMT"])
def test_f01_the_wait_is_capped(asked_for: str):
    waits = Waits()
    with portal_server(failing(1, refusal("429 Too Many Requests", Retry_After=asked_for))) as server:
        fetch(server, clock=waits.clock(now=lambda: NOW), wait_cap_s=7)
    assert waits.slept == [7]


@pytest.mark.parametrize("nonsense", ["soon", "-5", "1e3", ""])
def test_f02_retry_after_that_says_nothing_falls_back_to_back_off(nonsense: str):
    waits = Waits()
    with portal_server(failing(1, refusal("429 Too Many Requests", Retry_After=nonsense))) as server:
        fetch(server, clock=waits.clock(now=lambda: NOW), backoff_s=0.5)
    assert waits.slept == [0.5]


def test_f02_a_burst_of_server_errors_is_survived_with_doubling_pauses():
    waits = Waits()
    burst = [refusal(f"{status} Failing") for status in (500, 502, 503, 504)]
    with portal_server(failing(4, *burst)) as server:
        assert len(fetch(server, clock=waits.clock(now=lambda: NOW), backoff_s=0.5, wait_cap_s=3).attributes) == 1
    assert waits.slept == [0.5, 1, 2, 3]


def test_f02_pauses_are_drawn_between_nothing_and_the_longest():
    drawn = []

    def uniform(least: float, most: float) -> float:
        drawn.append((least, most))
        return least

    with portal_server(failing(2, refusal("500 Failing"))) as server:
        fetch(server, clock=Waits().clock(uniform=uniform), backoff_s=0.5)
    assert drawn == [(0, 0.5), (0, 1)]


@pytest.mark.parametrize(
    ("status", "sentence"), [("429 Too Many Requests", "demasiados pedidos"), ("503 Service Unavailable", "fallando")]
)
def test_f02_a_spent_budget_is_an_error(status: str, sentence: str):
    waits = Waits()
    with portal_server(failing(1000, refusal(status))) as server, pytest.raises(PortalUnreachable, match=sentence):
        fetch(server, clock=waits.clock(now=lambda: NOW), attempts=4)
    assert len(server.asked) == 4
    assert len(waits.slept) == 3


@pytest.mark.parametrize("status", ["404 Not Found", "409 Conflict", "418 Teapot", "501 Not Implemented"])
def test_f02_other_statuses_are_not_tried_again(status: str):
    waits = Waits()
    with portal_server(failing(1, refusal(status))) as server, pytest.raises(PortalAnswerInvalid):
        fetch(server, clock=waits.clock(now=lambda: NOW))
    assert len(server.asked) == 1
    assert waits.slept == []


def test_f02_nobody_there_is_an_error_after_all_tries():
    waits = Waits()
    with portal_server(failing(0, b"")) as server:
        pass
    with pytest.raises(PortalUnreachable, match="no responde"):
        fetch(server, clock=waits.clock(now=lambda: NOW), attempts=3)
    assert len(waits.slept) == 2
