"""The links of production, made on this machine. No folder with files in it is ever removed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from modules.environments import Environment
from modules.errors import ProductionNotReady, RequestError, StorageError, TranqueraError
from modules.i18n import N_
from modules.storage.atomic import sync_folder, temporary_beside
from modules.storage.links.places import Way, holds_files, leads_to, way_of
from modules.storage.links.table import LinkTable
from modules.storage.roots import Folder, root_of
from modules.storage.sentinels import SENTINEL

_WINDOWS = os.name == "nt"


@dataclass(frozen=True, slots=True)
class Linked:
    """What became of a product's link: made now or there already; or the reason why it is not there."""

    folder: Folder
    target: str
    made: bool = False
    problem: TranqueraError | None = None


def make_links(home: Path, table: LinkTable) -> Iterator[Linked]:
    """Make the link of each product, one after another; what is in the way of one does not stop the others.

    Raises RequestError for a table of another system.
    """
    if not table.system.is_here:
        raise RequestError(
            N_(
                "These folders are those of another system. Nothing was changed. Links for Windows are made by "
                "{script}."
            ),
            script="create_symlinks.ps1",
        )
    root = root_of(home, Environment.PRODUCTION)
    for folder, target in table.targets.items():
        try:
            yield Linked(folder, target, made=_link(root / folder, folder, target))
        except TranqueraError as error:
            yield Linked(folder, target, problem=error)
        except OSError as error:
            problem = StorageError(
                N_("“{folder}” could not be linked; it is as it was. Check the permissions. The system says: {why}"),
                folder=str(folder),
                why=error.strerror or str(error),
            )
            problem.__cause__ = error
            yield Linked(folder, target, problem=problem)


def _link(place: Path, folder: Folder, target: str) -> bool:
    way = way_of(place)
    _require_real(folder, target)
    if way is Way.MOUNT or (way is Way.LINK and leads_to(place, target)):
        return False
    if way is Way.FILE or (way is Way.FOLDER and holds_files(place)):
        raise StorageError(
            N_(
                "There are files where the link of “{folder}” belongs, so it was left as it is. Move what is in "
                "{place} to {target}, then run again."
            ),
            folder=str(folder),
            place=place,
            target=target,
        )
    place.parent.mkdir(parents=True, exist_ok=True)
    link = temporary_beside(place)
    link.symlink_to(target, target_is_directory=True)
    try:
        if way is Way.FOLDER:
            (place / SENTINEL).unlink(missing_ok=True)
            place.rmdir()
        elif _WINDOWS and way is not Way.NOTHING:
            place.rmdir()  # Windows puts nothing in the place of a link to a folder
        link.replace(place)
    except OSError:
        link.unlink(missing_ok=True)
        raise
    sync_folder(place.parent)
    return True


def _require_real(folder: Folder, target: str) -> None:
    """Make sure that the real folder is there and is the real one; a folder made now would only look like it."""
    if not (Path(target) / SENTINEL).is_file():
        raise ProductionNotReady(
            N_(
                "The real folder of “{folder}”, {path}, is not there or carries no mark. Nothing was changed. Connect "
                "its drive or start its synchronisation; if it is new, run: tranquera links"
            ),
            folder=str(folder),
            path=target,
        )
