"""Which production folders carry no mark, wherever they really are, and marking them."""

from __future__ import annotations

from pathlib import Path

from modules.environments import Environment
from modules.errors import StorageError
from modules.i18n import N_
from modules.storage.links.note import FILE, noted_target
from modules.storage.links.places import Way, way_of
from modules.storage.links.table import LinkTable
from modules.storage.roots import Folder, root_of
from modules.storage.sentinels import SENTINEL, mark_production, put_sentinel


def real_folder(home: Path, folder: Folder, table: LinkTable | None) -> Path:
    """Tell where a product's files belong: its place in the outputs, or its real folder where no link leads there yet.

    Raises StorageError for a real folder of another system, which cannot be reached from here.
    """
    place = root_of(home, Environment.PRODUCTION) / folder
    target = table.targets.get(folder) if table else None
    if table is None or target is None or way_of(place) in (Way.LINK, Way.DANGLING, Way.MOUNT):
        return place
    if not table.system.is_here:
        raise StorageError(
            N_(
                "The real folder of “{folder}”, {path}, is one of another system. Nothing was changed. On that "
                "machine, run create_symlinks.ps1, which marks it; or mark it in a container: docker compose exec "
                "dashboard tranquera outputs init"
            ),
            folder=str(folder),
            path=target,
        )
    return Path(target)


def unmarked(home: Path, table: LinkTable | None) -> list[Folder]:
    """List the products whose real folder is absent or carries no mark. Raises StorageError as `real_folder` does."""
    return [folder for folder in Folder if not (real_folder(home, folder, table) / SENTINEL).is_file()]


def mark(home: Path, folder: Folder, table: LinkTable | None) -> None:
    """Mark the real folder of a product. One in the outputs is created, one elsewhere has to be there.

    Raises StorageError for one that is not, one that cannot be written to, and in a container one that is noted to lie
    elsewhere and is not mounted: production would write to a folder of that name in the outputs, where nobody looks.
    """
    real = real_folder(home, folder, table)
    inside = real == root_of(home, Environment.PRODUCTION) / folder
    elsewhere = noted_target(home, folder) if table is None else None
    if elsewhere is not None and way_of(real) not in (Way.LINK, Way.DANGLING, Way.MOUNT):
        raise StorageError(
            N_(
                "“{folder}” lies in {path} and is not mounted here. Nothing was changed. See that COMPOSE_FILE in .env "
                "names docker-compose.override.yml, or nothing at all, then: docker compose up -d. Where it belongs "
                "into outputs again, remove outputs/{note}."
            ),
            folder=str(folder),
            path=elsewhere,
            note=FILE,
        )
    if not inside and not real.is_dir():
        raise StorageError(
            N_(
                "The real folder of “{folder}”, {path}, is not there. Nothing was changed. Connect its drive; if it "
                "is new, run: tranquera links"
            ),
            folder=str(folder),
            path=real,
        )
    try:
        if inside:
            mark_production(home, folder)
        else:
            put_sentinel(real)
    except OSError as error:
        raise StorageError(
            N_(
                "The production folder “{folder}” cannot be made or marked. Nothing was changed. Check its "
                "permissions; in a container, it has to be mounted first: tranquera links, then docker compose up -d"
            ),
            folder=str(folder),
        ) from error
