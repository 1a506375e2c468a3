"""Small KML and KMZ for the tests."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from modules.kmz.reading.document import Feature, KmlDocument
from modules.kmz.reading.reader import read_kmz

KML_22 = "http://www.opengis.net/kml/2.2"
SQUARE = "-60,-33 -59,-33 -59,-32 -60,-32 -60,-33"


def kml(body: str, namespace: str | None = KML_22, encoding: str = "UTF-8") -> bytes:
    """A KML with `body` in its Document."""
    declared = "" if namespace is None else f' xmlns="{namespace}" xmlns:gx="http://www.google.com/kml/ext/2.2"'
    text = f'<?xml version="1.0" encoding="{encoding}"?>\n<kml{declared}><Document>{body}</Document></kml>'
    return text.encode(encoding)


def kmz(members: dict[str | ZipInfo, bytes], compression: int = ZIP_DEFLATED) -> bytes:
    """A KMZ of these members, in this order."""
    content = BytesIO()
    with ZipFile(content, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return content.getvalue()


def placemark(inside: str = "<Point><coordinates>-60,-33</coordinates></Point>", name: str = "Lote 1") -> str:
    return f"<Placemark><name>{name}</name>{inside}</Placemark>"


def polygon(outline: str, *holes: str) -> str:
    """A Polygon of coordinate texts."""
    inner = "".join(
        f"<innerBoundaryIs><LinearRing><coordinates>{hole}</coordinates></LinearRing></innerBoundaryIs>"
        for hole in holes
    )
    ring = f"<outerBoundaryIs><LinearRing><coordinates>{outline}</coordinates></LinearRing></outerBoundaryIs>"
    return f"<Polygon>{ring}{inner}</Polygon>"


def read(content: bytes) -> KmlDocument:
    return read_kmz(content, "campo.kmz")


def only_feature(body: str) -> Feature:
    """The one feature of a Document with `body`."""
    (feature,) = read(kml(body)).features
    return feature


def notes(document: KmlDocument) -> list[str]:
    """What the notes say before their values are filled in."""
    return [note.template for note in document.notes]
