"""The program of a `WriterProcess`: `python -m modules.snapshots.writer_worker PARENT`, the number of its process.

Reads jobs from standard input until it ends: a line of JSON, then the rows of a layer as an Arrow stream. Answers each
with a line of JSON. After a failure it ends, as nobody knows where in its input the next job would begin.
"""

from __future__ import annotations

import signal
import sys
from importlib.abc import MetaPathFinder
from typing import IO

import msgspec
import pyarrow as pa

from modules.orphans import die_with_parent
from modules.snapshots.layer_files import LayerFiles, write_layer_files
from modules.snapshots.writer_process import Answer, decoded


class _Without(MetaPathFinder):
    """Lets packages seem not to be installed that pyogrio and pyarrow import where they are: 0.2 s and 60 MB."""

    def __init__(self, *names: str) -> None:
        self._names = names

    def find_spec(self, fullname: str, _path: object, _target: object = None) -> None:
        """Refuse the packages, and leave all others to the finders after this one."""
        if fullname in self._names:
            raise ModuleNotFoundError(fullname, name=fullname)


def main(parent: int) -> None:
    """Serve standard input."""
    die_with_parent(parent)
    # Ctrl-C is for who started this; the end of its input tells when to end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.meta_path.insert(0, _Without("geopandas", "pandas"))
    pa.set_memory_pool(pa.system_memory_pool())
    import pyogrio  # noqa: F401  (while the first rows are still being fetched)

    jobs, answers = sys.stdin.buffer, sys.stdout.buffer
    # What GDAL and its friends print must not stand among the answers.
    sys.stdout = sys.stderr
    while line := jobs.readline():
        answer = _serve(msgspec.json.decode(line, type=LayerFiles, dec_hook=decoded), jobs)
        answers.write(msgspec.json.encode(answer) + b"\n")
        answers.flush()
        if answer.failure:
            sys.exit(1)


def _serve(files: LayerFiles, rows: IO[bytes]) -> Answer:
    try:
        with pa.ipc.open_stream(rows) as stream:
            return Answer(write_layer_files(files, stream))
    except Exception as error:  # noqa: BLE001  (whatever it is, who asked has to hear of it)
        return Answer([], f"{type(error).__name__}: {error}", getattr(error, "errno", None))


if __name__ == "__main__":
    main(int(sys.argv[1]))
