"""The mark that tells a real production folder from an empty mount point or a folder made by mistake."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from modules.environments import Environment
from modules.errors import ProductionNotReady, StorageError
from modules.i18n import N_
from modules.storage.atomic import replace_bytes
from modules.storage.roots import Folder, root_of
from modules.typed import typed

SENTINEL: Final = ".tranquera-produccion"
#: For whoever finds the file.
SENTINEL_TEXT: Final = (
    "Esta carpeta es un destino de producción de Tranquera. Sin este archivo, los respaldos no escriben en ella.\n"
    "This folder is a production destination of Tranquera. Without this file, backups do not write to it.\n"
)


def require_sentinels(home: Path, folders: Iterable[Folder]) -> None:
    """Make sure that each production folder is the real one. Creates nothing; raises ProductionNotReady."""
    root = root_of(home, Environment.PRODUCTION)
    for folder in folders:
        path = root / folder
        if not path.is_dir():
            raise ProductionNotReady(
                N_("The production folder “{folder}” is not there. Nothing was changed. Mount it and run again."),
                folder=str(folder),
            )
        if not (path / SENTINEL).is_file():
            raise ProductionNotReady(
                N_(
                    "The folder “{folder}” does not carry the mark of production, so it may not be the real one. "
                    "Nothing was changed. Check that it is mounted; if it is new, run: {command}"
                ),
                folder=str(folder),
                command=typed("outputs init"),
            )


def missing_sentinels(home: Path) -> list[Folder]:
    """List the production folders that are absent or carry no sentinel."""
    root = root_of(home, Environment.PRODUCTION)
    return [folder for folder in Folder if not (root / folder / SENTINEL).is_file()]


def mark_production(home: Path, folder: Folder) -> None:
    """Create a production folder where there is none, and put the sentinel in it.

    Raises StorageError for a link whose target is not there: making a folder in its place would hide the real one.
    """
    path = root_of(home, Environment.PRODUCTION) / folder
    if path.is_symlink() and not path.exists():
        raise StorageError(
            N_("“{folder}” is a link to a folder that is not there. Mount it or correct the link, then run again."),
            folder=str(folder),
        )
    path.mkdir(parents=True, exist_ok=True)
    put_sentinel(path)


def put_sentinel(path: Path) -> None:
    """Mark a folder, by whatever path it is reached, as a real one. Raises OSError, StorageError."""
    replace_bytes(path / SENTINEL, SENTINEL_TEXT.encode())
