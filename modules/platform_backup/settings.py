"""Settings without what is secret in them, as lines of a `.env`.

Only what is known to be no secret is kept: a setting that somebody adds later stays out until it is named here.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, get_args
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import BaseModel, SecretStr

from modules.settings import PortalSettings, Settings

#: What docker-compose.yml reads beside the settings of the program.
_OF_COMPOSE: Final = (
    "PREFECT_POSTGRES_USER", "PREFECT_POSTGRES_DB", "POSTGRES_TAG", "RUN_AS_UID", "RUN_AS_GID",
    "DASHBOARD_PUBLISHED_PORT", "PREFECT_PUBLISHED_PORT", "DASHBOARD_PUBLISHED_ON", "HISTORY_DAYS", "EVENTS_DAYS",
    "WORKER_QUERY_SECONDS", "WORKER_NAME", "POSTGRES_MEMORY", "REDIS_MEMORY", "REDIS_MAXMEMORY", "SERVER_MEMORY",
    "SERVICES_MEMORY", "WORKER_MEMORY", "DASHBOARD_MEMORY", "IMAGE", "COMPOSE_FILE", "COMPOSE_PATH_SEPARATOR",
    "COMPOSE_PROJECT_NAME", "PREFECT_PUBLISHED_ON", "PREFECT_REACHED_AS", "PREFECT_ADDRESS", "SHARED",
)  # fmt: skip
#: Set by the stack itself; and addresses of pictures of the ground, which may hold a key.
_NOT_KEPT: Final = {"home", "demo_portal", "published_on", "portal", "basemaps"}
_HEAD: Final = "# Settings of an installation, without its secrets: fill those in, and save this as .env.\n"


def kept_settings(home: Path) -> str:
    """Write the settings of `home` as a `.env`: those of its own `.env`, where that is missing of the environment."""
    file = home / ".env"
    said = dotenv_values(file) if file.is_file() else dict(os.environ)
    return _HEAD + "".join(f"{name}={value}\n" for name, value in kept(said).items())


def kept(said: Mapping[str, str | None]) -> dict[str, str]:
    """Pick what may be kept, by name; values in quotes where a `.env` needs them."""
    names = _names()
    found = {name.upper(): value for name, value in said.items() if name.upper() in names and value}
    return {name: _quoted(value) for name, value in sorted(found.items()) if not _holds_account(value)}


def _names() -> set[str]:
    own = {f"TRANQUERA_{name}" for name in _open(Settings) if name not in _NOT_KEPT}
    return {name.upper() for name in own | {f"TRANQUERA_PORTAL__{name}" for name in _open(PortalSettings)}} | set(
        _OF_COMPOSE
    )


def _open(model: type[BaseModel]) -> set[str]:
    return {name for name, field in model.model_fields.items() if not _is_secret(field.annotation)}


def _is_secret(annotation: Any) -> bool:
    return annotation is SecretStr or any(_is_secret(each) for each in get_args(annotation))


def _holds_account(value: str) -> bool:
    """Tell whether a value is an address with an account or a key in it."""
    try:
        parts = urlsplit(value)
    except ValueError:
        return True
    return bool(parts.scheme and parts.netloc and ("@" in parts.netloc or parts.query))


def _quoted(value: str) -> str:
    if not any(sign in value for sign in " #'\"\\$\n"):
        return value
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
