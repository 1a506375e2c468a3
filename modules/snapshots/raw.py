"""What the portal said, page by page and byte for byte, in one zip a layer: opens with a double click anywhere.

Pages are compressed by a thread of their own while the next ones arrive.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import BoundedSemaphore
from types import TracebackType
from typing import Final, Self
from zipfile import ZIP_DEFLATED, ZipFile

from modules.domain.layers import Layer
from modules.storage.failures import storage_failure

FOLDER: Final = "raw"
#: Pages that may wait for compression: bounds the memory that they take.
_WAITING: Final = 32
#: Fastest level of DEFLATE: three times smaller is enough, the archive is the Parquet files.
_LEVEL: Final = 1


class RawPages:
    """A RawSink that writes `raw/<layer>.zip`, holding `0001.json`, `0002.json` and so on.

    When the disk fails, the next page that is handed over, or the end of the block, raises StorageError.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._folder = folder
        self._archives: dict[Layer, ZipFile] = {}
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="raw")
        self._room = BoundedSemaphore(_WAITING)
        self._failure: Exception | None = None

    def page(self, layer: Layer, number: int, body: bytes) -> None:
        """Keep page `number` (from 1) of `layer`."""
        self._raise_failure()
        self._room.acquire()
        self._writer.submit(self._write, layer, number, body).add_done_callback(self._done)

    def restart(self, layer: Layer) -> None:
        """Forget the pages of `layer`."""
        self._room.acquire()
        self._writer.submit(self._forget, layer).add_done_callback(self._done)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for layer in Layer:
            self._writer.submit(self._close, layer).add_done_callback(self._note_failure)
        self._writer.shutdown()
        if error is None:
            self._raise_failure()

    def _write(self, layer: Layer, number: int, body: bytes) -> None:
        if layer not in self._archives:
            self._archives[layer] = ZipFile(self._path(layer), "w", ZIP_DEFLATED, compresslevel=_LEVEL)
        self._archives[layer].writestr(f"{number:04}.json", body)

    def _forget(self, layer: Layer) -> None:
        self._close(layer)
        self._path(layer).unlink(missing_ok=True)

    def _close(self, layer: Layer) -> None:
        archive = self._archives.pop(layer, None)
        if archive is not None:
            archive.close()

    def _path(self, layer: Layer) -> Path:
        return self._folder / f"{layer}.zip"

    def _done(self, task: Future[None]) -> None:
        self._room.release()
        self._note_failure(task)

    def _note_failure(self, task: Future[None]) -> None:
        error = task.exception()
        if isinstance(error, Exception):
            self._failure = self._failure or error

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise storage_failure(self._failure) from self._failure
