"""What the portal said, page by page and byte for byte, in one zip a layer: opens with a double click anywhere.

Pages are compressed by a thread of their own while the next ones arrive.
"""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import BoundedSemaphore
from types import TracebackType
from typing import Final, Self
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from isal import isal_zlib

from modules.domain.layers import Layer
from modules.storage.atomic import sync_file
from modules.storage.failures import storage_failure

FOLDER: Final = "raw"
#: Pages that may wait for compression: bounds the memory that they take.
_WAITING: Final = 32
#: Fastest level of DEFLATE: five times smaller is enough, the archive is the Parquet files.
_LEVEL: Final = 1
#: DEFLATE without a header of zlib's, as members of a zip are.
_RAW_DEFLATE: Final = -15
#: Mode of a file that its owner may write and everybody read.
_READABLE: Final = 0o644


class _Archive(ZipFile):
    """A zip whose members are compressed by isal: four times faster than zlib, which took 6 % of a backup."""

    def pack(self, name: str, content: bytes) -> None:
        """Add a member. `ZipFile` has no way in for what is compressed already, so its record is kept up by hand."""
        packer = isal_zlib.compressobj(_LEVEL, isal_zlib.DEFLATED, _RAW_DEFLATE)
        packed = packer.compress(content) + packer.flush()
        member = ZipInfo(name, time.localtime()[:6])
        member.compress_type = ZIP_DEFLATED
        member.external_attr = _READABLE << 16
        member.CRC, member.file_size, member.compress_size = isal_zlib.crc32(content), len(content), len(packed)
        member.header_offset = self.start_dir
        assert self.fp is not None  # noqa: S101  (it is while the archive is open)
        self.fp.write(member.FileHeader())
        self.fp.write(packed)
        self.filelist.append(member)
        self.NameToInfo[name] = member
        self.start_dir = self.fp.tell()
        self._didModify = True


class RawPages:
    """A RawSink that writes `raw/<layer>.zip`, holding `0001.json`, `0002.json` and so on.

    When the disk fails, the next page that is handed over, or the end of the block, raises StorageError.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._folder = folder
        self._archives: dict[Layer, _Archive] = {}
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
            self._archives[layer] = _Archive(self._path(layer), "w")
        self._archives[layer].pack(f"{number:04}.json", body)

    def _forget(self, layer: Layer) -> None:
        self._close(layer)
        self._path(layer).unlink(missing_ok=True)

    def _close(self, layer: Layer) -> None:
        archive = self._archives.pop(layer, None)
        if archive is not None:
            archive.close()
            sync_file(self._path(layer))

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
