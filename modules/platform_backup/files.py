"""Logs and outputs of an archive, put back into a home: what is there is left, or kept aside before it is replaced.

A finished snapshot is never modified, so one that is there is left as a whole, published or held back.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Final

from modules.environments import Environment
from modules.errors import ProductionNotReady, RequestError
from modules.i18n import N_
from modules.platform_backup import contents
from modules.platform_backup.archive import CheckedArchive
from modules.snapshots.manifest import MANIFEST
from modules.snapshots.store import QUARANTINE
from modules.storage.atomic import replacing, sync_folder
from modules.storage.roots import Folder, root_of
from modules.storage.sentinels import missing_sentinels
from modules.typed import typed

#: Where settings, and what an operator changed, are laid in a home: they are for a person to look at.
LAID: Final = Path("data", "restored")
#: `docker compose exec` needs a stack that runs, and nothing is put back into one.
_MARK_WITH_DOCKER: Final = "docker compose run --rm --entrypoint=tranquera platform-restore outputs init"
_PIECE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class FilesPutBack:
    """What became of the files. written: as asked for; unchanged: they were there with the same content.

    replaced: how many were kept before another took their place, those that an earlier restore laid among them
    aside: the folder that keeps them
    left: finished snapshots that are there and not as they are in the archive; nothing of them was touched
    """

    written: int = 0
    unchanged: int = 0
    replaced: int = 0
    aside: Path | None = None
    left: tuple[Path, ...] = ()


def require_places(names: Sequence[str], home: Path, *, composed: bool) -> None:
    """Make sure that every member of `names` can get its place, before anything is changed.

    Raises ProductionNotReady where a product's folder carries no mark: it may be the empty mount point of a drive.
    RequestError where a folder stands in a file's place or the reverse, or a link leads nowhere.
    """
    production = root_of(Path(), Environment.PRODUCTION).as_posix()
    products = {parts[1] for parts in (name.split("/") for name in names) if parts[0] == production and len(parts) > 2}
    for folder in missing_sentinels(home):
        if folder in products:
            raise ProductionNotReady(
                N_(
                    "The backup has files of production in “{folder}”. Here, that folder is not there or does not "
                    "carry the mark of production, so it may not be the real one. Nothing was changed. Check that it "
                    "is mounted; on a new machine, first run: {command}"
                ),
                folder=str(folder),
                command=_MARK_WITH_DOCKER if composed else typed("outputs init"),
            )
    folders = {parent for name in names for parent in PurePosixPath(name).parents if parent.name}
    wrong = [home / folder for folder in folders if os.path.lexists(home / folder) and not (home / folder).is_dir()]
    wrong += [home / name for name in names if os.path.lexists(home / name) and not (home / name).is_file()]
    if wrong:
        raise RequestError(
            N_(
                "{file} is in the way: the backup has something else of that name, or it is a link to nowhere. Nothing "
                "was changed. Move it away or mount what it leads to, then run again."
            ),
            file=str(min(wrong)),
        )


def lay(archive: CheckedArchive, name: str, home: Path, aside: Aside) -> Path:
    """Lay a member for a person to look at; one that an earlier restore laid is kept. Raises OSError, StorageError."""
    target = home / LAID / name
    if not _is_same(archive, name, target):
        aside.keep(target, name)
        archive.extract(name, target)
    return target


def put_files(archive: CheckedArchive, names: Iterable[str], home: Path, aside: Aside) -> FilesPutBack:
    """Give each member of `names` its place in `home`. Raises OSError, StorageError."""
    finished: dict[PurePosixPath, Path | None] = {}
    written = unchanged = 0
    left: dict[Path, None] = {}
    # The manifest of a snapshot last, as when it was made: before, it is none.
    for name in sorted(names, key=lambda name: (PurePosixPath(name).name == MANIFEST, name)):
        place, inside = home / name, _snapshot_of(name)
        if inside is not None and inside not in finished:
            finished[inside] = _finished(home, inside)
        there = finished[inside] if inside is not None else None
        if inside is not None and there is not None:
            place = there / PurePosixPath(name).relative_to(inside)
        if _is_same(archive, name, place):
            unchanged += 1
        elif there is not None:
            left[there] = None
        else:
            aside.keep(place, name)
            archive.extract(name, place)
            written += 1
    return FilesPutBack(written, unchanged, aside.kept, aside.folder, tuple(left))


class Aside:
    """The folder for what is replaced, made with the first file. On the home's disk: a copy may go to another one.

    kept: how many files it got
    """

    def __init__(self, home: Path, now: datetime) -> None:
        self._parent = home / LAID / "replaced"
        self._name = f"{now:%Y-%m-%dT%H%M%SZ}"
        self.folder: Path | None = None
        self.kept = 0

    def keep(self, file: Path, name: str) -> None:
        """Copy a file that is there, whole on the disk when this returns. It stays until a new one takes its place."""
        if not file.exists():
            return
        if self.folder is None:
            self.folder = self._fresh()
        target = self.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with replacing(target) as temporary:
            shutil.copyfile(file, temporary)
            modified = file.stat().st_mtime
            os.utime(temporary, (modified, modified))
        self.kept += 1

    def _fresh(self) -> Path:
        self._parent.mkdir(parents=True, exist_ok=True)
        folder, number = self._parent / self._name, 1
        while folder.exists():
            number += 1
            folder = self._parent / f"{self._name}-{number}"
        folder.mkdir()
        sync_folder(self._parent)
        return folder


def _snapshot_of(name: str) -> PurePosixPath | None:
    """Tell the folder of the snapshot that a member belongs to; None for one of no snapshot."""
    parts = PurePosixPath(name).parts
    if parts[0] not in contents.root_names() or parts[1:2] != (Folder.SNAPSHOTS,):
        return None
    depth = 5 if parts[3:4] == (QUARANTINE,) else 4
    return PurePosixPath(*parts[:depth]) if len(parts) > depth else None


def _finished(home: Path, inside: PurePosixPath) -> Path | None:
    """Find the snapshot of this name that is here, also where it was held back then and is published now.

    One whose manifest cannot be read is left too: it may be of a newer version. An interrupted restore wrote none.
    """
    season = home / (inside.parent.parent if inside.parent.name == QUARANTINE else inside.parent)
    for folder in (season / inside.name, season / QUARANTINE / inside.name):
        if (folder / MANIFEST).is_file():
            return folder
    return None


def _is_same(archive: CheckedArchive, name: str, file: Path) -> bool:
    member = archive.manifest.members[name]
    if not file.is_file() or file.stat().st_size != member.bytes:
        return False
    digest = hashlib.sha256()
    with file.open("rb") as content:
        while piece := content.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest() == member.sha256
