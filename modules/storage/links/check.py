"""What is well with the production folders, and what to do where something is not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from modules.environments import Environment
from modules.errors import StorageError, TranqueraError
from modules.i18n import N_
from modules.storage.links import override
from modules.storage.links.places import Way, leads_to, way_of
from modules.storage.links.setup import require_writable
from modules.storage.links.table import LinkTable
from modules.storage.links.written import read_ours
from modules.storage.roots import Folder, root_of
from modules.storage.sentinels import SENTINEL
from modules.typed import typed


class Severity(IntEnum):
    """How bad it is; the numbers are exit statuses."""

    WELL = 0
    WARNING = 1
    BAD = 2


@dataclass(frozen=True, slots=True)
class FolderCheck:
    """How a product's folder is. What could not be looked at is None.

    target: its real folder by the table; mounted: whether the override file mounts that into containers; problem: says
    what is wrong and what to do.
    """

    folder: Folder
    severity: Severity
    way: Way | None = None
    target: str | None = None
    mounted: bool = False
    reachable: bool | None = None
    marked: bool | None = None
    writable: bool | None = None
    problem: TranqueraError | None = None


def check_links(home: Path, table: LinkTable | None) -> list[FolderCheck]:
    """Look at the folder of each product, by `Folder`. Writes a file into each and removes it; raises nothing."""
    return [_Look(home, table, folder).check() for folder in Folder]


class _Look:
    """A look at one folder, which gathers what is known until something is wrong."""

    def __init__(self, home: Path, table: LinkTable | None, folder: Folder) -> None:
        self._folder = folder
        self._place = root_of(home, Environment.PRODUCTION) / folder
        self._table = table
        self._target = table.targets.get(folder) if table else None
        file = home / override.FILE
        current = table is not None and read_ours(file) == override.compose_override(table.targets)
        self._left_out = override.is_left_out(home)
        self._mounted = current and self._target is not None and not self._left_out
        self._stale = file.exists() and not current
        self._way: Way | None = None
        self._reachable: bool | None = None
        self._marked: bool | None = None
        self._writable: bool | None = None

    def check(self) -> FolderCheck:
        severity, problem = Severity.WELL, None
        for found in self._problems():
            severity, problem = found
            break
        return FolderCheck(
            folder=self._folder,
            severity=severity,
            way=self._way,
            target=self._target,
            mounted=self._mounted,
            reachable=self._reachable,
            marked=self._marked,
            writable=self._writable,
            problem=problem,
        )

    def _problems(self) -> Iterator[tuple[Severity, TranqueraError]]:
        """Find what is wrong, the worst first. Each find ends the look at the parts behind it."""
        try:
            self._way = way_of(self._place)
        except OSError as error:
            yield Severity.BAD, self._said(_UNSEEN, why=error.strerror or str(error))
        if self._table is None:
            yield from self._without_table()
        elif self._target is None:
            yield Severity.WARNING, self._said(_NOT_IN_TABLE)
        elif not self._table.system.is_here:
            yield Severity.WARNING, self._said(_ELSEWHERE, path=self._target)
        else:
            yield from self._with_target(self._target)

    def _without_table(self) -> Iterator[tuple[Severity, TranqueraError]]:
        """A folder of its own, or in a container, where what is mounted is all that is known."""
        if self._way is Way.DANGLING:
            self._reachable = False
            yield Severity.BAD, self._said(_DANGLING)
        elif self._way in (Way.NOTHING, Way.FILE):
            self._reachable = False
            yield Severity.BAD, self._said(_ABSENT)
        yield from self._content(self._place)

    def _with_target(self, target: str) -> Iterator[tuple[Severity, TranqueraError]]:
        self._reachable = Path(target).is_dir()
        if not self._reachable:
            yield Severity.BAD, self._said(_UNREACHABLE, path=target)
        if self._way in (Way.LINK, Way.DANGLING) and not leads_to(self._place, target):
            yield Severity.BAD, self._said(_ASTRAY, path=target)
        if self._way is Way.FILE or (self._way is Way.FOLDER and (self._place / SENTINEL).is_file()):
            yield Severity.BAD, self._said(_IN_THE_WAY, path=target)
        if self._left_out and self._way is not Way.MOUNT:
            yield Severity.BAD, self._said(_LEFT_OUT, file=override.FILE)
        if self._way in (Way.FOLDER, Way.NOTHING) and not self._mounted:
            yield Severity.BAD, self._said(_NOT_LINKED, path=target)
        yield from self._content(self._place if self._way is Way.MOUNT else Path(target))
        if self._stale:
            yield Severity.WARNING, self._said(_STALE, path=target, file=override.FILE)

    def _content(self, real: Path) -> Iterator[tuple[Severity, TranqueraError]]:
        self._reachable = True
        self._marked = (real / SENTINEL).is_file()
        if not self._marked:
            yield Severity.BAD, self._said(_UNMARKED, path=real)
        try:
            require_writable(self._folder, real)
        except StorageError as error:
            self._writable = False
            yield Severity.BAD, error
        self._writable = True

    def _said(self, template: str, **values: object) -> StorageError:
        return StorageError(template, folder=str(self._folder), init=typed("outputs init"), **values)


_UNSEEN = N_(
    "“{folder}” cannot be looked at. Check permissions, and that its drive is connected. The system says: {why}"
)
_NOT_IN_TABLE = N_("No real folder is set for “{folder}”. To set it: tranquera links")
_ELSEWHERE = N_(
    "The real folder of “{folder}”, {path}, is one of another system and cannot be looked at from here. Run this "
    "command on that machine, or in a container: docker compose exec dashboard tranquera links check"
)
_DANGLING = N_(
    "“{folder}” is a link to a folder that is not there; production runs refuse. Connect its drive. In a container, "
    "links lead nowhere: run tranquera links, then docker compose up -d"
)
_ABSENT = N_(
    "The production folder “{folder}” is not there; production runs refuse. To make it: {init}; to "
    "have it in OneDrive or elsewhere: tranquera links"
)
_UNREACHABLE = N_(
    "The real folder of “{folder}”, {path}, is not there; production runs refuse and nothing is made in its place. "
    "Connect its drive or start its synchronisation."
)
_ASTRAY = N_("The link of “{folder}” does not lead to {path}. To correct it: tranquera links apply")
_IN_THE_WAY = N_(
    "“{folder}” is in outputs itself and looks like the real one, which is {path}. Move what it holds there, then run: "
    "tranquera links apply"
)
_NOT_LINKED = N_(
    "“{folder}” does not lead to {path} yet. To link it: tranquera links apply, on Windows also create_symlinks.ps1. "
    "For containers: tranquera links, then docker compose up -d"
)
_LEFT_OUT = N_(
    "COMPOSE_FILE in .env does not name {file}, so containers do not see the real folder of “{folder}”. Add it behind "
    "docker-compose.yml, then: docker compose up -d"
)
_STALE = N_(
    "{file} does not say that “{folder}” is {path}: containers may write elsewhere. Move it aside if it holds things "
    "of your own, then run: tranquera links --yes, and docker compose up -d"
)
_UNMARKED = N_(
    "{path}, the folder of “{folder}”, carries no mark of production; production runs refuse. Check that it is the "
    "real one; if it is: {init}"
)
