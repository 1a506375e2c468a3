"""Who writes the files of layers: this process while they are small, one beside it as soon as a large one is coming."""

from __future__ import annotations

from threading import Lock
from types import TracebackType
from typing import Final, Self

import pyarrow as pa

from modules.exporters.geopackage import batches_of, schema_with_geometry
from modules.snapshots.layer_files import LayerFiles, write_layer_files
from modules.snapshots.publication import Staged
from modules.snapshots.writer_process import WriterProcess

#: Pages from which on a layer is worth a process, which takes 0.4 s to start and saves as much for some 5,000 rows.
_PAGES_WORTH_A_PROCESS: Final = 10


class LayerWriter:
    """Writes layers, one at a time; several threads may ask. A context manager that gives back what it started."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._process: WriterProcess | None = None

    def expect(self, pages: int) -> None:
        """Be told how many pages a layer will have, so that a process that is worth it is ready in time."""
        if pages >= _PAGES_WORTH_A_PROCESS and self._process is None:
            with self._lock:
                self._process = self._process or WriterProcess()

    def write(self, files: LayerFiles, table: pa.Table, wkb: pa.Array) -> list[Staged]:
        """Write the n rows of a layer and their WKB: see `write_layer_files`. Raises OSError when that fails."""
        with self._lock:
            if self._process is not None:
                return self._process.write(files, table, wkb)
            batches = batches_of(table, wkb)
            return write_layer_files(files, pa.RecordBatchReader.from_batches(schema_with_geometry(table), batches))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.close()
