"""What lies in the output roots, as people may see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Final

from modules.domain.names import natural_key
from modules.errors import RequestError, StorageError
from modules.i18n import N_
from modules.storage.confinement import resolve_inside
from modules.storage.roots import Folder

#: Temporaries, sentinels and other things of programs begin with a dot; Office marks an open document with `~$`.
_OF_PROGRAMS: Final = (".", "~$")
_OF_WINDOWS: Final = {"desktop.ini", "thumbs.db"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or folder. `path` is relative to the output root, with `/`; `bytes` is 0 for a folder."""

    name: str
    path: str
    is_folder: bool
    bytes: int
    modified: datetime


def is_shown(relative: str) -> bool:
    """Tell whether people may see a path: no part of it belongs to programs only."""
    return not any(
        part.startswith(_OF_PROGRAMS) or part.casefold() in _OF_WINDOWS for part in PurePosixPath(relative).parts
    )


def list_entries(root: Path, relative: str = "") -> list[Entry]:
    """List what a folder below an output root shows, folders first, by name, numbers in names counted as such.

    relative: empty is the root itself

    Raises RequestError for a path that leads out, is not there or is no folder, StorageError for one that cannot be
    read: a drive that is not connected.
    """
    folder = resolve_inside(root, relative) if relative else root
    try:
        if not is_shown(relative) or (relative and not folder.is_dir()):
            raise RequestError(N_("There is no folder “{name}” here."), name=PurePosixPath(relative).name)
        paths = list(folder.iterdir()) if folder.is_dir() else []
    except OSError as error:
        raise StorageError(
            N_("The folder “{name}” cannot be read now. Check that its drive is connected and that it may be read."),
            name=folder.name,
        ) from error
    found = [_entry(path, relative) for path in paths if is_shown(path.name) and _followed(path, relative)]
    return sorted((entry for entry in found if entry), key=lambda entry: (not entry.is_folder, natural_key(entry.name)))


def _followed(path: Path, relative: str) -> bool:
    """Tell whether an entry may be followed: only the operator's own links, those of the products' folders."""
    return not path.is_symlink() or (not relative and path.name in set(Folder))


def _entry(path: Path, relative: str) -> Entry | None:
    try:
        path.name.encode()
        status = path.stat()
    except (OSError, UnicodeEncodeError):  # gone meanwhile, a link to nowhere, a name that is no text
        return None
    is_folder = path.is_dir()
    return Entry(
        name=path.name,
        path=f"{relative}/{path.name}" if relative else path.name,
        is_folder=is_folder,
        bytes=0 if is_folder else status.st_size,
        modified=datetime.fromtimestamp(status.st_mtime, UTC),
    )
