from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests
import shapely

from modules.domain.layers import Layer
from modules.domain.season import Season
from modules.errors import PortalAnswerInvalid, PortalError, PortalRefused, PortalUnreachable, RequestError
from modules.sources.base import FetchedLayer
from modules.sources.databaler.simulator.faults import KINDS, Faults, parse_fault
from modules.sources.databaler.simulator.running import RunningPortal, running_portal
from tests.portal_server import fetch

GUIDE = Path(__file__).parents[3] / "docs" / "portal-contract.md"


@pytest.fixture(scope="module")
def simulator():
    with running_portal(fields=40) as running:
        yield running


@pytest.fixture(autouse=True)
def no_faults(simulator: RunningPortal):
    yield
    simulator.faults.clear()
    simulator.journal.clear()


def fetched(simulator: RunningPortal, layer: Layer = Layer.FIELDS, **settings: Any) -> FetchedLayer:
    return fetch(simulator, layer, Season.current(), **{"page_size": 15, **settings})


@pytest.mark.parametrize(
    ("fault", "value", "error"),
    [
        ("rate-limit", 1000, PortalUnreachable),
        ("errors", 1000, PortalUnreachable),
        ("unauthorized", 1000, PortalRefused),
        ("redirect", "http://127.0.0.1:9/lotes", PortalRefused),
        ("html", 1, PortalAnswerInvalid),
        ("cut", 1000, PortalUnreachable),
        ("slow", 2000, PortalUnreachable),
        ("short", 1, PortalAnswerInvalid),
        ("drift", 2, PortalAnswerInvalid),
        ("conflict", 1, PortalAnswerInvalid),
        ("next-loop", 1, PortalAnswerInvalid),
        ("crs", "EPSG:5346", PortalAnswerInvalid),
        ("missing-column", "cultivo", PortalAnswerInvalid),
        ("wrong-type", "superficie_ha", PortalAnswerInvalid),
    ],
)
def test_faults_that_end_a_reading(simulator: RunningPortal, fault: str, value: Any, error: type[PortalError]):
    simulator.faults.set(fault, value)
    with pytest.raises(error, match=r"[Nn]o se guardó nada"):
        fetched(simulator, attempts=2, deadline_s=0.3)
    simulator.faults.clear()
    assert len(fetched(simulator).attributes) == 40


@pytest.mark.parametrize(
    ("fault", "value"),
    [
        ("rate-limit", 1),
        ("errors", 2),
        ("unauthorized", 1),
        ("expire-token", 1),
        ("cut", 1),
        ("drift", 1),
        ("duplicate", 3),
    ],
)
def test_faults_that_a_reading_survives(simulator: RunningPortal, fault: str, value: int):
    plain = fetched(simulator)
    simulator.faults.set(fault, value)
    assert fetched(simulator).attributes.equals(plain.attributes)


@pytest.mark.parametrize("wish", ["7", "date", "none"])
def test_retry_after_says_what_was_wished(simulator: RunningPortal, wish: str):
    simulator.faults.set("rate-limit", 1)
    simulator.faults.set("retry-after", wish)
    headers = {"Authorization": "Bearer demo-token"}
    answer = requests.get(f"{simulator.url}/lotes?campania=25/26", headers=headers, timeout=5)
    said = answer.headers.get("Retry-After")
    assert said == {"7": "7", "none": None}.get(wish, said)
    assert wish != "date" or said.endswith("GMT")


def test_empty_and_shrunken_layers_are_answers(simulator: RunningPortal):
    simulator.faults.set("shrink", 0.25)
    assert len(fetched(simulator).attributes) == 30
    simulator.faults.set("empty", 1)
    for layer in Layer:
        assert len(fetched(simulator, layer).attributes) == 0


def test_geometry_faults_hit_as_many_fields_as_told(simulator: RunningPortal):
    for fault in ("nan", "null-geometry", "bow-tie", "out-of-range"):
        simulator.faults.set(fault, 2)
        spoiled = fetched(simulator).geometry
        found = {
            "nan": [shape for shape in spoiled if not np.isfinite(shapely.get_coordinates(shape)).all()],
            "null-geometry": [shape for shape in spoiled if shape is None],
            "bow-tie": [shape for shape in spoiled if not shapely.is_valid(shape)],
            "out-of-range": [shape for shape in spoiled if shapely.bounds(shape)[1] > 90],
        }[fault]
        assert len(found) == 2, fault
        simulator.faults.clear()


def test_swapped_axes_swap_every_coordinate(simulator: RunningPortal):
    plain = shapely.get_coordinates(fetched(simulator).geometry)
    simulator.faults.set("swapped-axes", 1)
    assert np.array_equal(shapely.get_coordinates(fetched(simulator).geometry), plain[:, ::-1])


def test_faults_can_be_changed_from_another_process(simulator: RunningPortal):
    address = f"{simulator.url}/_simulator/faults"
    assert requests.post(address, json={"errors": 3, "crs": "EPSG:1"}, timeout=5).json() == {
        "errors": 3,
        "crs": "EPSG:1",
    }
    assert requests.post(address, json={"crs": None}, timeout=5).json() == {"errors": 3}
    assert requests.post(address, json={}, timeout=5).json() == {}
    refused = requests.post(address, json={"nonsense": 1}, timeout=5)
    assert refused.status_code == 422
    assert "rate-limit" in refused.json()["detail"]


@pytest.mark.parametrize("text", ["errors", "nonsense=1", "errors=many", "shrink=half"])
def test_faults_written_wrongly_are_refused_with_a_sentence(text: str):
    with pytest.raises(RequestError, match="falla"):
        Faults().set(*parse_fault(text))


def test_the_guide_lists_every_fault():
    listed = [
        line.split("|")[1].strip(" `") for line in GUIDE.read_text("utf-8").splitlines() if line.startswith("| `")
    ]
    assert [name for name in listed if name in KINDS] == list(KINDS)
