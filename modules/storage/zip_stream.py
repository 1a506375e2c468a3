"""A zip of many files, made while it is sent: nothing of it is on a disk, and of each file only a piece in memory.

Format: APPNOTE.TXT 6.3.10 of PKWARE, as Python's `zipfile` writes it to what cannot be rewound: sizes follow the
content (4.3.9), and stand in the directory at the end, by which every desktop reads.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Final, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from modules.i18n.zone import BUENOS_AIRES

#: These are compressed already, inside.
_COMPRESSED: Final = {".kmz", ".zip", ".parquet", ".xlsx", ".gz", ".zst", ".png", ".jpg", ".jpeg"}
_LEVEL: Final = 1
_PIECE_BYTES: Final = 1 << 20
#: MS-DOS knows no earlier year.
_FIRST_YEAR: Final = 1980


def zip_stream(members: Iterable[tuple[str, Path]]) -> Iterator[bytes]:
    """Give the bytes of a zip of files, each under its name inside; files are opened one after another.

    Raises OSError for a file that cannot be read, which ends the zip without its directory: nobody takes it for whole.
    """
    sink = _Sink()
    with ZipFile(cast("IO[bytes]", sink), "w") as archive:
        for name, path in members:
            with path.open("rb") as file:
                yield from _member(archive, sink, name, file)
    yield sink.taken()


def _member(archive: ZipFile, sink: _Sink, name: str, file: IO[bytes]) -> Iterator[bytes]:
    info = _described(name, file)
    with archive.open(info, "w") as member:
        while piece := file.read(_PIECE_BYTES):
            member.write(piece)
            if sink.size > _PIECE_BYTES:
                yield sink.taken()
    if sink.size > _PIECE_BYTES:
        yield sink.taken()


def _described(name: str, file: IO[bytes]) -> ZipInfo:
    status = os.fstat(file.fileno())
    modified = datetime.fromtimestamp(status.st_mtime, BUENOS_AIRES)
    info = ZipInfo(name, max(modified.timetuple()[:6], (_FIRST_YEAR, 1, 1, 0, 0, 0)))
    info.file_size = status.st_size
    stored = Path(name).suffix.casefold() in _COMPRESSED
    info.compress_type = ZIP_STORED if stored else ZIP_DEFLATED
    info._compresslevel = _LEVEL  # type: ignore[attr-defined]  # a parameter of `writestr` only
    info.external_attr = 0o644 << 16
    return info


class _Sink:
    """Takes what a zip writes and gives it away. It cannot be rewound, and says so by having no `tell`."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self.size = 0

    def write(self, content: bytes) -> int:
        self._pieces.append(bytes(content))
        self.size += len(content)
        return len(content)

    def flush(self) -> None:
        """There is nothing behind it."""

    def taken(self) -> bytes:
        content = b"".join(self._pieces)
        self._pieces.clear()
        self.size = 0
        return content
