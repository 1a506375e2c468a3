"""KMZ and KML, from a path or from bytes, into one `KmlDocument`."""

from __future__ import annotations

from pathlib import Path

from modules.i18n import N_
from modules.kmz.reading.archive import MAGIC, Archive
from modules.kmz.reading.assembly import assemble
from modules.kmz.reading.collecting import Collection
from modules.kmz.reading.document import KmlDocument
from modules.kmz.reading.geometries import TooManyPositions
from modules.kmz.reading.limits import LIMITS, Limits
from modules.kmz.reading.refusals import KmlRefused, KmlUnreadable
from modules.kmz.reading.scanning import Scanner, Take

_MB = 1_000_000


def read_kmz(source: Path | bytes, name: str, limits: Limits = LIMITS) -> KmlDocument:
    """Read a KMZ or KML made by anybody, in memory: nothing is unpacked to disk, no link is followed.

    name: what to call the file in sentences. Coordinates are lon, lat in EPSG:4326, always.
    Raises KmlRefused for what is unsafe or beyond the limits, KmlUnreadable for what is broken or no KML.
    """
    content = _load(source, name, limits)
    if not content.startswith(MAGIC):
        return _read(content, name, name, None, limits)
    archive = Archive(content, name, limits)
    return _read(archive.root(), name, archive.root_name.rpartition("/")[2], archive, limits)


def _read(kml: bytes, file: str, own_name: str, archive: Archive | None, limits: Limits) -> KmlDocument:
    found = Collection(own_name, limits.positions)

    def begin() -> Take:
        # A second pass, in another encoding, finds everything anew.
        nonlocal found
        found = Collection(own_name, limits.positions)
        return found.take

    scanner = Scanner(file, limits, begin)
    try:
        scanner.scan(kml)
        return assemble(file, len(kml), scanner, found, archive)
    except TooManyPositions:
        raise KmlRefused(
            N_("“{file}” was not opened: its outlines have more than {limit} points together. Split it and try again."),
            file=file,
            limit=limits.positions,
        ) from None


def _load(source: Path | bytes, name: str, limits: Limits) -> bytes:
    if isinstance(source, bytes):
        content = source
    else:
        try:
            with source.open("rb") as file:
                content = file.read(limits.file + 1)
        except OSError:
            raise KmlUnreadable(
                N_("“{file}” cannot be opened. Check that it is still there and may be read."), file=name
            ) from None
    limit = limits.file if content.startswith(MAGIC) else min(limits.file, limits.kml)
    if len(content) > limit:
        raise KmlRefused(
            N_("“{file}” was not opened: it is larger than {limit} MB. Split it and try again."),
            file=name,
            limit=limit // _MB,
        )
    return content
