"""Writing all files of a product: one thread makes their text, others pack it and write."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Final

from modules.kmz.writing.archive import Archive, Piece
from modules.kmz.writing.styles import ICON, icon_png
from modules.kmz_products.contents import Contents
from modules.kmz_products.plan import PlannedFile
from modules.kmz_products.request import Product

#: Files of so many rows are packed beside the making of the next. A larger one is packed as it is made; for a smaller
#: one, threads that wait for each other's turn cost more (a third of the time for 1,000 files of a row each).
_LEAST_ROWS, _MOST_ROWS = 8, 2_000
_WRITERS: Final = 2
#: How many small files may wait for a writer.
_WAITING: Final = 32


def write_files(
    contents: Contents,
    product: Product,
    files: Sequence[PlannedFile],
    place: Callable[[PlannedFile], Path],
    modified: datetime,
) -> Iterator[PlannedFile]:
    """Write the files of a product, each to where `place` says; give each once it is written."""
    with ThreadPoolExecutor(_WRITERS, thread_name_prefix="kmz") as pool:
        waiting: deque[tuple[PlannedFile, Future[None]]] = deque()
        for file, pieces in contents.of(product, files):
            path = place(file)
            if not _LEAST_ROWS <= file.rows <= _MOST_ROWS:
                write_kmz(path, pieces, modified, icon=len(file.markers) > 0)
                yield file
                continue
            waiting.append((file, pool.submit(write_kmz, path, list(pieces), modified, icon=len(file.markers) > 0)))
            if len(waiting) > _WAITING:
                yield _written(waiting.popleft())
        while waiting:
            yield _written(waiting.popleft())


def write_kmz(path: Path, pieces: Sequence[Piece] | Iterator[Piece], modified: datetime, *, icon: bool) -> None:
    """Write one KMZ; icon: that of markers goes with it."""
    with Archive(path, modified) as archive:
        archive.document(pieces)
        if icon:
            archive.add(ICON, icon_png())


def _written(waiting: tuple[PlannedFile, Future[None]]) -> PlannedFile:
    waiting[1].result()
    return waiting[0]
