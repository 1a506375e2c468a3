"""Files written by a process beside the one that fetches and checks.

GDAL, and Python where it writes thousands of small files, hold the interpreter's lock; a backup of many threads stood
still for a third of its time waiting for it. A process of its own has a lock of its own.
"""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import msgspec
import pyarrow as pa

from modules.domain.season import Season
from modules.exporters.geopackage import batches_of, schema_with_geometry
from modules.snapshots.publication import Staged

if TYPE_CHECKING:
    from modules.snapshots.layer_files import LayerFiles

_WORKER: Final = "modules.snapshots.writer_worker"
_PROJECT: Final = Path(__file__).resolve().parents[2]
#: It multiplies no matrices; threads for that wait in a loop, which takes a core from who started it.
_ENVIRONMENT: Final = {"OPENBLAS_NUM_THREADS": "1"}
#: Marks the end of an Arrow stream (Arrow columnar format, "IPC Streaming Format").
_END_OF_STREAM: Final = b"\xff\xff\xff\xff\x00\x00\x00\x00"
#: By then it has nothing left to do but to end.
_ENDS_WITHIN_S: Final = 10


class Answer(msgspec.Struct, frozen=True):
    """How a job went: what was staged; what failed, empty for nothing, and the system's number of the error, if any."""

    staged: list[Staged]
    failure: str = ""
    errno: int | None = None


class WriterProcess:
    """Writes the files of layers, one after the other. To be closed by the thread that started it, or a later one."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", _WORKER, str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **_ENVIRONMENT, "PYTHONPATH": os.pathsep.join(_search_path())},
        )

    def write(self, files: LayerFiles, table: pa.Table, wkb: pa.Array) -> list[Staged]:
        """Write n rows and their WKB: see `modules.snapshots.layer_files.write_layer_files`.

        Raises OSError when that fails, and for every layer after that one.
        """
        with suppress(OSError):  # it ended before it took everything: the answer tells why
            self._send(files, table, wkb)
        answer = self._answer()
        if answer.failure:
            raise OSError(answer.errno or errno.EIO, answer.failure)
        return answer.staged

    def close(self) -> None:
        """End the process."""
        with suppress(OSError):
            self._input.close()
        try:
            self._process.wait(_ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._output.close()

    def _send(self, files: LayerFiles, table: pa.Table, wkb: pa.Array) -> None:
        self._input.write(msgspec.json.encode(files, enc_hook=encoded) + b"\n")
        # Message by message: a writer of Arrow's own would ask for the interpreter's lock for every column.
        self._input.write(schema_with_geometry(table).serialize())
        for batch in batches_of(table, wkb):
            self._input.write(batch.serialize())
        self._input.write(_END_OF_STREAM)
        self._input.flush()

    def _answer(self) -> Answer:
        line = self._output.readline()
        return msgspec.json.decode(line, type=Answer) if line else Answer([], "the process that writes ended")

    @property
    def _input(self) -> IO[bytes]:
        assert self._process.stdin is not None  # noqa: S101  (it was asked for)
        return self._process.stdin

    @property
    def _output(self) -> IO[bytes]:
        assert self._process.stdout is not None  # noqa: S101
        return self._process.stdout


def encoded(value: Any) -> str:
    """Write what JSON has no type for: paths and seasons."""
    return str(value)


def decoded(kind: type, text: str) -> Any:
    """Read what `encoded` wrote."""
    return Season.parse(text) if kind is Season else kind(text)


def _search_path() -> list[str]:
    """Where the new process finds `modules`, wherever it is started."""
    inherited = os.environ.get("PYTHONPATH")
    return [str(_PROJECT), *([inherited] if inherited else [])]
