"""`docker-compose.override.yml`: one bind mount for each product, into the services that read or write production.

The backup of the platform reads them only, and the table of links beside them.

In a container of Docker Desktop a link of Windows leads nowhere, so links alone are not enough. Nor may they be in the
way: Docker follows a link at a mount's place, and makes folders of its target's name in `outputs/`. So an empty folder
that nobody can write to takes the place of `./outputs` in the containers, and the mounts stand in that.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path, PureWindowsPath
from typing import Final

from dotenv import dotenv_values

from modules.storage.links import table
from modules.storage.roots import Folder

FILE: Final = "docker-compose.override.yml"
#: Those that mount `./outputs` and look below it.
SERVICES: Final = ("prefect-worker", "dashboard", "platform-backup", "platform-restore")
#: The one of them that changes nothing.
READER: Final = "platform-backup"
_INSIDE: Final = "/app/outputs"
_TABLE_INSIDE: Final = f"/app/{table.FILE}"
_NO_OUTPUTS: Final = (
    "      - type: tmpfs",
    f"        target: {_INSIDE}",
    "        read_only: true",
    "        tmpfs: {size: 64k}",
)


def compose_override(targets: Mapping[Folder, str]) -> str:
    """Write the override file's text for the real folders.

    A folder that is not there is an error of `docker compose up`: Docker would else make an empty one in its place.
    """
    lines = ["services:"]
    for service in SERVICES:
        lines += [f"  {service}:", "    volumes:", *_NO_OUTPUTS]
        for folder, target in targets.items():
            lines += _mount(target, f"{_INSIDE}/{folder}", read_only=service == READER)
        if service == READER:
            lines += _mount(f"./{table.FILE}", _TABLE_INSIDE, read_only=True)
    return "".join(f"{line}\n" for line in lines)


def is_left_out(home: Path) -> bool:
    """Tell whether the `.env` of a home names the Compose files that count, and the override is none of them.

    They may be named by a path, of Windows too: what counts is the last part of it.
    """
    file = home / ".env"
    try:
        said = dotenv_values(file) if file.is_file() else {}
    except (OSError, UnicodeDecodeError):
        return False
    named, separator = said.get("COMPOSE_FILE") or "", said.get("COMPOSE_PATH_SEPARATOR") or ""
    files = named.split(separator) if separator else re.split("[:;]", named)
    return bool(named) and FILE not in {PureWindowsPath(each.strip()).name for each in files}


def _mount(source: str, target: str, *, read_only: bool) -> list[str]:
    return [
        "      - type: bind",
        f"        source: {_text(source)}",
        f"        target: {_text(target)}",
        *(["        read_only: true"] if read_only else []),
        "        bind:",
        "          create_host_path: false",
    ]


def _text(text: str) -> str:
    """Write a string that YAML reads back and in which Compose finds no variable."""
    return json.dumps(text.replace("$", "$$"), ensure_ascii=False)
