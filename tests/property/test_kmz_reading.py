"""Any valid KML comes back as it was written; anything else is refused in a sentence, never by another error."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from xml.sax.saxutils import escape

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from modules.kmz.reading.coordinates import read_coordinates
from modules.kmz.reading.limits import Limits
from modules.kmz.reading.plain_text import plain_text
from modules.kmz.reading.reader import read_kmz
from modules.kmz.reading.refusals import KmlRefused, KmlUnreadable
from tests.unit.kmz_reading.made_up import kml, kmz, placemark, polygon

longitudes = st.floats(-180, 180)
latitudes = st.floats(-90, 90)
positions = st.tuples(longitudes, latitudes)
blanks = st.sampled_from([" ", "\n", "\t ", "\r\n  "])
#: What XML 1.0 allows, without the line ends that its parsers make one.
letters = st.characters(
    exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"
).filter(lambda letter: ord(letter) & 0xFFFE != 0xFFFE)  # fmt: skip
names = st.text(letters, max_size=20).map(str.strip)


@st.composite
def rings(draw: st.DrawFn) -> list[tuple[float, float]]:
    ring = draw(st.lists(positions, min_size=3, max_size=8))
    return [*ring, ring[0]]


polygons = st.tuples(rings(), st.lists(rings(), max_size=3)).map(lambda parts: shapely.Polygon(*parts))
lines = st.lists(positions, min_size=2, max_size=8).map(shapely.LineString)
points = positions.map(shapely.Point)
simple = st.one_of(points, lines, polygons)
geometries = st.one_of(
    simple,
    st.lists(points, min_size=2, max_size=4).map(shapely.MultiPoint),
    st.lists(lines, min_size=2, max_size=4).map(shapely.MultiLineString),
    st.lists(polygons, min_size=2, max_size=3).map(shapely.MultiPolygon),
    st.tuples(points, lines, polygons).map(shapely.GeometryCollection),
)


def text_of(coordinates: Any, blank: str, altitude: str) -> str:
    return blank + blank.join(f"{lon!r},{lat!r}{altitude}" for lon, lat in coordinates) + blank


def written(geometry: Any, blank: str, altitude: str) -> str:
    """The geometry as KML."""
    if hasattr(geometry, "geoms"):
        return f"<MultiGeometry>{''.join(written(part, blank, altitude) for part in geometry.geoms)}</MultiGeometry>"
    if geometry.geom_type == "Polygon":
        outline, *holes = (text_of(ring.coords, blank, altitude) for ring in (geometry.exterior, *geometry.interiors))
        return polygon(outline, *holes)
    coordinates = text_of(geometry.coords, blank, altitude)
    return f"<{geometry.geom_type}><coordinates>{coordinates}</coordinates></{geometry.geom_type}>"


@pytest.mark.slow
@given(
    st.lists(st.tuples(names, st.lists(names, max_size=3), geometries), max_size=6),
    blanks,
    st.sampled_from(["", ",0", ",-12.5"]),
    st.sampled_from(["UTF-8", "UTF-16"]),
)
@settings(max_examples=150)
def test_any_valid_kml_comes_back(things: list[tuple[str, list[str], Any]], blank: str, altitude: str, encoding: str):
    body = ""
    for name, folders, geometry in things:
        inside = placemark(written(geometry, blank, altitude), escape(name))
        for folder in reversed(folders):
            inside = f"<Folder><name>{escape(folder)}</name>{inside}</Folder>"
        body += inside
    content = kml(body, encoding=encoding)
    for upload in (content, kmz({"doc.kml": content})):
        document = read_kmz(upload, "lotes.kmz")
        assert document.rejected == ()
        found = [(feature.name, list(feature.folder), feature.geometry) for feature in document.features]
        assert [each[:2] for each in found] == [(name, folders) for name, folders, _geometry in things]
        for (_name, _folders, geometry), (*_same, read) in zip(things, found, strict=True):
            assert shapely.equals_identical(read, geometry), (read.wkt, geometry.wkt)


@pytest.mark.slow
@given(st.lists(st.lists(positions, min_size=1, max_size=5), max_size=8), blanks, st.data())
@settings(max_examples=200)
def test_texts_of_coordinates_do_not_disturb_each_other(
    texts: list[list[tuple[float, float]]], blank: str, data: st.DataObject
):
    """A broken or oddly written one among them changes nothing for the others."""
    mixed: list[str] = []
    expected: list[list[tuple[float, float]]] = []
    for positions_of_one in texts:
        odd = data.draw(st.sampled_from(["", "blanks", "broken", "empty"]))
        comma = ", " if odd == "blanks" else ","
        text = blank.join(f"{lon!r}{comma}{lat!r}" for lon, lat in positions_of_one)
        mixed.append({"broken": text + " x,y", "empty": blank}.get(odd, text))
        expected.append([] if odd in ("broken", "empty") else positions_of_one)
    read = read_coordinates(mixed)
    assert read.counts.tolist() == [len(each) for each in expected]
    assert read.positions.tolist() == [list(position) for each in expected for position in each]
    assert read.unreadable.tolist() == [text.endswith("x,y") for text in mixed]


#: Small, so that what grows without end is refused at once.
LIMITS = Limits(kml=1_000_000, unpacked=2_000_000, features=1_000, tags=50_000, tags_in_feature=20_000)
BODY = (
    '<Style id="s"><LineStyle><color>ff0000ff</color></LineStyle></Style><Folder><name>Ñ</name>'
    + placemark("<styleUrl>#s</styleUrl>" + polygon("0,0 1,0 1,1 0,0", "0.1,0.1 0.2,0.1 0.2,0.2 0.1,0.1"))
    + placemark("<gx:Track><when>2026</when><gx:coord>1 2 3</gx:coord></gx:Track>")
    + "<GroundOverlay><Icon><href>a.png</href></Icon><LatLonBox><north>1</north><south>0</south><east>1</east>"
    "<west>0</west><rotation>5</rotation></LatLonBox></GroundOverlay>"
    "<NetworkLink><Link><href>b.kml</href></Link></NetworkLink></Folder>"
    "<StyleMap id='m'><Pair><key>normal</key><styleUrl>#m</styleUrl></Pair></StyleMap>"
    + placemark("<description><![CDATA[<b>x</b>]]></description><styleUrl>#m</styleUrl>")
)
VALID_KML = kml(BODY)
VALID_KMZ = kmz({"doc.kml": VALID_KML, "a.png": b"\x89PNG\r\n\x1a\n" + bytes(50), "b.kml": VALID_KML})


def read_or_refuse(content: bytes) -> None:
    """Nothing but our own errors may come, and what is read can be looked at."""
    with suppress(KmlRefused, KmlUnreadable):
        document = read_kmz(content, "lotes.kmz", LIMITS)
        assert all(note.sentence() for note in document.notes)
        assert all(each.geometry.is_valid is not None for each in document.features if each.geometry is not None)


@given(
    st.binary(max_size=300), st.sampled_from([b"", b"PK\x03\x04", b"PK\x05\x06", b"<kml>", b"\xff\xfe<\x00", b"<?xml "])
)
@settings(max_examples=300)
def test_f35_any_bytes_are_read_or_refused(content: bytes, start: bytes):
    read_or_refuse(start + content)


edits = st.lists(st.tuples(st.integers(0, 100_000), st.integers(0, 3), st.binary(min_size=1, max_size=6)), max_size=6)


def mutated(content: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
    for where, how, what in changes:
        at = where % (len(content) + 1)
        after = content[at + len(what) :]
        content = {
            0: content[:at] + what + after,  # another text in its place
            1: content[:at] + what + content[at:],  # put in
            2: content[:at] + after,  # taken out
            3: content[:at],  # cut
        }[how]
    return content


@given(edits)
@settings(max_examples=300)
def test_f35_a_mutated_archive_is_read_or_refused(changes: list[tuple[int, int, bytes]]):
    read_or_refuse(mutated(VALID_KMZ, changes))


@given(edits)
@settings(max_examples=300)
def test_f35_a_mutated_kml_is_read_or_refused(changes: list[tuple[int, int, bytes]]):
    read_or_refuse(mutated(VALID_KML, changes))


TAGS = """kml Document Folder Placemark GroundOverlay NetworkLink Style StyleMap Pair key styleUrl LineStyle color width
    name Polygon outerBoundaryIs innerBoundaryIs LinearRing coordinates Point LineString MultiGeometry gx:Track gx:coord
    gx:CascadingStyle LatLonBox gx:LatLonQuad north Icon href ExtendedData Data SchemaData Model x:y"""
tags = st.sampled_from(TAGS.split())
texts = st.sampled_from(
    ["", "#s", "ff0000ff", "normal", "0,0 1,0 1,1 0,0", "1 2 3", "x", "NaN,1", "1e400,2", "a.png", "&#0;"]
)
trees = st.recursive(
    texts,
    lambda inside: st.tuples(tags, st.lists(inside, max_size=4)).map(
        lambda tree: f'<{tree[0]} id="s">{"".join(tree[1])}</{tree[0]}>'
    ),
    max_leaves=30,
)


@pytest.mark.slow
@given(st.lists(trees, max_size=4))
@settings(max_examples=300)
def test_f35_elements_in_any_order_are_read_or_refused(inside: list[str]):
    read_or_refuse(kml("".join(inside)))


@given(
    st.text(max_size=200)
    | st.lists(st.sampled_from(["<script>", "</b", "<td>", "&lt;", "x", "<!--", "<![CDATA["])).map("".join)
)
@settings(max_examples=300)
def test_f33_any_html_becomes_text(html: str):
    with suppress(UnicodeEncodeError):  # half of a letter, which no XML can hold
        html.encode()
        assert "<script>" not in plain_text(html).casefold() or "&" in html or "<![CDATA[" in html
