from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
import requests

from modules.domain.layers import Layer
from modules.domain.season import Season
from modules.sources.databaler.contract import ROUTES, property_names, specification
from modules.sources.databaler.simulator.running import RunningPortal, running_portal
from modules.sources.databaler.simulator.tokens import DEMO_CLIENT, DEMO_SECRET, DEMO_TOKEN

CONTRACT = json.loads(specification())
BEARER = {"Authorization": f"Bearer {DEMO_TOKEN}"}


@pytest.fixture(scope="module")
def simulator():
    with running_portal(fields=40) as running:
        yield running


def keeps_contract(answer: requests.Response, route: str, method: str = "get") -> dict[str, Any]:
    """Validate an answer against the schema of its route and status; give its body."""
    told = CONTRACT["paths"][route][method]["responses"][str(answer.status_code)]
    if "$ref" in told:
        told = CONTRACT["components"]["responses"][told["$ref"].rpartition("/")[2]]
    kind = answer.headers["Content-Type"].partition(";")[0]
    body: dict[str, Any] = answer.json()
    schema = told["content"][kind]["schema"] | {"components": CONTRACT["components"]}
    jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(body)
    return body


def test_contract_names_every_route_and_property():
    assert set(CONTRACT["paths"]) == set(ROUTES.values())
    for layer in Layer:
        properties = CONTRACT["components"]["schemas"][f"{layer.capitalize()}Feature"]["properties"]["properties"]
        assert properties["required"] == list(property_names(layer).values())


def test_simulator_serves_the_very_contract(simulator: RunningPortal):
    assert requests.get(f"{simulator.url}/openapi.json", timeout=5).content == specification()


@pytest.mark.parametrize("page", [1, 2, 4, 9])
@pytest.mark.parametrize("layer", Layer)
def test_simulator_keeps_the_contract_on_every_page(simulator: RunningPortal, layer: Layer, page: int):
    query = {"campania": str(Season.current()), "page": page, "per_page": 13}
    answer = requests.get(f"{simulator.url}/{layer}", params=query, headers=BEARER, timeout=5)
    assert answer.status_code == 200
    body = keeps_contract(answer, f"/{layer}")
    assert len(body["features"]) == max(0, min(13, body["total"] - 13 * (page - 1)))


@pytest.mark.parametrize("route", ["/campanias", "/campos"])
def test_simulator_keeps_the_contract_of_its_lists(simulator: RunningPortal, route: str):
    body = keeps_contract(requests.get(simulator.url + route, params={"per_page": 2}, headers=BEARER, timeout=5), route)
    assert len(body["items"]) == 2
    assert body["next"] == f"{route}?page=2&per_page=2"


def test_simulator_gives_tokens_for_the_demo_account_only(simulator: RunningPortal):
    address = f"{simulator.url}/auth/token"
    good = requests.post(address, json={"client_id": DEMO_CLIENT, "client_secret": DEMO_SECRET}, timeout=5)
    token = keeps_contract(good, "/auth/token", "post")["access_token"]
    bad = requests.post(address, json={"client_id": DEMO_CLIENT, "client_secret": "guess"}, timeout=5)
    assert bad.status_code == 401
    keeps_contract(bad, "/auth/token", "post")
    answer = requests.get(f"{simulator.url}/campos", headers={"Authorization": f"Bearer {token}"}, timeout=5)
    assert answer.status_code == 200


@pytest.mark.parametrize("route", ["/campanias", "/campos", *(f"/{layer}?campania=25/26" for layer in Layer)])
def test_simulator_gives_nothing_without_a_token(simulator: RunningPortal, route: str):
    answer = requests.get(simulator.url + route, timeout=5)
    assert answer.status_code == 401
    keeps_contract(answer, route.partition("?")[0])


def test_simulator_refuses_as_the_contract_says(simulator: RunningPortal):
    simulator.faults.set("rate-limit", 1)
    answer = requests.get(f"{simulator.url}/lotes?campania=25/26", headers=BEARER, timeout=5)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "1"
    keeps_contract(answer, "/lotes")


@pytest.mark.parametrize("query", ["", "?campania=2025", "?campania=25/26&per_page=501", "?campania=25/26&page=0"])
def test_simulator_refuses_what_the_contract_has_not(simulator: RunningPortal, query: str):
    assert requests.get(f"{simulator.url}/lotes{query}", headers=BEARER, timeout=5).status_code == 422


def test_simulator_answers_to_loopback_names_only(simulator: RunningPortal):
    for host, status in (("localhost", 200), ("127.0.0.1:80", 200), ("portal.example", 400), ("127.0.0.1.x.y", 400)):
        answer = requests.get(f"{simulator.url}/openapi.json", headers={"Host": host}, timeout=5)
        assert answer.status_code == status
