"""Settings are kept, secrets are not: not by their own names, not inside others."""

from __future__ import annotations

from pathlib import Path

import pytest
from dotenv import dotenv_values

from modules.platform_backup.settings import kept, kept_settings

CANARY = "canary-7f3a"


@pytest.mark.parametrize(
    "line",
    [
        f"TRANQUERA_PORTAL__TOKEN={CANARY}",
        f"TRANQUERA_PORTAL__CLIENT_SECRET={CANARY}",
        f"TRANQUERA_DATABASE_PASSWORD={CANARY}",
        f"PREFECT_POSTGRES_PASSWORD={CANARY}",
        f"PREFECT_AUTH_STRING=user:{CANARY}",
        f"PREFECT_API_AUTH_STRING=user:{CANARY}",
        f'TRANQUERA_PORTAL={{"token": "{CANARY}"}}',
        f"TRANQUERA_PORTAL__URL=https://user:{CANARY}@portal.example",
        f"TRANQUERA_PORTAL__URL=https://portal.example/?key={CANARY}",
        f'TRANQUERA_BASEMAPS__SATELLITE={{"tiles": "https://t.example/{{z}}/{{x}}/{{y}}?key={CANARY}"}}',
        f"PIP_INDEX_URL=https://user:{CANARY}@index.example",
        f"SOMETHING_NEW={CANARY}",
        f"tranquera_portal__token={CANARY}",
    ],
)
def test_no_secret_is_kept(tmp_path: Path, line: str):
    (tmp_path / ".env").write_text(f"{line}\nTRANQUERA_LANGUAGE=en\n")
    text = kept_settings(tmp_path)
    assert CANARY not in text
    assert "TRANQUERA_LANGUAGE=en\n" in text


def test_what_is_no_secret_comes_back_as_it_was(tmp_path: Path):
    said = {
        "TRANQUERA_PORTAL__URL": "https://portal.example/api",
        "TRANQUERA_PORTAL__CLIENT_ID": "acme",
        "TRANQUERA_PORTAL__PATHS": '{"lotes": "/v2/parcels"}',
        "TRANQUERA_PORTAL__TOKEN_FILE": '/run/secrets/it\'s "here"',
        "TRANQUERA_SHRINK_LIMIT": "0.1",
        "TRANQUERA_EXPECTED_AREA": '{"west": -66, "south": -41, "east": -56, "north": -27}',
        "HISTORY_DAYS": "30",
        "POSTGRES_TAG": "17",
        "RUN_AS_UID": "1001",
        "COMPOSE_FILE": "docker-compose.yml;docker-compose.override.yml;mine.yml",
        "COMPOSE_PATH_SEPARATOR": ";",
        "PREFECT_PUBLISHED_ON": "192.0.2.5",
        "PREFECT_REACHED_AS": "servidor.example",
        "PREFECT_ADDRESS": "servidor.example:4200",
        "SHARED": "/mnt/Campo Norte",
    }
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in kept(said).items()))
    assert dict(dotenv_values(tmp_path / ".env")) == said
    again = tmp_path / "again.env"
    again.write_text(kept_settings(tmp_path))
    assert dict(dotenv_values(again)) == said


def test_without_a_file_the_environment_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """In a container the settings come from there."""
    monkeypatch.setenv("TRANQUERA_LANGUAGE", "en")
    monkeypatch.setenv("TRANQUERA_HOME", str(tmp_path))
    assert "TRANQUERA_LANGUAGE=en\n" in kept_settings(tmp_path)
    assert "TRANQUERA_HOME" not in kept_settings(tmp_path)
