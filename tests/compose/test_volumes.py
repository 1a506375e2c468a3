"""What the example file with volumes in place of folders comes to."""

from __future__ import annotations

from typing import Any

import pytest

from modules.settings import PROJECT
from tests.compose.reading import config, whole_config

WHERE = {"postgres": "/var/lib/postgresql/data", "redis": "/data"}


def mounted(service: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {each["target"]: (each["type"], each["source"]) for each in service.get("volumes", ())}


def test_database_and_redis_are_in_volumes_and_all_else_is_where_it_was():
    every = {"COMPOSE_PROFILES": "platform"}
    here = config(PROJECT, "docker-compose.yml", **every)
    services = config(PROJECT, "docker-compose.yml", "docker-compose.volumes.example.yml", **every)
    assert set(services) == set(here)
    for name, service in services.items():
        if name in WHERE:
            assert mounted(service) == {WHERE[name]: ("volume", name)}
            assert {**service, "volumes": None} == {**here[name], "volumes": None}
        else:
            assert service == here[name], "nobody else mounts what they keep"


@pytest.mark.parametrize(
    ("settings", "postgres", "redis"),
    [
        ({}, "tranquera_postgres-14", "tranquera_redis"),
        ({"POSTGRES_TAG": "17"}, "tranquera_postgres-17", "tranquera_redis"),
        ({"COMPOSE_PROJECT_NAME": "another"}, "another_postgres-14", "another_redis"),
    ],
)
def test_a_volume_is_of_one_clone_and_the_databases_of_one_version(settings: dict[str, str], postgres: str, redis: str):
    """So the way back is the old tag, and a second clone on the machine may have a database of its own."""
    volumes = whole_config(PROJECT, "docker-compose.yml", "docker-compose.volumes.example.yml", **settings)["volumes"]
    assert {name: volume["name"] for name, volume in volumes.items()} == {"postgres": postgres, "redis": redis}


def test_the_database_is_where_it_is_mounted_whatever_its_image_says():
    postgres = config(PROJECT, "docker-compose.yml")["postgres"]
    assert postgres["environment"]["PGDATA"] == WHERE["postgres"]


def test_the_database_and_who_dumps_it_are_of_one_version():
    services = config(PROJECT, "docker-compose.yml", COMPOSE_PROFILES="platform", POSTGRES_TAG="17")
    used = {name for name, service in services.items() if service["image"] == "postgres:17"}
    assert used == {"postgres", "platform-dump", "platform-database"}
