from __future__ import annotations

from collections.abc import Iterator

import pytest

from modules.errors import RequestError
from modules.sources import resolve_farms
from modules.sources.base import Source
from modules.sources.databaler import open_portal
from tests.portal_server import http, portal_server

FARMS = (
    '{"items": [{"id": "1", "nombre": "La Ñusta"}, {"id": "2", "nombre": "El Ombú"}, {"id": "3", "nombre": "El Ombú"},'
    '{"id": "4", "nombre": "el ombu"}, {"id": "5", "nombre": "4"}], "total": 5}'
)


@pytest.fixture
def source() -> Iterator[Source]:
    with portal_server(http(FARMS.encode())) as server:
        yield open_portal(server.settings())


@pytest.mark.parametrize(
    ("wanted", "id_"),
    [("1", "1"), ("La Ñusta", "1"), ("la nusta", "1"), ("  LA   ÑUSTA ", "1"), ("el ombu", "4"), ("4", "4")],
)
def test_a_farm_is_found_by_id_then_name_then_without_case_and_accents(source: Source, wanted: str, id_: str):
    assert [farm.id for farm in resolve_farms(source, [wanted])] == [id_]


def test_farms_come_once_each_in_the_order_asked(source: Source):
    assert [farm.id for farm in resolve_farms(source, ["2", "La Ñusta", "1"])] == ["2", "1"]


def test_a_name_of_several_farms_is_refused_with_their_ids(source: Source):
    with pytest.raises(RequestError, match=r"varios campos llamados “El Ombú”.* 2, 3"):
        resolve_farms(source, ["El Ombú"])


def test_an_unknown_name_is_refused_with_those_like_it(source: Source):
    with pytest.raises(RequestError, match=r"no tiene un campo “La Nuta”.*La Ñusta"):
        resolve_farms(source, ["La Nuta"])
    with pytest.raises(RequestError, match=r"no tiene un campo “zzz”\.$"):
        resolve_farms(source, ["zzz"])


def test_nothing_wanted_asks_nothing():
    with portal_server(b"") as server:
        assert resolve_farms(open_portal(server.settings()), []) == []
    assert server.asked == []
