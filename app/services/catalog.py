"""The files of an environment as people look for them: folders, snapshots with what they hold, downloads."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from modules.environments import Environment
from modules.errors import RequestError, SnapshotError
from modules.i18n import N_
from modules.snapshots.manifest import Manifest, read_manifest
from modules.snapshots.store import QUARANTINE, Snapshot, SnapshotStore
from modules.storage.confinement import resolve_inside
from modules.storage.listing import Entry, is_shown, list_entries
from modules.storage.roots import Folder, root_of
from modules.storage.sentinels import missing_sentinels

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from modules.kmz_products.index import IndexEntry

#: How the files of a product end, by its folder.
_PRODUCTS: Final = {
    Folder.KMZ_BY_FARM: ".kmz",
    Folder.KMZ_BY_CROP_AND_FARM: ".kmz",
    Folder.KMZ_BY_CROP: ".kmz",
    Folder.KMZ_BY_FIELD: ".kmz",
    Folder.HTML_MAP: ".html",
}


@dataclass(frozen=True, slots=True)
class Item:
    """An entry of a folder; what is known of it tells what it holds.

    manifest: of a snapshot's folder; product: of a KMZ or map in the folders of the products; grid: of a Parquet file
    in `H3`
    """

    entry: Entry
    manifest: Manifest | None = None
    product: IndexEntry | None = None
    grid: GridFacts | None = None

    @property
    def bytes(self) -> int:
        """Its size; of a snapshot, that of all its files. 0 for other folders."""
        if self.manifest is None:
            return self.entry.bytes
        return sum(record.bytes for record in self.manifest.files.values())


@dataclass(frozen=True, slots=True)
class GridFacts:
    """What a grid's file says of itself; counts are those of the whole grid, 0 where an older file does not tell."""

    season: str
    resolution: int
    fields: int
    cells: int


def items(home: Path, environment: Environment, path: str = "") -> list[Item]:
    """List a folder: snapshots newest first, everything else by name. Raises RequestError for what is not there."""
    if _names_quarantine(path):
        raise RequestError(N_("There is no folder “{name}” here."), name=QUARANTINE)
    root = root_of(home, environment)
    entries = [entry for entry in list_entries(root, path) if not _names_quarantine(entry.name)]
    if path in _PRODUCTS:
        return _product_items(root, path, entries)
    if path == Folder.H3:
        return [Item(entry, grid=_grid(root, entry)) for entry in entries]
    listed = [Item(entry, _manifest(root, entry)) for entry in entries]
    if any(item.manifest for item in listed):
        return sorted(listed, key=lambda item: item.entry.name, reverse=True)
    return listed


def _product_items(root: Path, path: str, entries: Sequence[Entry]) -> list[Item]:
    """Tell of each file what the index says. The index itself is for programs; the one of links is for people."""
    from modules.kmz_products.index import INDEX, LINKS, read_index

    known = read_index(resolve_inside(root, path), _PRODUCTS[Folder(path)])
    items = [Item(entry, product=known.get(entry.name)) for entry in entries if entry.name != INDEX]
    return sorted(items, key=lambda item: item.entry.name != LINKS)


def _grid(root: Path, entry: Entry) -> GridFacts | None:
    """Read the footer of a grid's file; None for what is none of ours."""
    if entry.is_folder or PurePosixPath(entry.name).suffix != ".parquet":
        return None
    import pyarrow.parquet as pq
    from pyarrow import ArrowException

    from modules.h3_grid.files import METADATA

    try:
        footer = pq.read_metadata(resolve_inside(root, entry.path))
        about = json.loads((footer.metadata or {})[METADATA])
        counts = (int(about.get(count, 0)) for count in ("lotes", "celdas"))
        return GridFacts(str(about["campania"]), int(about["resolucion"]), *counts)
    except (OSError, ArrowException, RequestError, KeyError, ValueError, TypeError, AttributeError):
        return None


def snapshot_files(home: Path, environment: Environment, folder: str) -> list[Entry]:
    """List the files of a snapshot that people open, without what the portal said page by page.

    folder: relative to the output root, as the record of a run has it
    """
    return [entry for entry in list_entries(root_of(home, environment), folder) if not entry.is_folder]


def last_snapshot(home: Path, environment: Environment) -> Snapshot | None:
    """Find the last snapshot of all farms, of whatever season; else the last one of some; None when there is none."""
    published = SnapshotStore(home, environment).published()
    return max(published, key=lambda each: (each.scope.whole, each.manifest.started_at), default=None)


def is_connected(home: Path, environment: Environment) -> bool:
    """Tell whether the snapshots of an environment can be seen: those of production are where the mark is."""
    return environment is Environment.TEST or Folder.SNAPSHOTS not in missing_sentinels(home)


def path_of(home: Path, snapshot: Snapshot) -> str:
    """Tell where a snapshot's folder is, relative to its output root."""
    return SnapshotStore(home, snapshot.scope.environment).relative(snapshot.path)


def manifest_of(home: Path, environment: Environment, path: str) -> Manifest | None:
    """Read the manifest of the snapshot that `path` is or lies in; None when it is in none."""
    root = root_of(home, environment)
    parts = PurePosixPath(path).parts
    for depth in range(3, len(parts) + 1):
        try:
            return read_manifest(resolve_inside(root, "/".join(parts[:depth])))
        except (RequestError, SnapshotError):
            continue
    return None


def find_download(home: Path, environment: Environment, path: str, *, held: bool = False) -> Path:
    """Find a file that may be downloaded. Raises RequestError for all others.

    held: lets in what waits in quarantine
    """
    if not is_shown(path) or _names_quarantine(path) is not held:
        raise RequestError(N_("There is no file “{name}” here."), name=PurePosixPath(path).name)
    return resolve_inside(root_of(home, environment), path)


def download_address(environment: Environment, path: str) -> str:
    """Tell the address under which the web server sends a file."""
    held = "?held=1" if _names_quarantine(path) else ""
    return f"/files/{environment}/{quote(path)}{held}"


def _names_quarantine(path: str) -> bool:
    """Tell whether a path leads into quarantine, also on disks where capital and small letters are the same."""
    return any(part.casefold() == QUARANTINE for part in PurePosixPath(path).parts)


def _manifest(root: Path, entry: Entry) -> Manifest | None:
    parts = PurePosixPath(entry.path).parts
    if not entry.is_folder or parts[0] != Folder.SNAPSHOTS or len(parts) != 3:
        return None
    try:
        return read_manifest(resolve_inside(root, entry.path))
    except SnapshotError:
        return None
