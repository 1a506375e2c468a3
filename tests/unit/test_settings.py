from __future__ import annotations

import os
from pathlib import Path

import pytest

from modules.errors import SettingsError
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
        ("TRANQUERA_EXPECTED_AREA=", None),
        ('TRANQUERA_EXPECTED_AREA={"west": 1, "south": 1, "east": 0, "north": 2}', "TRANQUERA_EXPECTED_AREA"),
        ("TRANQUERA_PORTAL__CLIENT_ID=somebody", "TRANQUERA_PORTAL"),
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


def test_a_secret_is_in_no_message_and_no_representation(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("TRANQUERA_PORTAL__CLIENT_SECRET=canary-7\n")

    with pytest.raises(SettingsError) as caught:
        load_settings(tmp_path)
    assert "canary-7" not in str(caught.value)

    (tmp_path / ".env").write_text("TRANQUERA_PORTAL__CLIENT_ID=a\nTRANQUERA_PORTAL__CLIENT_SECRET=canary-7\n")
    assert "canary-7" not in repr(load_settings(tmp_path))


def test_the_example_names_every_setting() -> None:
    text = (PROJECT / ".env.example").read_text()
    inside = {f"TRANQUERA_PORTAL__{name.upper()}" for name in PortalSettings.model_fields}
    elsewhere = {"home", "portal", "demo_portal"}  # an option, the fields above, and what the stack sets itself
    outside = {f"TRANQUERA_{name.upper()}" for name in Settings.model_fields if name not in elsewhere}

    assert {name for name in inside | outside if f"{name}=" not in text} == set()
