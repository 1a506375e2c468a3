"""The set-up: real folders that are there, marked and can be written to, and the files that lead to them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from modules.environments import Environment
from modules.errors import ProductionNotReady, StorageError
from modules.i18n import N_
from modules.storage.atomic import temporary_beside
from modules.storage.links import override, powershell, table
from modules.storage.links.note import write_note
from modules.storage.links.table import LinkTable
from modules.storage.links.targets import System, require_apart
from modules.storage.links.written import require_ours, write_ours
from modules.storage.roots import Folder, root_of
from modules.storage.sentinels import SENTINEL, put_sentinel

#: What we write beside the table, which people may edit, and how it is encoded.
_OURS: Final[Mapping[str, str]] = {override.FILE: "utf-8", powershell.FILE: powershell.ENCODING}


@dataclass(frozen=True, slots=True)
class SetUp:
    """What a set-up did: the files it wrote in the home, the real folders it made and those it marked."""

    written: list[str]
    created: list[Folder]
    marked: list[Folder]


def set_up(home: Path, chosen: LinkTable, known: LinkTable | None, *, mark_again: bool = False) -> SetUp:
    """Make and mark the real folders, note in the outputs where they are, and write the three files into the home.

    Real folders of another system than this one are left to the script, and to Docker. `known` is the table as it was:
    a folder that was marked by then and carries no mark now is not the one that it was, or is not connected.
    Raises RequestError for folders that clash, ProductionNotReady for one whose mark is gone, StorageError for a file
    that is not ours and what cannot be made or written to; what was made and marked by then stays.
    """
    require_apart(chosen.targets, chosen.system, home)
    for name, encoding in _OURS.items():
        require_ours(home / name, encoding=encoding)
    created: list[Folder] = []
    marked: list[Folder] = []
    if chosen.system.is_here:
        if not mark_again:
            _require_marks(chosen, known)
        for folder, target in chosen.targets.items():
            if _make(folder, Path(target)):
                created.append(folder)
        for folder, target in chosen.targets.items():
            require_writable(folder, Path(target))
        for folder, target in chosen.targets.items():
            if not (Path(target) / SENTINEL).is_file():
                put_sentinel(Path(target))
                marked.append(folder)
    _note(home, chosen)
    return SetUp(_write(home, chosen), created, marked)


def _note(home: Path, chosen: LinkTable) -> None:
    try:
        write_note(home, chosen.targets)
    except OSError as error:
        raise StorageError(
            N_(
                "In {folder} it could not be noted where the real folders are. What was made and marked of them stays; "
                "no file of the links was written. Check that {folder} is there and that you may write there, then run "
                "again."
            ),
            folder=root_of(home, Environment.PRODUCTION),
        ) from error


def _write(home: Path, chosen: LinkTable) -> list[str]:
    """Write the table last: with it the set-up is complete."""
    written = [override.FILE, table.FILE]
    try:
        write_ours(home / override.FILE, override.compose_override(chosen.targets))
        if chosen.system is System.WINDOWS:
            script = powershell.symlink_script(chosen.targets)
            write_ours(home / powershell.FILE, script, encoding=powershell.ENCODING, newline=powershell.NEWLINE)
            written.insert(0, powershell.FILE)
        else:
            (home / powershell.FILE).unlink(missing_ok=True)
        table.write_table(home, chosen)
    except OSError as error:
        raise StorageError(
            N_(
                "The files of the links could not be written to {home}. What was made and marked of the real folders "
                "stays. Check that it may be written to, then run again."
            ),
            home=home,
        ) from error
    return written


def _require_marks(chosen: LinkTable, known: LinkTable | None) -> None:
    for folder, target in chosen.targets.items():
        same = known is not None and known.system is chosen.system and known.targets.get(folder) == target
        if same and not (Path(target) / SENTINEL).is_file():
            raise ProductionNotReady(
                N_(
                    "The real folder of “{folder}”, {path}, was marked before and carries no mark now. Nothing was "
                    "changed. Connect its drive or start its synchronisation; if it is new on purpose, run: "
                    "tranquera links --mark-again"
                ),
                folder=str(folder),
                path=target,
            )


def _make(folder: Folder, target: Path) -> bool:
    try:
        if target.is_dir():
            return False
        target.mkdir(parents=True)
    except OSError as error:
        raise StorageError(
            N_(
                "The real folder of “{folder}”, {path}, cannot be made. No file was changed. Check that its drive is "
                "connected and that you may write there."
            ),
            folder=str(folder),
            path=target,
        ) from error
    return True


def require_writable(folder: Folder, target: Path) -> None:
    """Write a file into a real folder and remove it. Raises StorageError when that cannot be."""
    trial = temporary_beside(target / "trial")
    try:
        trial.touch(exist_ok=False)
    except OSError as error:
        raise StorageError(
            N_(
                "The real folder of “{folder}”, {path}, cannot be written to. No file was changed. Check its "
                "permissions, then run again."
            ),
            folder=str(folder),
            path=target,
        ) from error
    finally:
        with suppress(OSError):
            os.unlink(trial)  # noqa: PTH108
