from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest

from modules.basemaps import BasemapSettings
from modules.errors import SettingsError
from modules.i18n import use_language
from modules.settings import PROJECT, PortalSettings, Settings, load_settings


@pytest.fixture(autouse=True)
def no_settings_of_the_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("TRANQUERA_")]:
        monkeypatch.delenv(name)


def test_the_environment_goes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("TRANQUERA_SHRINK_LIMIT=0.1\nTRANQUERA_LANGUAGE=en\n")
    monkeypatch.setenv("TRANQUERA_SHRINK_LIMIT", "0.3")

    settings = load_settings(tmp_path)

    assert (settings.shrink_limit, settings.language, settings.home) == (0.3, "en", tmp_path)


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("TRANQUERA_PORTAL__URL=not an address", "TRANQUERA_PORTAL__URL"),
        ("TRANQUERA_SHRINK_LIMIT=2", "TRANQUERA_SHRINK_LIMIT"),
        ("TRANQUERA_SHRNK_LIMIT=0.2", "TRANQUERA_SHRINK_LIMIT"),
        ("TRANQUERA_LANGUAGE=fr", "TRANQUERA_LANGUAGE"),
        ("TRANQUERA_PORTAL__PAGE_SIZE=501", "TRANQUERA_PORTAL__PAGE_SIZE"),
        ('TRANQUERA_PORTAL__PATHS={"lote": "/v2"}', "TRANQUERA_PORTAL__PATHS"),
        ('TRANQUERA_PORTAL__PATHS={"lotes": ', ".env"),
        ('TRANQUERA_BASEMAPS__OSM={"tiles": "https://a.b/{z}/{x}", "attribution": "A"}', "BASEMAPS__OSM .*{y}"),
        ('TRANQUERA_BASEMAPS__ROADS={"tiles": "https://a.b/{z}/{x}/{y}", "attribution": "A"}', "TRANQUERA_BASEMAPS"),
        ("TRANQUERA_EXPECTED_AREA=", None),
        ('TRANQUERA_EXPECTED_AREA={"west": 1, "south": 1, "east": 0, "north": 2}', "TRANQUERA_EXPECTED_AREA"),
        ("TRANQUERA_PORTAL__CLIENT_ID=somebody", "TRANQUERA_PORTAL"),
        ("TRANQUERA_PORTAL__ULR=http://a.b", "TRANQUERA_PORTAL__URL"),
        ('TRANQUERA_PORTAL={"ulr": "http://a.b"}', "TRANQUERA_PORTAL__URL"),
        ("TRANQUERA_LANGUAGE__SPOKEN=en", "TRANQUERA_LANGUAGE"),
        ('TRANQUERA_EXPECTED_AREA={"wets": 1}', "TRANQUERA_EXPECTED_AREA__WEST"),
        ('TRANQUERA_PORTAL__NAMES={"lotes": {"nombr": "parcel_name"}}', "PORTAL__NAMES .*lotes: nombr.*nombre"),
        ('TRANQUERA_PORTAL__NAMES={"campanias": {"nombre": "name"}}', "TRANQUERA_PORTAL__NAMES"),
        ('TRANQUERA_PORTAL={"token": "a", "client_id": "b", "client_secret": "c"}', "TRANQUERA_PORTAL .*token"),
    ],
)
def test_nonsense_is_refused_with_a_sentence_that_names_the_setting(
    tmp_path: Path, line: str, named: str | None
) -> None:
    (tmp_path / ".env").write_text(line)

    if named is None:  # an empty value is as good as none
        assert load_settings(tmp_path).expected_area is None
        return
    with pytest.raises(SettingsError, match=named):
        load_settings(tmp_path)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("SHRINK_LIMIT=1", "La opción TRANQUERA_SHRINK_LIMIT tiene que ser menor que 1."),
        ("SHRINK_LIMIT=-1", "La opción TRANQUERA_SHRINK_LIMIT tiene que ser 0 o más."),
        ("SHRINK_LIMIT=poco", "La opción TRANQUERA_SHRINK_LIMIT tiene que ser un número."),
        ("MIN_FREE_MB=mucho", "La opción TRANQUERA_MIN_FREE_MB tiene que ser un número entero."),
        ("MIN_FREE_MB=1.5", "La opción TRANQUERA_MIN_FREE_MB tiene que ser un número entero."),
        ("PORTAL__DEADLINE_S=0", "La opción TRANQUERA_PORTAL__DEADLINE_S tiene que ser mayor que 0."),
        ("PORTAL__THREADS=65", "La opción TRANQUERA_PORTAL__THREADS tiene que ser 64 o menos."),
        ("ALLOW_SIMULATOR_IN_PRODUCTION=quizás", "La opción TRANQUERA_ALLOW_SIMULATOR_IN_PRODUCTION tiene que ser"),
        ("LANGUAGE=fr", "La opción TRANQUERA_LANGUAGE tiene que ser una de estas: 'es', 'en'."),
        ("PORTAL__URL=nonsense", "La opción TRANQUERA_PORTAL__URL tiene que ser una dirección"),
        ("PORTAL__URL=ftp://a.b", "La opción TRANQUERA_PORTAL__URL tiene que ser una dirección"),
        ("DEMO_PORTAL=nonsense", "La opción TRANQUERA_DEMO_PORTAL tiene que ser una dirección"),
        ('PORTAL__PATHS={"lote": "/v2"}', "La opción TRANQUERA_PORTAL__PATHS no conoce “lote”, solo: 'token', "),
        ('EXPECTED_AREA={"west": 1}', "Falta la opción TRANQUERA_EXPECTED_AREA__SOUTH."),
        ("DASK=0", "La opción TRANQUERA_DASK tiene que ser un número de procesos de 1 a 64, o la dirección de un "),
        ("DASK=65", "La opción TRANQUERA_DASK tiene que ser un número de procesos de 1 a 64, o la dirección de un "),
        ("DASK=servidor:8786", "La opción TRANQUERA_DASK tiene que ser un número de procesos de 1 a 64, o la "),
        ("DASK=tcp://servidor", "La opción TRANQUERA_DASK tiene que ser un número de procesos de 1 a 64, o la "),
        ("PORTAL__NAMES=[1]", "La opción TRANQUERA_PORTAL__NAMES no tiene sentido."),
    ],
)
def test_what_is_wrong_is_said_in_the_language_of_the_reader(tmp_path: Path, line: str, said: str) -> None:
    (tmp_path / ".env").write_text(f"TRANQUERA_{line}\n")

    with pytest.raises(SettingsError) as caught, use_language("es"):
        load_settings(tmp_path)

    assert str(caught.value).startswith(said)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("", None),
        ("4", 4),
        ("tcp://servidor.example.com:8786", "tcp://servidor.example.com:8786"),
        ("tls://192.0.2.5:8786", "tls://192.0.2.5:8786"),
        ("tcp://[2001:db8::5]:8786", "tcp://[2001:db8::5]:8786"),
    ],
)
def test_parts_are_done_by_processes_or_by_a_scheduler(tmp_path: Path, said: str, expected: int | str | None) -> None:
    (tmp_path / ".env").write_text(f"TRANQUERA_DASK={said}\n")

    assert load_settings(tmp_path).dask == expected


def test_a_file_of_another_encoding_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("TRANQUERA_PORTAL__CLIENT_ID=campaña".encode("latin-1"))

    with pytest.raises(SettingsError, match="UTF-8"):
        load_settings(tmp_path)


def test_the_demonstration_takes_nothing_from_what_is_configured_for_a_real_portal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text(
        'TRANQUERA_PORTAL__NAMES={"lotes": {"nombre": "parcel_name"}}\nTRANQUERA_PORTAL__TOKEN=real\n'
    )
    monkeypatch.setenv("TRANQUERA_DEMO_PORTAL", "http://127.0.0.1:8600")

    portal = load_settings(tmp_path).portal

    assert (portal.url, portal.names, portal.token) == ("http://127.0.0.1:8600", {}, None)
    assert "demostración" in portal.name


def test_a_secret_is_in_no_message_and_no_representation(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("TRANQUERA_PORTAL__CLIENT_SECRET=canary-7\n")

    with pytest.raises(SettingsError) as caught:
        load_settings(tmp_path)
    assert "canary-7" not in str(caught.value)

    (tmp_path / ".env").write_text("TRANQUERA_PORTAL__CLIENT_ID=a\nTRANQUERA_PORTAL__CLIENT_SECRET=canary-7\n")
    assert "canary-7" not in repr(load_settings(tmp_path))


def test_what_needs_no_portal_gets_settings_without_a_secret(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("TRANQUERA_PORTAL__TOKEN=canary-7\nTRANQUERA_MIN_FREE_MB=7\n")

    settings = load_settings(tmp_path).without_secrets()

    assert b"canary" not in pickle.dumps(settings)
    assert (settings.home, settings.min_free_mb) == (tmp_path, 7)


def test_the_example_names_every_setting() -> None:
    text = (PROJECT / ".env.example").read_text()
    inside = {f"TRANQUERA_PORTAL__{name.upper()}" for name in PortalSettings.model_fields}
    inside |= {f"TRANQUERA_BASEMAPS__{name.upper()}" for name in BasemapSettings.model_fields}
    elsewhere = {
        "home",
        "portal",
        "basemaps",
        "demo_portal",
    }  # an option, the fields above, and what the stack sets itself
    outside = {f"TRANQUERA_{name.upper()}" for name in Settings.model_fields if name not in elsewhere}

    assert {name for name in inside | outside if f"{name}=" not in text} == set()


def test_prefect_can_read_its_settings_beside_those_of_the_example(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers get the whole file as their environment, and a name such as PREFECT_SERVER would be one of Prefect's."""
    from prefect.settings import Settings as PrefectSettings

    before = PrefectSettings()
    for line in (PROJECT / ".env.example").read_text().splitlines():
        name, given, value = line.removeprefix("#").partition("=")
        if given and name.startswith("PREFECT_"):
            monkeypatch.setenv(name, value)

    assert PrefectSettings() == before


def test_a_secret_may_stand_in_a_file_of_its_own(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("canary-8\n")
    (tmp_path / ".env").write_text(
        f"TRANQUERA_PORTAL__CLIENT_ID=a\nTRANQUERA_PORTAL__CLIENT_SECRET_FILE={secret}\nTRANQUERA_PORTAL__THREADS=3\n"
    )

    portal = load_settings(tmp_path).portal

    assert portal.client_secret is not None
    assert (portal.client_id, portal.client_secret.get_secret_value(), portal.threads) == ("a", "canary-8", 3)


def test_an_empty_file_is_no_secret(tmp_path: Path) -> None:
    (tmp_path / "secret").touch()
    (tmp_path / ".env").write_text(f"TRANQUERA_PORTAL__CLIENT_SECRET_FILE={tmp_path / 'secret'}\n")
    assert load_settings(tmp_path).portal.client_secret is None
    (tmp_path / ".env").write_text(
        f"TRANQUERA_PORTAL__TOKEN_FILE={tmp_path / 'secret'}\nTRANQUERA_PORTAL__TOKEN=canary-9\n"
    )
    token = load_settings(tmp_path).portal.token
    assert token is not None
    assert token.get_secret_value() == "canary-9"


def test_a_secrets_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("TRANQUERA_PORTAL__TOKEN_FILE=/nowhere/token\n")

    with pytest.raises(SettingsError, match="/nowhere/token"):
        load_settings(tmp_path)
