"""Writing all files of a product: text is made in one thread while text made before is packed in another."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Final

from modules.kmz.writing.archive import Archive, Piece
from modules.kmz.writing.styles import ICON, icon_png
from modules.kmz_products.contents import Contents
from modules.kmz_products.plan import PlannedFile
from modules.kmz_products.request import Product

#: Files of so many rows are packed beside the making of the next. A larger one is packed beside its own making; for a
#: smaller one, threads that wait for each other's turn cost more (a third of the time for 1,000 files of a row each).
_LEAST_ROWS, _MOST_ROWS = 8, 2_000
_WRITERS: Final = 2
_BLOCK_BYTES: Final = 1 << 20
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
                large = file.rows > _MOST_ROWS
                made = _ahead(pieces, pool) if large else pieces
                write_kmz(path, made, modified, icon=len(file.markers) > 0)
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


def _ahead(pieces: Iterator[Piece], pool: Executor) -> Iterator[Piece]:
    """Give pieces; while some are used, the next ones are made in a thread of the pool."""
    coming = pool.submit(_block, pieces)
    while block := coming.result():
        coming = pool.submit(_block, pieces)
        yield from block


def _block(pieces: Iterator[Piece]) -> list[Piece]:
    """Take some pieces, enough to be worth handing over; none when there are no more."""
    block, size = [], 0
    for piece in pieces:
        block.append(piece)
        size += len(piece)
        if size > _BLOCK_BYTES:
            break
    return block


def _written(waiting: tuple[PlannedFile, Future[None]]) -> PlannedFile:
    waiting[1].result()
    return waiting[0]
