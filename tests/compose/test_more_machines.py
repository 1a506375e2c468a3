"""What the example files for more machines come to."""

from __future__ import annotations

import pytest

from modules.settings import PROJECT
from tests.compose.reading import config

WORKER = {"PREFECT_ADDRESS": "192.0.2.5:4200", "WORKER_NAME": "galpon", "SHARED": "/mnt/campo"}
SERVER = {"PREFECT_PUBLISHED_ON": "192.0.2.5", "PREFECT_REACHED_AS": "servidor.example", "PREFECT_AUTH_STRING": "a:b"}


def test_a_worker_elsewhere_needs_the_servers_address_and_the_shared_folder_alone():
    here = config(PROJECT, "docker-compose.yml")["prefect-worker"]
    services = config(PROJECT, "docker-compose.worker.example.yml", **WORKER)
    assert set(services) == {"prefect-worker", "folders"}
    worker = services["prefect-worker"]
    assert worker["environment"] == here["environment"] | {
        "PREFECT_API_URL": "http://192.0.2.5:4200/api",
        "WORKER_NAME": "galpon",
    }
    assert set(worker["depends_on"]) == {"folders"}
    for service in services.values():
        mounts = {each["target"]: each for each in service["volumes"]}
        for name in ("outputs", "test_outputs"):
            assert mounts[f"/app/{name}"]["source"] == f"/mnt/campo/{name}"
            assert not mounts[f"/app/{name}"]["bind"].get("create_host_path"), "an empty folder in place of the share"


@pytest.mark.parametrize("missing", sorted(WORKER))
def test_a_worker_elsewhere_says_what_it_was_not_told(missing: str):
    with pytest.raises(AssertionError, match=missing):
        config(PROJECT, "docker-compose.worker.example.yml", **(WORKER | {missing: ""}))


def test_a_server_that_is_reached_from_elsewhere_has_a_password_and_its_name():
    server = config(PROJECT, "docker-compose.yml", "docker-compose.reachable.example.yml", **SERVER)["prefect-server"]
    assert [port["host_ip"] for port in server["ports"]] == ["127.0.0.1", "192.0.2.5"]
    assert server["environment"]["PREFECT_SERVER_API_AUTH_STRING"] == "a:b"
    assert server["environment"]["TRANQUERA_HOSTS"] == "prefect-server,servidor.example"


@pytest.mark.parametrize("missing", sorted(SERVER))
def test_a_server_without_one_of_these_is_not_reached_from_elsewhere(missing: str):
    with pytest.raises(AssertionError, match=missing):
        config(PROJECT, "docker-compose.yml", "docker-compose.reachable.example.yml", **(SERVER | {missing: ""}))


def test_a_second_server_makes_no_tables():
    services = config(PROJECT, "docker-compose.yml", "docker-compose.replica.example.yml")
    second = services["prefect-server-2"]
    assert second["environment"] == services["prefect-server"]["environment"] | {
        "PREFECT_SERVER_DATABASE_MIGRATE_ON_START": "false"
    }
    assert "ports" not in second
    assert second["networks"]["default"]["aliases"] == ["prefect-server"]


def test_a_second_server_has_the_secrets_in_files_that_the_first_one_has():
    examples = [f"docker-compose.{name}.example.yml" for name in ("secrets", "replica", "replica-secrets")]
    services = config(PROJECT, "docker-compose.yml", *examples)
    first, second = services["prefect-server"], services["prefect-server-2"]
    own = {"PREFECT_SERVER_DATABASE_MIGRATE_ON_START": "false", "PREFECT_SERVER_DATABASE_PASSWORD": ""}
    assert second["environment"] == first["environment"] | own
    assert second["secrets"] == first["secrets"]
