"""Cases 5, 8 and 9: lists that are short, repeat, run in circles or change while they are read."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from modules.domain.layers import Layer
from modules.errors import PortalAnswerInvalid
from tests.portal_server import Asked, Sink, collection, fetch, head, http, lote, paged, portal_server

FIVE = [lote(number) for number in range(1, 6)]


def numbered(page: int) -> str:
    return f"/lotes?campania=25%2F26&page={page}&per_page=2"


def scripted(pages: dict[int, bytes]) -> Callable[[Asked], bytes]:
    return lambda asked: http(pages[asked.page])


def test_f05_a_short_list_without_a_length_is_an_error():
    body = collection(FIVE[:2], 5)
    closed = head(headers={"Content-Type": "application/json", "Connection": "close"}) + body
    sink = Sink()
    with portal_server(closed) as server, pytest.raises(PortalAnswerInvalid, match=r"anunció 5 .* 2"):
        fetch(server, sink=sink)
    assert server.pages() == [1, 1]
    assert sink.restarts == 1


def test_f05_a_list_longer_than_its_total_is_an_error():
    with (
        portal_server(http(collection(FIVE, 4))) as server,
        pytest.raises(PortalAnswerInvalid, match=r"anunció 4 .* 5"),
    ):
        fetch(server)


def test_f05_a_link_missing_in_the_middle_is_an_error():
    pages = {
        1: collection(FIVE[:2], 5, numbered(2), page=1, per_page=2),
        2: collection(FIVE[2:4], 5, None, page=2, per_page=2),
        3: collection(FIVE[4:], 5, None, page=3, per_page=2),
    }
    with portal_server(scripted(pages)) as server, pytest.raises(PortalAnswerInvalid, match="no se siguen"):
        fetch(server)


def test_f08_identical_rows_are_kept_once():
    pages = {
        1: collection(FIVE[:2], 5, numbered(2), page=1, per_page=2),
        2: collection(FIVE[1:4], 5, numbered(3), page=2, per_page=2),
        3: collection(FIVE[3:], 5, None, page=3, per_page=2),
    }
    with portal_server(scripted(pages)) as server:
        fetched = fetch(server)
    assert fetched.attributes["id"].to_pylist() == [feature["id"] for feature in FIVE]
    assert len(fetched.geometry) == 5


def test_f08_a_page_in_the_place_of_another_is_an_error():
    pages = {
        1: collection(FIVE[:2], 5, numbered(2), page=1, per_page=2),
        2: collection(FIVE[:2], 5, numbered(3), page=2, per_page=2),
        3: collection(FIVE[4:], 5, None, page=3, per_page=2),
    }
    with portal_server(scripted(pages)) as server, pytest.raises(PortalAnswerInvalid, match=r"anunció 5 .* 3"):
        fetch(server)


def moved(feature: dict) -> dict:
    west, south = feature["geometry"]["coordinates"][0][0]
    ring = [[west, south], [west + 0.02, south], [west, south + 0.02], [west, south]]
    return feature | {"geometry": {"type": "Polygon", "coordinates": [ring]}}


@pytest.mark.parametrize("twin", [lote(1, nombre="Otro"), lote(1, superficie_ha=None), moved(lote(1))])
def test_f08_rows_that_share_an_id_and_differ_are_an_error(twin: dict):
    sink = Sink()
    with (
        portal_server(http(collection([lote(1), twin], 1))) as server,
        pytest.raises(PortalAnswerInvalid, match=r"dos veces lote-001 de “lotes”"),
    ):
        fetch(server, sink=sink)
    assert sink.restarts == 1


@pytest.mark.parametrize("loop_to", [1, 2])
def test_f08_numbered_links_that_loop_are_an_error(loop_to: int):
    pages = {
        1: collection(FIVE[:2], 5, numbered(2), page=1, per_page=2),
        2: collection(FIVE[2:4], 5, numbered(loop_to), page=2, per_page=2),
        3: collection(FIVE[4:], 5, None, page=3, per_page=2),
    }
    with portal_server(scripted(pages)) as server, pytest.raises(PortalAnswerInvalid, match="en círculo"):
        fetch(server)
    assert len(server.asked) <= 3


def test_f08_followed_links_that_loop_are_an_error():
    links = {None: "a", "a": "b", "b": "a"}

    def answer(asked: Asked) -> bytes:
        cursor = asked.query.get("cursor", [None])[0]
        return http(collection(FIVE[:1], 5, f"/lotes?cursor={links[cursor]}"))

    with portal_server(answer) as server, pytest.raises(PortalAnswerInvalid, match="en círculo"):
        fetch(server)
    assert len(server.asked) == 3


def test_f08_followed_links_that_never_end_are_an_error():
    def answer(asked: Asked) -> bytes:
        cursor = int(asked.query.get("cursor", ["0"])[0])
        return http(collection(FIVE[:1], 5, f"/lotes?cursor={cursor + 1}"))

    with portal_server(answer) as server, pytest.raises(PortalAnswerInvalid, match="en círculo"):
        fetch(server)
    assert len(server.asked) == 6


def drifting(times: int) -> Callable[[Asked], bytes]:
    """Two fields are added after page 1 was read, `times` times; they need a page more."""
    well, grown = paged(FIVE, 2), paged([*FIVE, lote(6), lote(7)], 2)
    readings = 0

    def answer(asked: Asked) -> bytes:
        nonlocal readings
        readings += asked.page == 1
        return grown(asked) if readings <= times and asked.page > 1 else well(asked)

    return answer


def test_f09_pages_that_drift_once_are_read_again_from_the_first():
    sink = Sink()
    with portal_server(drifting(1)) as server:
        fetched = fetch(server, sink=sink)
    assert fetched.attributes["id"].to_pylist() == [feature["id"] for feature in FIVE]
    assert sink.restarts == 1
    assert sorted(sink.pages[Layer.FIELDS]) == [1, 2, 3]
    assert server.pages().count(1) == 2


def test_f09_pages_that_drift_again_are_an_error():
    sink = Sink()
    with (
        portal_server(drifting(2)) as server,
        pytest.raises(PortalAnswerInvalid, match=r"cambió mientras se leía \(5, después 7\)"),
    ):
        fetch(server, sink=sink)
    assert sink.restarts == 1
    assert server.pages().count(1) == 2
