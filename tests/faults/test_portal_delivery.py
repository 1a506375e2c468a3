"""Cases 3, 4 and 6: answers that drip, break off, or are something else."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from modules.domain.layers import Layer
from modules.errors import PortalAnswerInvalid, PortalUnreachable
from modules.sources.databaler.client import Portal
from modules.sources.databaler.transport import GivenUp
from tests.faults.backups import assert_sentence
from tests.portal_server import SEASON, Asked, Reset, Sink, collection, fetch, head, http, lote, paged, portal_server

BODY = collection([lote(1)], 1)
LENGTH = {"Content-Type": "application/json", "Content-Length": str(len(BODY))}


def dripping(text: bytes) -> Iterator[bytes]:
    for place in range(len(text)):
        yield text[place : place + 1]
        time.sleep(0.02)


def drip_body(_asked: Asked) -> Iterator[bytes]:
    yield head(headers=LENGTH)
    yield from dripping(BODY)


def drip_head(_asked: Asked) -> Iterator[bytes]:
    yield from dripping(head(headers=LENGTH))
    yield BODY


def drip_chunks(_asked: Asked) -> Iterator[bytes]:
    yield head(headers={"Content-Type": "application/json", "Transfer-Encoding": "chunked"})
    for byte in dripping(BODY):
        yield b"1\r\n" + byte + b"\r\n"


@pytest.mark.parametrize("drip", [drip_body, drip_head, drip_chunks])
def test_f03_an_answer_that_drips_ends_at_the_deadline(drip):
    with portal_server(drip) as server:
        started = time.monotonic()
        with pytest.raises(PortalUnreachable, match="demasiado lento"):
            fetch(server, read_timeout_s=60, deadline_s=0.3)
        assert 0.3 <= time.monotonic() - started < 6
    assert len(server.asked) == 1


def test_f03_a_silence_is_tried_again():
    def silent_once(asked: Asked) -> bytes:
        if len(server.asked) == 1:
            time.sleep(0.5)
        return paged([lote(1)], 2)(asked)

    with portal_server(silent_once) as server:
        assert len(fetch(server, read_timeout_s=0.1, deadline_s=10).attributes) == 1
    assert len(server.asked) == 2


LONG_S = 30


def drip_for_long(_asked: Asked) -> Iterator[bytes]:
    yield head(headers=LENGTH) + BODY[:-1]
    time.sleep(LONG_S)
    yield BODY[-1:]


def silent_for_long(_asked: Asked) -> Iterator[bytes]:
    time.sleep(LONG_S)
    yield from ()


def asks_to_wait_for_long(_asked: Asked) -> bytes:
    return http(b"{}", "429 Too Many Requests", "application/json", Retry_After=str(LONG_S))


def drip_for_long_without_length(_asked: Asked) -> Iterator[bytes]:
    """Where nobody said how much comes, a connection that ends looks like the end of the answer."""
    yield head(headers={"Content-Type": "application/json"}) + BODY
    time.sleep(LONG_S)


@pytest.mark.parametrize(
    "answer", [drip_for_long, silent_for_long, asks_to_wait_for_long, drip_for_long_without_length]
)
def test_what_another_thread_waits_for_is_given_up_when_the_portal_is_closed(answer):
    with portal_server(answer) as server, ThreadPoolExecutor(1) as beside:
        settings = server.settings(read_timeout_s=LONG_S, deadline_s=LONG_S, wait_cap_s=LONG_S)
        portal = Portal(settings, server.url)
        fetching = beside.submit(portal.fetch, Layer.FIELDS, SEASON, (), raw=Sink(), on_page=lambda *_page: None)
        while not server.asked:
            assert not fetching.done()
            time.sleep(0.01)
        time.sleep(0.2)  # so that what comes at once has come
        portal.close()
        error = fetching.exception(LONG_S / 3)
    assert isinstance(error, GivenUp)
    assert_sentence(error)


def cut(_asked: Asked) -> bytes:
    return head(headers=LENGTH) + BODY[:-10]


def reset_in_the_body(_asked: Asked) -> Iterator[bytes]:
    yield head(headers=LENGTH) + BODY[:20]
    raise Reset


def reset_before_the_head(_asked: Asked) -> bytes:
    raise Reset


def cut_chunks(_asked: Asked) -> bytes:
    return head(headers={"Content-Type": "application/json", "Transfer-Encoding": "chunked"}) + b"ff\r\n" + BODY[:20]


def nothing(_asked: Asked) -> bytes:
    return b""


BROKEN = [cut, reset_in_the_body, reset_before_the_head, cut_chunks, nothing]


@pytest.mark.parametrize("broken", BROKEN)
def test_f04_a_broken_answer_is_tried_again(broken):
    def twice_broken(asked: Asked):
        return broken(asked) if len(server.asked) <= 2 else paged([lote(1)], 2)(asked)

    with portal_server(twice_broken) as server:
        assert fetch(server).attributes["id"].to_pylist() == ["lote-001"]
    assert len(server.asked) == 3


@pytest.mark.parametrize("broken", BROKEN)
def test_f04_answers_that_stay_broken_are_an_error(broken):
    with portal_server(broken) as server, pytest.raises(PortalUnreachable, match="No se guardó nada"):
        fetch(server, attempts=3)
    assert len(server.asked) == 3


def test_f06_a_login_page_is_an_error_and_is_told_nowhere(caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    page = b"<html>Ingresar con su clave secreta</html>"
    with (
        portal_server(http(page, kind="text/html; charset=utf-8")) as server,
        pytest.raises(PortalAnswerInvalid, match="ingreso") as raised,
    ):
        fetch(server)
    assert "secreta" not in f"{raised.value} {raised.value.values} {caplog.text}"
    assert len(server.asked) == 1


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{", b'{"features": []}', b"\xff\xfe", b"<html>"])
def test_f06_json_that_is_none_or_not_the_agreed_one_is_an_error(body: bytes):
    with portal_server(http(body)) as server, pytest.raises(PortalAnswerInvalid, match="No se guardó"):
        fetch(server)
    assert len(server.asked) == 1
