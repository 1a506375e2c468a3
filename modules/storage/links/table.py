"""`links.toml`: the real folder of each product, as it was answered once. People may edit it."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from modules.errors import SettingsError, TranqueraError
from modules.i18n import N_
from modules.storage.atomic import replace_bytes
from modules.storage.links.targets import System, read_target
from modules.storage.roots import Folder

FILE: Final = "links.toml"
_HEAD: Final = """\
# Made by: tranquera links. The real folder of each product.
# After a change: tranquera links --yes
"""


@dataclass(frozen=True, slots=True)
class LinkTable:
    """The real folder of each product, absolute, as `system` writes paths. Products may be missing."""

    system: System
    targets: Mapping[Folder, str]


def read_table(home: Path) -> LinkTable | None:
    """Read the table of a home; None when there is none. Raises SettingsError that says what is wrong with it."""
    try:
        content = tomllib.loads((home / FILE).read_text(encoding="utf-8-sig"))
        system = System(content["system"])
        return LinkTable(system, {Folder(name): read_target(text, system) for name, text in _folders(content).items()})
    except FileNotFoundError:
        return None
    except TranqueraError as error:
        raise SettingsError(
            N_("{file} cannot be used. {why} Correct it, or move it aside and run: tranquera links"),
            file=FILE,
            why=error.sentence(),
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingsError(
            N_(
                "{file} cannot be read. Nothing was changed. Correct it, or move it aside and run: tranquera links. "
                "The reason: {why}"
            ),
            file=FILE,
            why=str(error),
        ) from error


def write_table(home: Path, table: LinkTable) -> None:
    """Remember the table, whole or not at all. Raises OSError."""
    lines = [f"{_toml(folder)} = {_toml(table.targets[folder])}" for folder in Folder if folder in table.targets]
    text = f"{_HEAD}system = {_toml(table.system)}\n\n[folders]\n" + "".join(f"{line}\n" for line in lines)
    replace_bytes(home / FILE, text.encode())


def _folders(content: Mapping[str, Any]) -> dict[str, str]:
    folders = content["folders"]
    if not isinstance(folders, dict) or not all(isinstance(text, str) for text in folders.values()):
        raise ValueError("[folders]")
    return folders


def _toml(text: str) -> str:
    """Write a string of TOML: as it is where that can be, for the sake of the backslashes in paths."""
    return f"'{text}'" if "'" not in text else json.dumps(text, ensure_ascii=False)
