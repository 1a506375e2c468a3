"""The files of a product in parts, each written by a process that has read the snapshot itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from threading import Lock
from uuid import uuid4

import numpy as np
import pyarrow as pa

from modules.domain.layers import Layer
from modules.errors import SnapshotError
from modules.i18n import N_
from modules.kmz_products.contents import Contents
from modules.kmz_products.edition import Edition
from modules.kmz_products.files import write_files
from modules.kmz_products.plan import PlannedFile
from modules.kmz_products.request import KmzRequest, Product
from modules.kmz_products.sheets import Sheets
from modules.snapshots.reading import read_layer
from modules.snapshots.store import Snapshot
from modules.spread import cut


def read_sheets(snapshot: Snapshot) -> Sheets:
    """Read the layers of a snapshot. Raises SnapshotError."""
    try:
        return Sheets.of(*(read_layer(snapshot, layer) for layer in (Layer.FIELDS, Layer.ZONES, Layer.MARKERS)))
    except (OSError, pa.ArrowException, KeyError) as error:
        raise SnapshotError(
            N_("The files of backup {snapshot} cannot be read. The KMZ stay as they are. Verify it, or back up again."),
            snapshot=snapshot.id,
        ) from error


@dataclass(frozen=True, slots=True)
class Job:
    """What all files of a run have in common. modified: what the entries of their archives say."""

    snapshot: Snapshot
    request: KmzRequest
    edition: Edition
    modified: datetime


@dataclass(frozen=True, slots=True)
class FilesPart:
    """Files that follow each other in a product, and where each is written to."""

    job: Job
    product: Product
    files: Sequence[PlannedFile]
    places: Sequence[Path]

    def cut(self, count: int) -> list[FilesPart]:
        """Cut it into at most `count` parts with about as many rows each."""
        # A file without much in it takes some of the time of a row, too.
        runs = cut(np.array([file.rows + 1 for file in self.files]), count)
        return [replace(self, files=self.files[first:last], places=self.places[first:last]) for first, last in runs]


def write_part(part: FilesPart) -> int:
    """Write the files of a part; tell how many they are. Raises SnapshotError, StorageError, OSError.

    Each gets its place once it is whole: a process that was given up may be at the same file still.
    """
    places = {file.name: place for file, place in zip(part.files, part.places, strict=True)}
    beside = {name: place.with_name(f"{place.stem}-{uuid4().hex}{place.suffix}") for name, place in places.items()}
    apart = replace(part, places=[beside[file.name] for file in part.files])
    for file in write_files_of(apart, _desk.contents(part.job)):
        beside[file.name].replace(places[file.name])
    return len(part.files)


def write_files_of(part: FilesPart, contents: Contents) -> Iterator[PlannedFile]:
    """Write the files of a part; give each once it is written."""
    places = {file.name: place for file, place in zip(part.files, part.places, strict=True)}
    return write_files(contents, part.product, part.files, lambda file: places[file.name], part.job.modified)


@dataclass(slots=True)
class _Desk:
    """The contents of the last run that this process wrote files of. They are read once, and cleared for the next."""

    _of: tuple[Path, KmzRequest] | None = None
    _contents: Contents | None = None
    _lock: Lock = field(default_factory=Lock)

    def contents(self, job: Job) -> Contents:
        of = job.snapshot.path, job.request  # a snapshot is never changed, and its folder has its id
        with self._lock:
            if self._contents is None or self._of != of:
                self._contents = None
                self._contents = Contents(read_sheets(job.snapshot), job.edition, job.request)
                self._of = of
            return self._contents


_desk = _Desk()
