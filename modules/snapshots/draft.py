"""A snapshot while it is written: under a temporary name beside its place, the manifest last, then a rename."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Final

import pyarrow as pa
from pyogrio.errors import DataLayerError, DataSourceError

from modules.domain.layers import Layer
from modules.errors import StorageError
from modules.exporters.geojson import write_geojson
from modules.exporters.geopackage import write_geopackage
from modules.exporters.geoparquet import geometry_types_of, write_geoparquet
from modules.snapshots import raw
from modules.snapshots.layers import CheckedLayer
from modules.snapshots.manifest import MANIFEST, FileRecord, Manifest
from modules.storage.atomic import move_folder, remove, sync_file, sync_folder, temporary_beside

#: What the writing libraries raise, besides OSError, for what they could not write.
WRITING_ERRORS: Final = (DataSourceError, DataLayerError, pa.ArrowException)
GEOPACKAGE: Final = "backup.gpkg"
FIELDS_GEOJSON: Final = "lotes.geojson"
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
        self._geopackage = Lock()

    def write_layer(self, layer: CheckedLayer) -> None:
        """Write a layer's Parquet file and its layer in the GeoPackage."""
        # Parquet is compressed outside the interpreter, so it costs no time beside the GeoPackage.
        with ThreadPoolExecutor(max_workers=1) as beside:
            parquet = beside.submit(self._write_parquet, layer)
            with self._geopackage:
                write_geopackage(
                    self.folder / GEOPACKAGE,
                    layer.layer.value,
                    layer.people_table(),
                    layer.wkb,
                    points=layer.layer is Layer.MARKERS,
                )
            parquet.result()

    def write_fields_geojson(self, fields: CheckedLayer, shapes: list[str]) -> None:
        """Write the fields as GeoJSON; shapes: their `geojson_shapes`."""
        write_geojson(self.folder / FIELDS_GEOJSON, fields.people_table(), shapes)

    def _write_parquet(self, layer: CheckedLayer) -> None:
        write_geoparquet(
            self.folder / f"{layer.layer}.parquet",
            layer.table,
            layer.wkb,
            layer.bounds,
            geometry_types_of(layer.geometry),
            collection=COLLECTION if layer.layer is Layer.FIELDS else None,
        )

    def seal(self) -> dict[str, FileRecord]:
        """Wait until every file is on the disk; tell size and hash of each by its path inside."""
        files = sorted(path for path in self.folder.rglob("*") if path.is_file())
        return {path.relative_to(self.folder).as_posix(): _sealed(path) for path in files}

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
