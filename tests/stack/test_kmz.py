"""The KMZ products through Prefect's server and worker."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from modules.kmz_products.request import Product
from modules.kmz_products.result import KmzResult
from tests.kmz_readers import gdal_rows
from tests.prefect_server import ask

if TYPE_CHECKING:
    from tests.conftest import Stack

pytestmark = pytest.mark.stack

_LIMIT_S = 90
_ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


def run(stack: Stack, **parameters: Any) -> dict[str, Any]:
    """Start the deployment as the dashboard does, and wait for its end."""
    api = stack.prefect_api
    deployment = ask(api, "GET", "/deployments/name/Generar KMZ/generar-kmz-weekly")
    deadline = time.monotonic() + _LIMIT_S
    flow_run: dict[str, Any] = ask(
        api, "POST", f"/deployments/{deployment['id']}/create_flow_run", {"parameters": parameters}
    )
    while flow_run["state_type"] not in _ENDED and time.monotonic() < deadline:
        time.sleep(0.3)
        flow_run = ask(api, "GET", f"/flow_runs/{flow_run['id']}")
    return flow_run


def outcome(stack: Stack, flow_run: dict[str, Any]) -> dict[str, Any]:
    """What the run left for the dashboard."""
    wanted = {"artifacts": {"flow_run_id": {"any_": [flow_run["id"]]}, "key": {"any_": ["resultado"]}}}
    [artifact] = ask(stack.prefect_api, "POST", "/artifacts/filter", wanted)
    data = artifact["data"]
    told: dict[str, Any] = json.loads(data) if isinstance(data, str) else data
    return told


@pytest.mark.slow
def test_a_run_makes_the_products_of_the_last_backup_and_says_so(stack: Stack) -> None:
    assert stack.command("backup", "--json").returncode == 0

    ended = run(stack, test=True, etiquetas="nada", productor="Grupo Sur")

    assert ended["state_type"] == "COMPLETED"
    assert ended["state"]["message"].startswith("KMZ listos: ")
    result = KmzResult.from_dict(outcome(stack, ended)["result"])
    assert set(result.products) == {product.value for product in Product}
    assert result.products[Product.BY_FIELD.value].files == result.fields == 60
    folder = stack.home / "test_outputs" / Product.BY_FARM.value
    rows = [gdal_rows(path) for path in folder.glob("*.kmz") if path.name != "index.kmz"]
    fields = [row for each in rows for row in each.values() if row.get("field_name")]
    assert len(fields) == 60
    assert {row["grower_name"] for row in fields} == {"Grupo Sur"}


@pytest.mark.slow
def test_a_season_without_a_backup_fails_with_a_sentence(stack: Stack) -> None:
    ended = run(stack, test=True, campania="24/25")

    assert ended["state_type"] == "FAILED"
    assert "24/25" in ended["state"]["message"]
    assert outcome(stack, ended)["error"]["code"] == "SnapshotError"


@pytest.mark.thorough
@pytest.mark.slow
def test_the_command_makes_what_its_options_say_and_tells_it_in_one_object(stack: Stack) -> None:
    assert stack.command("backup", "--json").returncode == 0

    ended = stack.command("kmz", "--producto", "kmz por campo", "--mapa-html", "--etiquetas", "nada", "--json")

    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert (told["state"], told["environment"], told["fields"], told["files"]) == (
        "Completed", "test", 60, told["products"][Product.BY_FARM.value]["files"] + 1,
    )  # fmt: skip
    assert told["products"].keys() == {Product.BY_FARM.value, "MAPA HTML"}
    (map_,) = (stack.home / "test_outputs" / "MAPA HTML").glob("*.html")
    page = map_.read_text(encoding="utf-8")
    assert "Datos de demostración" in page
    assert stack.portal_url not in page  # the map is sent to people outside

    failed = stack.command("kmz", "--campania", "24/25")  # with a bar, and a status that says so

    assert failed.returncode == 1
    assert "24/25" in failed.stdout
    assert "Lectura" in failed.stderr


def test_a_form_finds_the_choices_in_the_schema(stack: Stack) -> None:
    address = f"{stack.prefect_api}/deployments/name/Generar KMZ/generar-kmz-weekly"
    deployment = httpx.get(address).raise_for_status().json()
    schema = deployment["parameter_openapi_schema"]["properties"]

    products = [product.value for product in Product]
    assert schema["productos"]["items"]["enum"] == [*products, "MAPA HTML"]
    assert schema["productos"]["default"] == products
    assert schema["etiquetas"]["enum"] == ["nombre y hectáreas", "nombre", "nada"]
    assert schema["productos"]["minItems"] == 1
    assert [schema[name]["x-choices"] for name in ("campania", "campos", "cultivos")] == [
        "backup-seasons", "backup-farms", "crops",
    ]  # fmt: skip
    assert deployment["schedules"][0]["parameters"] == {"test": False}
