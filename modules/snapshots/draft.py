"""A snapshot while it is written: under a temporary name beside its place, the manifest last, then a rename."""

from __future__ import annotations

import hashlib
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Final

import pyarrow as pa

from modules.domain.layers import Layer
from modules.errors import StorageError
from modules.exporters.geoparquet import geometry_types_of, write_geoparquet
from modules.snapshots import raw
from modules.snapshots.layer_files import LayerFiles
from modules.snapshots.layers import CheckedLayer
from modules.snapshots.manifest import MANIFEST, FileRecord, Manifest
from modules.snapshots.products import Edition
from modules.snapshots.publication import Staged
from modules.snapshots.writer import LayerWriter
from modules.storage.atomic import move_folder, remove, sync_file, sync_folder, temporary_beside

#: What the writing libraries raise, besides OSError, for what they could not write.
WRITING_ERRORS: Final = (sqlite3.Error, pa.ArrowException)
#: Files hashed at once: there is one large file, and the others take as long together.
_SEALERS: Final = 2
#: Name of the collection in the fiboa file.
COLLECTION: Final = "tranquera-lotes"


class Draft:
    """The folder of a snapshot that is not one yet. Layers may be written from several threads at once."""

    def __init__(self, target: Path, owner: str) -> None:
        self.folder = temporary_beside(target, owner=f"{owner}-")
        # Not its parents: a run never makes a production folder that was unmounted meanwhile.
        target.parent.mkdir(exist_ok=True)
        self.folder.mkdir()
        self.raw = raw.RawPages(self.folder / raw.FOLDER)
        self._target = target

    def write_layer(self, layer: CheckedLayer, edition: Edition | None, writer: LayerWriter) -> list[Staged]:
        """Write all files of a layer and, with an edition, stage the current files that are made from it.

        Layers may be written from several threads: the writer takes one after the other.
        """
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="parquet") as beside:
            parquet = beside.submit(self._write_parquet, layer)
            staged = writer.write(LayerFiles(layer.layer, self.folder, edition), layer.table, layer.wkb)
            parquet.result()
        return staged

    def _write_parquet(self, layer: CheckedLayer) -> None:
        path = self.folder / f"{layer.layer}.parquet"
        write_geoparquet(
            path,
            layer.table,
            layer.wkb,
            layer.bounds,
            geometry_types_of(layer.geometry),
            collection=COLLECTION if layer.layer is Layer.FIELDS else None,
        )
        sync_file(path)  # now, while others are still busy, there is less to wait for at the end

    def seal(self) -> dict[str, FileRecord]:
        """Wait until every file is on the disk; tell size and hash of each by its path inside."""
        files = sorted(path for path in self.folder.rglob("*") if path.is_file())
        with ThreadPoolExecutor(max_workers=_SEALERS, thread_name_prefix="seal") as pool:
            records = pool.map(_sealed, files)
            names = [path.relative_to(self.folder).as_posix() for path in files]
            return dict(zip(names, records, strict=True))

    def publish(self, manifest: Manifest, target: Path | None = None) -> Path:
        """Write the manifest, then give the folder its name: its own, or `target`."""
        path = self.folder / MANIFEST
        path.write_bytes(manifest.encode())
        sync_file(path)
        sync_folder(self.folder / raw.FOLDER)
        sync_folder(self.folder)
        target = target or self._target
        target.parent.mkdir(exist_ok=True)
        move_folder(self.folder, target)
        return target

    def discard(self) -> None:
        """Remove it, also when the disk is full or gone; what cannot be removed is swept at the next start."""
        with suppress(OSError, StorageError):
            remove(self.folder)


def file_record(path: Path) -> FileRecord:
    """Read a file's size and hash."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return FileRecord(bytes=path.stat().st_size, sha256=digest)


def _sealed(path: Path) -> FileRecord:
    sync_file(path)
    return file_record(path)
