from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from urllib3.connection import HTTPConnection

from modules.domain.layers import Layer
from modules.domain.season import Season
from modules.domain.source_columns import COLUMNS
from modules.errors import PortalAnswerInvalid, SettingsError
from modules.settings import PortalSettings
from modules.sources.base import FetchedLayer
from modules.sources.databaler import open_portal
from modules.sources.databaler.client import Portal
from modules.sources.databaler.simulator.running import RunningPortal, running_portal
from tests.portal_server import (
    SEASON,
    Asked,
    PortalServer,
    Sink,
    collection,
    fetch,
    http,
    lote,
    paged,
    portal_server,
)


@pytest.fixture(scope="module")
def simulator():
    with running_portal(fields=120) as running:
        yield running


@pytest.fixture
def portal(simulator: RunningPortal):
    opened = Portal(simulator.settings(page_size=25), simulator.url)
    yield opened
    opened.close()


def test_no_address_is_told_in_a_sentence():
    with pytest.raises(SettingsError, match="ningún portal configurado"):
        open_portal(PortalSettings())


def test_an_account_in_the_address_is_refused():
    with pytest.raises(SettingsError, match="incluye una cuenta") as raised:
        open_portal(PortalSettings(url="https://ana:clave@portal.example"))
    assert "clave" not in str(raised.value)


def test_connections_are_used_again(simulator: RunningPortal, monkeypatch: pytest.MonkeyPatch):
    opened = []
    connect = HTTPConnection.connect
    monkeypatch.setattr(HTTPConnection, "connect", lambda self: (opened.append(self), connect(self))[1])
    simulator.journal.clear()
    fetch(simulator, season=Season.current(), page_size=5, threads=2)
    assert len(simulator.journal.asked()) == 25
    assert 1 <= len(opened) <= 3


def test_opening_asks_nothing(simulator: RunningPortal):
    simulator.journal.clear()
    source = open_portal(simulator.settings())
    assert source.label == f"databaler {simulator.url}"
    assert source.name == "Databaler"
    assert simulator.journal.asked() == []


def test_seasons_come_newest_first(portal: Portal):
    seasons = portal.seasons()
    assert seasons == sorted(seasons, reverse=True)
    assert {Season(2024), Season(2025), Season.current()} <= set(seasons)


def test_farms_come_by_name_over_all_pages():
    farms = [{"id": str(number), "nombre": f"Campo {9 - number}"} for number in range(5)]

    def answer(asked: Asked) -> bytes:
        more = asked.page < 3
        page = {"items": farms[asked.page * 2 - 2 : asked.page * 2], "total": 5}
        return http(json.dumps(page | {"next": f"/campos?page={asked.page + 1}" if more else None}).encode())

    with portal_server(answer) as server:
        opened = Portal(server.settings(), server.url)
        assert [farm.name for farm in opened.farms()] == ["Campo 5", "Campo 6", "Campo 7", "Campo 8", "Campo 9"]
        opened.close()


@pytest.mark.parametrize("page", [{"items": [], "total": 1}, {"items": [{"id": 1}], "total": 1}, {}, []])
def test_farms_that_are_not_as_agreed_are_an_error(page: object):
    with portal_server(http(json.dumps(page).encode())) as server:
        opened = Portal(server.settings(), server.url)
        with pytest.raises(PortalAnswerInvalid, match="campos"):
            opened.farms()
        opened.close()


def test_seasons_that_are_not_seasons_are_an_error():
    with portal_server(http(b'{"items": [{"id": "2025"}], "total": 1}')) as server:
        opened = Portal(server.settings(), server.url)
        with pytest.raises(PortalAnswerInvalid, match="campañas"):
            opened.seasons()
        opened.close()


def test_simulator_is_told_from_a_portal(portal: Portal):
    assert portal.is_simulator()
    with portal_server(http(b'{"items": [], "total": 0}')) as server:
        opened = Portal(server.settings(), server.url)
        assert not opened.is_simulator()
        opened.close()


@pytest.mark.parametrize("layer", Layer)
def test_a_layer_has_the_columns_of_the_contract_sorted_by_id(portal: Portal, layer: Layer):
    fetched = portal.fetch(layer, Season.current(), [], raw=Sink(), on_page=lambda *_: None)
    ids = fetched.attributes["id"].to_pylist()
    assert fetched.attributes.schema.equals(COLUMNS[layer])
    assert ids == sorted(set(ids))
    assert len(fetched.geometry) == len(ids) > 0
    assert all(not column.nullable for column in fetched.attributes.schema if column.name in {"id", "campania"})


def test_the_raw_pages_are_what_was_sent_byte_for_byte():
    pages = {1: collection([lote(1), lote(2)], 3, "/lotes?page=2"), 2: collection([lote(3)], 3) + b" \n"}
    sink = Sink()
    with portal_server(lambda asked: http(pages[asked.page])) as server:
        fetch(server, sink=sink)
    assert sink.pages[Layer.FIELDS] == pages


def test_progress_counts_pages_up_to_their_number(portal: Portal):
    steps: list[tuple[int, int]] = []
    portal.fetch(
        Layer.FIELDS, Season.current(), [], raw=Sink(), on_page=lambda done, total: steps.append((done, total))
    )
    assert steps == [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]


def test_farms_narrow_a_layer(portal: Portal):
    chosen = portal.farms()[:2]
    some = portal.fetch(
        Layer.ZONES, Season.current(), [farm.id for farm in chosen], raw=Sink(), on_page=lambda *_: None
    )
    assert set(some.attributes["campo_id"].to_pylist()) == {farm.id for farm in chosen}


def test_layers_fetched_at_the_same_time_are_those_fetched_one_by_one(portal: Portal):
    def whole(layer: Layer) -> FetchedLayer:
        return portal.fetch(layer, Season.current(), [], raw=Sink(), on_page=lambda *_: None)

    with ThreadPoolExecutor(len(Layer)) as pool:
        together = list(pool.map(whole, Layer))
    for layer, fetched in zip(Layer, together, strict=True):
        alone = whole(layer)
        assert fetched.attributes.equals(alone.attributes)
        assert (shapely.to_wkb(fetched.geometry) == shapely.to_wkb(alone.geometry)).all()


def test_pages_are_asked_for_side_by_side_but_never_more_than_the_threads():
    busy, most = 0, 0
    lock = threading.Lock()
    well = paged([lote(number) for number in range(1, 41)], 2)
    both = threading.Event()

    def answer(asked: Asked) -> bytes:
        nonlocal busy, most
        with lock:
            busy += 1
            most = max(most, busy)
            if busy == 3:
                both.set()
        if asked.page > 1:
            both.wait(5)
        with lock:
            busy -= 1
        return well(asked)

    with portal_server(answer) as server:
        assert len(fetch(server, threads=3).attributes) == 40
    assert most == 3


def test_routes_names_and_scheme_can_be_those_of_another_portal():
    theirs = lote(1)
    theirs["properties"]["parcel_name"] = theirs["properties"].pop("nombre")

    def answer(asked: Asked) -> bytes:
        assert asked.path == "/v2/parcels"
        assert asked.headers["authorization"].startswith("Token ")
        return http(collection([theirs], 1))

    remapped = {
        "paths": {"lotes": "/v2/parcels"},
        "names": {"lotes": {"nombre": "parcel_name"}},
        "auth_scheme": "Token",
    }
    with portal_server(answer) as server:
        fetched = fetch(server, **remapped)
    assert fetched.attributes["lote"].to_pylist() == ["Lote 1"]
    assert fetched.extra_columns == []


def test_netrc_does_not_take_the_place_of_the_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login other password other")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with portal_server(http(collection([lote(1)], 1))) as server:
        fetch(server)
    assert server.asked[0].headers["authorization"].startswith("Bearer ")


def test_geometries_come_as_they_were_sent():
    ring = [[-60.1, -34.2, 88.5], [-60.0, -34.2, 88], [-60.0, -34.1, 88], [-60.1, -34.2, 88.5]]
    hole = [[-60.02, -34.18], [-60.01, -34.18], [-60.01, -34.17], [-60.02, -34.18]]
    shapes = [
        {"type": "Polygon", "coordinates": [ring, hole]},
        {"type": "MultiPolygon", "coordinates": [[ring], [hole]]},
        {"type": "Polygon", "coordinates": []},
        {"coordinates": [-60.123456789012, 1e-7], "type": "Point"},
        None,
    ]
    features = [lote(number) | {"geometry": shape} for number, shape in enumerate(shapes)]
    with portal_server(http(collection(features, 5).replace(b", ", b",\n   "))) as server:
        fetched = fetch(server)
    flat = [position[:2] for position in ring]
    expected = [
        shapely.Polygon(flat, [hole]),
        shapely.MultiPolygon([(flat, []), (hole, [])]),
        shapely.Polygon(),
        shapely.Point(-60.123456789012, 1e-7),
        None,
    ]
    assert [None if shape is None else shape.wkt for shape in fetched.geometry] == [
        None if shape is None else shape.wkt for shape in expected
    ]
    assert not shapely.has_z(fetched.geometry[:4]).any()


@pytest.mark.parametrize(
    ("geometry", "reason"),
    [
        ({"type": "Polygon", "coordinates": [[[-60, -34], [-60, -33]]]}, "unreadable_geometry"),
        ({"type": "Polygon", "coordinates": [[[-60], [-60, -33], [-61, -33], [-60, -34]]]}, "unreadable_geometry"),
        ({"type": "Polygon", "coordinates": [["a", "b"]]}, "unreadable_geometry"),
        ({"type": "Polygon", "coordinates": [-60, -34]}, "unreadable_geometry"),
        ({"type": "Polygon", "coordinates": {}}, "unreadable_geometry"),
        ({"type": "LineString", "coordinates": [[-60, -34], [-60, -33]]}, "wrong_type"),
        ({"type": "GeometryCollection", "geometries": []}, "wrong_type"),
    ],
)
def test_a_geometry_that_cannot_be_built_is_rejected_alone(geometry: dict, reason: str):
    features = [lote(1), lote(2) | {"geometry": geometry}, lote(3)]
    with portal_server(http(collection(features, 3))) as server:
        fetched = fetch(server)
    assert fetched.attributes["id"].to_pylist() == ["lote-001", "lote-003"]
    assert [(row.id, row.name, row.reason) for row in fetched.rejected] == [("lote-002", "Lote 2", reason)]
    assert all(shape.area > 0 for shape in fetched.geometry)


def test_an_empty_layer_is_an_answer():
    with portal_server(http(collection([], 0))) as server:
        fetched = fetch(server)
    assert len(fetched.attributes) == len(fetched.geometry) == 0
    assert fetched.attributes.schema.equals(COLUMNS[Layer.FIELDS])


NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
FEATURES = st.lists(
    st.tuples(
        st.integers(1, 10_000),
        NAMES,
        st.one_of(st.none(), st.floats(0, 1e6)),
        st.floats(-180, 170, allow_subnormal=False),
        st.floats(-90, 80, allow_subnormal=False),
    ),
    max_size=23,
    unique_by=lambda row: row[0],
)


def described(row: tuple[int, str, float | None, float, float]) -> dict:
    number, name, hectares, west, south = row
    feature = lote(number, nombre=name, superficie_ha=hectares) | {"id": f"lote-{number:05}"}
    ring = [[west, south], [west + 1, south], [west, south + 1], [west, south]]
    return feature | {"geometry": {"type": "Polygon", "coordinates": [ring]}}


def in_pages(features: list[dict], size: int, style: str, server: PortalServer):
    """A well-behaved portal: links by number or by cursor, relative or absolute, with or without per_page."""

    def answer(asked: Asked) -> bytes:
        page = int(asked.query.get("page", asked.query.get("cursor", ["1"]))[0])
        part = features[(page - 1) * size : page * size]
        name = "cursor" if "cursor" in style else "page"
        link = f"/lotes?campania=25%2F26&{name}={page + 1}" if page * size < len(features) else None
        if link and "absolute" in style:
            link = server.url + link
        more = {} if "bare" in style else {"page": page, "per_page": size}
        return http(collection(part, len(features), link, **more))

    return answer


@pytest.fixture(scope="module")
def server():
    with portal_server(b"") as running:
        yield running


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=FEATURES,
    size=st.integers(1, 9),
    style=st.sampled_from(["page", "page absolute", "page bare", "cursor", "cursor absolute bare"]),
)
def test_any_paging_of_any_list_comes_back_equal(server: PortalServer, rows: list, size: int, style: str):
    server.answer = in_pages([described(row) for row in rows], size, style, server)
    fetched = fetch(server)
    rows = sorted(rows)
    assert fetched.attributes["id"].to_pylist() == [f"lote-{row[0]:05}" for row in rows]
    assert fetched.attributes["lote"].to_pylist() == [row[1] for row in rows]
    assert fetched.attributes["superficie_ha"].to_pylist() == [row[2] for row in rows]
    assert fetched.attributes["campania"].to_pylist() == [str(SEASON)] * len(rows)
    corners = [shapely.get_coordinates(shape)[0].tolist() for shape in fetched.geometry]
    assert np.array_equal(corners, [[row[3], row[4]] for row in rows]) or rows == []
