"""Which files of a home go into an archive, by their path inside, which is that in a home."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from modules.environments import Environment
from modules.storage.atomic import TEMPORARY_PREFIX
from modules.storage.links import table
from modules.storage.links.note import FILE as NOTE
from modules.storage.roots import Folder, root_of
from modules.storage.sentinels import SENTINEL

DATABASE: Final = "database/prefect.db"
DUMP: Final = "database/postgres.dump"
OPERATOR: Final = "operator.json"
SETTINGS: Final = "settings.env"
#: The table of links to the real folders of production, as it is called in a home.
LINKS: Final = table.FILE
LOGS: Final = "logs"


def root_names() -> tuple[str, ...]:
    """Name the output roots as they are called inside an archive and in a home alike."""
    return tuple(root_of(Path(), environment).as_posix() for environment in Environment)


def logs_of(home: Path) -> Iterator[tuple[str, Path]]:
    """List the logs: path inside the archive, file. Raises OSError, naming it, for a folder that cannot be listed."""
    yield from _files(home / LOGS, LOGS, follow=False)


def outputs_of(home: Path) -> Iterator[tuple[str, Path]]:
    """List what was made, of both environments. A product's folder that is a link, as into OneDrive, is followed.

    The marks of production stay behind: on another machine a folder is not the real one because it was so here.
    Raises OSError, naming it, for a folder that cannot be listed.
    """
    for environment in Environment:
        root = root_of(home, environment)
        yield from _files(root, root.name, follow=True)


def dangling_products(home: Path) -> list[Path]:
    """List the products whose folder is a link to nowhere, of both environments: nothing of them can be saved."""
    places = [root_of(home, environment) / folder for environment in Environment for folder in Folder]
    return [place for place in places if place.is_symlink() and not place.exists()]


def _files(folder: Path, inside: str, *, follow: bool) -> Iterator[tuple[str, Path]]:
    for path in _entries(folder):
        name = f"{inside}/{path.name}"
        if path.name in {SENTINEL, NOTE} or path.name.startswith(TEMPORARY_PREFIX) or path.suffix == ".lock":
            continue
        if path.is_symlink() and not (follow and path.name in set(Folder)):
            continue
        if path.is_dir():
            yield from _files(path, name, follow=False)
        elif path.is_file() and path.name != ".gitkeep":
            yield name, path


def _entries(folder: Path) -> list[Path]:
    """List a folder; nothing where it is none, or is not there any more."""
    try:
        return sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def members_in(members: Iterable[str], folders: tuple[str, ...]) -> list[str]:
    """Pick the members that lie in one of these folders; inside an archive they are called as in a home."""
    return [name for name in members if PurePosixPath(name).parts[0] in folders]


def of_no_product(name: str) -> bool:
    """Tell whether a member of production lies in no product's folder, so that no mark says where it belongs.

    With the mounts of `tranquera links` nothing can be written there, either.
    """
    root, *below = name.split("/")
    return root == root_of(Path(), Environment.PRODUCTION).as_posix() and (
        len(below) == 1 or below[0] not in set(Folder)
    )


def first_of(home: Path, names: tuple[str, ...]) -> Path | None:
    """Find something that lies in one of these folders of `home` already; None: marks and temporaries at most."""
    for name in names:
        found = next(_files(home / name, name, follow=True), None)
        if found is not None:
            return found[1]
    return None


def is_inside(path: Path, home: Path) -> bool:
    """Tell whether `path` is in a folder that goes into archives: an archive there would take up the next one."""
    resolved = path.resolve()
    return any(resolved.is_relative_to((home / name).resolve()) for name in (LOGS, *root_names()))
