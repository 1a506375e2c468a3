"""What docker-compose.yml promises, read from the file itself: no engine is needed."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from modules.settings import KNOWN_PASSWORD, PROJECT

FILE = PROJECT / "docker-compose.yml"
#: Both find out by themselves when they are done.
ONE_SHOTS = {"folders", "deploy"}
#: Only when somebody asks for them by name.
ON_REQUEST = {"platform-dump", "platform-backup", "platform-restore", "platform-database"}
#: Images of others, which need what their entrypoints need.
GIVEN = {"postgres", "redis"}
OURS = {"dashboard", "deploy", "folders", "portal", "prefect-server", "prefect-services", "prefect-worker"} | ON_REQUEST
VARIABLE = re.compile(r"\$\{(\w+)(?::-([^}]*))?")


def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(FILE.read_text())["services"]
    return found


def interpolated(text: str) -> str:
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)


def test_the_services_are_those_that_the_documentation_names():
    assert set(services()) == OURS | GIVEN
    text = (PROJECT / "docs" / "deploy.md").read_text()
    assert [name for name in services() if f"`{name}`" not in text] == []


@pytest.mark.parametrize("name", sorted(OURS | GIVEN))
def test_every_service_is_bounded_watched_and_logged(name: str):
    service = services()[name]
    assert service["mem_limit"]
    assert service["logging"]["options"] == {"max-size": "10m", "max-file": "3"}
    assert service["restart"] in ({"no", "on-failure:5"} if name in ONE_SHOTS | ON_REQUEST else {"unless-stopped"})
    assert name in ONE_SHOTS | ON_REQUEST or service["healthcheck"]["test"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service


@pytest.mark.parametrize("name", sorted(OURS - {"folders"}))
def test_our_containers_can_do_nothing_but_their_work(name: str):
    service = services()[name]
    assert service["read_only"] is True
    assert "cap_add" not in service
    assert interpolated(service["user"]) == "1000:1000"


def test_the_one_that_hands_folders_over_is_root_without_a_network():
    service = services()["folders"]
    assert (service["user"], service["network_mode"]) == ("0:0", "none")
    assert set(service["cap_add"]) == {"CHOWN", "DAC_OVERRIDE"}


def test_what_only_runs_on_request_is_in_a_profile_of_its_own():
    assert {name for name, service in services().items() if service.get("profiles") == ["platform"]} == ON_REQUEST


def test_a_backup_of_the_platform_can_change_nothing_but_its_folder():
    for name in ("platform-dump", "platform-backup"):
        writable = [volume for volume in services()[name]["volumes"] if not volume.endswith(":ro")]
        assert writable == ["./backups:/backups"]


def test_who_reads_all_settings_has_nothing_of_the_build():
    readers = {name: service["environment"] for name, service in services().items() if "env_file" in service}
    assert set(readers) == {"prefect-worker", "dashboard", "platform-backup", "platform-restore"}
    for environment in readers.values():
        assert (environment["PIP_INDEX_URL"], environment["UV_DEFAULT_INDEX"]) == ("", "")
        assert environment["PREFECT_POSTGRES_PASSWORD"] == ""


def test_only_dashboard_and_prefect_are_published_and_on_loopback_only():
    published = {name: service["ports"] for name, service in services().items() if "ports" in service}
    assert set(published) == {"dashboard", "prefect-server"}
    for ports in published.values():
        assert all(interpolated(port).startswith("127.0.0.1:") for port in ports)


def test_where_the_dashboard_is_published_is_what_it_is_told():
    """Else it could not refuse to be reached beyond loopback without a login."""
    service = services()["dashboard"]
    said = service["environment"]["TRANQUERA_PUBLISHED_ON"]
    assert [port.startswith(f"{said}:") for port in service["ports"]] == [True]


def test_code_is_mounted_where_flows_run_and_cannot_be_written_there():
    for name in ("deploy", "prefect-worker"):
        assert {"./flows:/app/flows:ro", "./modules:/app/modules:ro"} <= set(services()[name]["volumes"])


def test_data_stands_beside_the_file():
    mounted = {volume.split(":")[0] for service in services().values() for volume in service.get("volumes", ())}
    assert {"./data/postgres", "./data/redis", "./logs", "./outputs", "./test_outputs"} <= mounted


def test_everything_waits_for_what_it_needs():
    """`up --wait` holds an exited one-shot for a failure unless something waits for its end."""
    waits = {name: service.get("depends_on", {}) for name, service in services().items()}
    completed = {"condition": "service_completed_successfully"}
    healthy = {"condition": "service_healthy"}
    assert waits["dashboard"]["deploy"] == completed
    assert waits["prefect-server"] == {"folders": completed, "postgres": healthy, "redis": healthy}
    assert all(waits[name]["prefect-server"] == healthy for name in ("deploy", "prefect-services", "prefect-worker"))


def test_database_and_redis_are_seen_by_prefects_server_alone():
    inside = {name for name, service in services().items() if "inside" in service.get("networks", ())}
    assert inside - ON_REQUEST == {"postgres", "redis", "prefect-server", "prefect-services"}
    assert inside & ON_REQUEST == {"platform-dump", "platform-database"}
    assert yaml.safe_load(FILE.read_text())["networks"]["inside"]["internal"] is True


def test_redis_is_full_before_its_container_is():
    service = services()["redis"]
    command = [interpolated(word) for word in service["command"]]
    holds = re.fullmatch(r"(\d+)mb", command[command.index("--maxmemory") + 1])
    bound = re.fullmatch(r"(\d+)m", interpolated(service["mem_limit"]))
    assert holds is not None
    assert bound is not None
    assert int(holds[1]) < int(bound[1])
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"


def test_server_and_services_agree_about_database_and_redis():
    server, background = (services()[name]["environment"] for name in ("prefect-server", "prefect-services"))
    assert {**server, "PREFECT_SERVER_UI_ENABLED": "false"} == background
    assert server["PREFECT_SERVER_DOCKET_URL"].startswith("redis://redis:")


def test_a_run_keeps_its_log_while_the_database_is_away():
    assert services()["prefect-worker"]["environment"]["PREFECT_CLIENT_RETRY_EXTRA_CODES"] == "500"


def test_every_value_can_be_set_and_has_the_default_of_the_example():
    example = (PROJECT / ".env.example").read_text()
    for name, default in VARIABLE.findall(FILE.read_text()):
        if not name.startswith("TRANQUERA_"):  # those are the program's own
            assert re.search(rf"^#{name}={re.escape(default)}$", example, re.MULTILINE), f"{name}={default}"


def test_the_password_that_is_warned_of_is_the_default():
    assert f"${{PREFECT_POSTGRES_PASSWORD:-{KNOWN_PASSWORD}}}" in FILE.read_text()


def test_only_what_works_with_the_database_has_its_password_and_the_one_that_notes_how_it_is():
    """`docker inspect` and `docker compose exec … env` show what a container is given."""
    given = {
        name
        for name, service in services().items()
        if any("PREFECT_POSTGRES_PASSWORD" in str(value) for value in service.get("environment", {}).values())
    }
    with_database = {"postgres", "prefect-server", "prefect-services", "platform-dump", "platform-database"}
    assert given == {*with_database, "folders"}
    assert services()["folders"]["network_mode"] == "none"


def test_with_secrets_as_files_none_of_them_has_it():
    text = (PROJECT / "docker-compose.secrets.example.yml").read_text().replace("!reset null", "taken-away")
    changed = yaml.safe_load(text)["services"]
    for name, service in services().items():
        for variable, value in service.get("environment", {}).items():
            if "PREFECT_POSTGRES_PASSWORD" in str(value):
                assert changed[name]["environment"][variable] == "taken-away"
                assert changed[name]["environment"][f"{variable}_FILE"] == "/run/secrets/postgres_password"
                assert "postgres_password" in changed[name]["secrets"]


def test_with_secrets_as_files_who_reads_the_portals_settings_has_its_secrets():
    changed = yaml.safe_load(
        (PROJECT / "docker-compose.secrets.example.yml").read_text().replace("!reset null", "gone")
    )
    readers = [name for name, service in services().items() if "env_file" in service]
    assert {"prefect-worker", "dashboard", "platform-backup", "platform-restore"} <= set(readers)
    for name in readers:
        given = changed["services"][name]
        assert given["environment"]["TRANQUERA_PORTAL__TOKEN_FILE"] == "/run/secrets/portal_token", name
        assert given["environment"]["TRANQUERA_PORTAL__CLIENT_SECRET_FILE"] == "/run/secrets/portal_client_secret", name
        assert {"portal_token", "portal_client_secret"} <= set(given["secrets"]), name


def test_a_worker_that_is_gone_is_known_to_be_after_half_a_minute():
    """It is, after three missed heartbeats."""
    assert float(services()["prefect-worker"]["environment"]["PREFECT_WORKER_HEARTBEAT_SECONDS"]) <= 10


@pytest.mark.parametrize("name", ["prefect-worker", "dashboard"])
def test_what_reads_the_whole_env_file_does_not_get_the_databases_password_by_it(name: str):
    service = services()[name]
    assert {"path": ".env", "required": False} in service["env_file"]
    assert service["environment"]["PREFECT_POSTGRES_PASSWORD"] == ""
