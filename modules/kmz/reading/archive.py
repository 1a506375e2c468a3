"""The zip archive of a KMZ, held in memory: all of its directory is checked before anything is unpacked.

A KMZ is a zip of stored or deflated members; nothing else is unpacked.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from io import BytesIO
from pathlib import PurePosixPath, PureWindowsPath
from typing import Final
from urllib.parse import unquote
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from modules.i18n import N_
from modules.kmz.reading.limits import Limits
from modules.kmz.reading.refusals import KmlRefused, KmlUnreadable, shown
from modules.storage.zip_errors import BROKEN_ZIP

#: First bytes of a zip, also of an empty one (APPNOTE 6.3.10, 4.3.7 and 4.3.16).
MAGIC: Final = (b"PK\x03\x04", b"PK\x05\x06")
#: Begins each entry of the directory (4.3.12).
_ENTRY: Final = b"PK\x01\x02"
#: A member's own header without its name (4.3.7).
_HEADER_SIZE: Final = 30
#: Bits of the general purpose flag that tell of encryption: of the member, strong, of the directory (4.4.4).
_ENCRYPTED: Final = 0x1 | 0x40 | 0x2000
_PIECE: Final = 1_000_000
_ROOT: Final = "doc.kml"
_KML: Final = ".kml"
_NESTED: Final = (".kmz", ".zip")


class Archive:
    """A checked archive. Raises KmlRefused for what no honest KMZ has, KmlUnreadable for damage."""

    def __init__(self, content: bytes, file: str, limits: Limits) -> None:
        self._file = file
        self._limits = limits
        # zipfile would make an object of each entry first.
        if content.count(_ENTRY) > limits.members:
            raise KmlRefused(
                N_("“{file}” was not opened: it holds more than {limit} files. Split it and try again."),
                file=file,
                limit=limits.members,
            )
        try:
            self._zip = ZipFile(BytesIO(content))
        except BROKEN_ZIP:
            raise self._damaged() from None
        self._members = [info for info in self._zip.infolist() if not info.filename.endswith("/")]
        for info in self._zip.infolist():
            self._check(info)
        self._check_together()
        self._by_name = {_plain(info.filename): info for info in reversed(self._members)}
        self._images: dict[str, bytes | None] = {}
        self._image_bytes = 0
        self._root = self._find_root()

    @property
    def root_name(self) -> str:
        """The name of the KML that `root` reads."""
        return _plain(self._root.filename)

    def root(self) -> bytes:
        """Unpack the KML: `doc.kml`, else the first one that lies in no folder, else the first."""
        if self._root.file_size > self._limits.kml:
            raise self._too_large()
        return self._unpack(self._root, self._limits.kml)

    def left_aside(self) -> Iterator[str]:
        """Tell the kinds of members that are not looked into: `kml` beside the root one, `kmz` in a KMZ."""
        for info in self._members:
            name = info.filename.casefold()
            if name.endswith(_NESTED):
                yield "kmz"
            elif name.endswith(_KML) and info is not self._root:
                yield "kml"

    def image(self, href: str) -> bytes | None:
        """Unpack what `href` names, seen from the root KML. None if it is not in here or over the limits."""
        name = self._resolve(href)
        if name is None:
            return None
        if name not in self._images:
            self._images[name] = self._load_image(self._by_name[name])
        return self._images[name]

    def _load_image(self, info: ZipInfo) -> bytes | None:
        if info.file_size > min(self._limits.image, self._limits.images - self._image_bytes):
            return None
        content = self._unpack(info, self._limits.image)
        self._image_bytes += len(content)
        return content

    def _resolve(self, href: str) -> str | None:
        path = unquote(href.strip()).replace("\\", "/")
        parts: list[str] = []
        for part in (*PurePosixPath(self.root_name).parent.parts, *path.split("/")):
            if part == "..":
                if not parts:
                    return None
                parts.pop()
            elif part not in ("", "."):
                parts.append(part)
        name = "/".join(parts)
        return name if name in self._by_name else None

    def _check(self, info: ZipInfo) -> None:
        """Refuse one entry of the directory."""
        # orig_filename is what stands in the file; filename is cut at a NUL.
        name = info.orig_filename
        path = name.replace("\\", "/")
        kind = stat.S_IFMT(info.external_attr >> 16)
        if ".." in path.split("/") or path.startswith("/") or PureWindowsPath(name).anchor or "\0" in name:
            raise KmlRefused(
                N_("“{file}” was not opened: “{member}” in it leads out of it. Ask its author for a clean one."),
                file=self._file,
                member=shown(name),
            )
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise KmlRefused(
                N_("“{file}” was not opened: “{member}” in it is a link, not a file. Ask its author for a clean one."),
                file=self._file,
                member=shown(name),
            )
        if info.flag_bits & _ENCRYPTED:
            raise KmlRefused(
                N_("“{file}” was not opened: it is locked with a password. Save it without one and try again."),
                file=self._file,
            )
        if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise KmlRefused(
                N_("“{file}” was not opened: “{member}” in it is packed as no KMZ is. Save it again."),
                file=self._file,
                member=shown(name),
            )
        if info.file_size > max(self._limits.small, info.compress_size * self._limits.ratio):
            raise self._bomb()

    def _check_together(self) -> None:
        """Refuse members that are too much together, or that share their bytes to seem small."""
        if sum(info.file_size for info in self._zip.infolist()) > self._limits.unpacked:
            raise self._too_large()
        end = 0
        for info in sorted(self._zip.infolist(), key=lambda info: info.header_offset):
            if info.header_offset < end:
                raise self._bomb()
            end = info.header_offset + _HEADER_SIZE + info.compress_size

    def _find_root(self) -> ZipInfo:
        documents = [info for info in self._members if info.filename.casefold().endswith(_KML)]
        if not documents:
            raise KmlUnreadable(
                N_("“{file}” is an archive without a KML in it. Choose the KMZ that Google Earth saves, or a KML."),
                file=self._file,
            )
        at_top = [info for info in documents if "/" not in _plain(info.filename)]
        named = [info for info in at_top if info.filename.casefold() == _ROOT]
        return (named or at_top or documents)[0]

    def _unpack(self, info: ZipInfo, limit: int) -> bytes:
        """Unpack a member piece by piece: its declared size may be a lie."""
        pieces = []
        size = 0
        try:
            with self._zip.open(info) as member:
                while piece := member.read(_PIECE):
                    size += len(piece)
                    if size > min(limit, info.file_size):
                        raise self._bomb()
                    pieces.append(piece)
        except BROKEN_ZIP:
            raise self._damaged() from None
        return b"".join(pieces)

    def _bomb(self) -> KmlRefused:
        return KmlRefused(
            N_("“{file}” was not opened: it would unpack to far more than it seems. Ask its author for it again."),
            file=self._file,
        )

    def _too_large(self) -> KmlRefused:
        return KmlRefused(
            N_("“{file}” was not opened: unpacked it is too large for here. Split it and try again."), file=self._file
        )

    def _damaged(self) -> KmlUnreadable:
        return KmlUnreadable(
            N_("“{file}” is damaged and cannot be unpacked. Download or copy it again and try once more."),
            file=self._file,
        )


def _plain(name: str) -> str:
    """Write a member's name as hrefs do: some programs on Windows put backslashes."""
    return name.replace("\\", "/")
