"""Geometries: what is read, closed, flattened, and what is rejected and why."""

from __future__ import annotations

import pytest
import shapely

from modules.domain.reasons import Reason
from tests.unit.kmz_reading.made_up import SQUARE, kml, only_feature, placemark, polygon, read

HOLE = "-59.8,-32.8 -59.2,-32.8 -59.2,-32.2 -59.8,-32.2 -59.8,-32.8"


def line(text: str) -> str:
    return f"<LineString><coordinates>{text}</coordinates></LineString>"


def point(text: str) -> str:
    return f"<Point><coordinates>{text}</coordinates></Point>"


def multi(*parts: str) -> str:
    return f"<MultiGeometry>{''.join(parts)}</MultiGeometry>"


@pytest.mark.parametrize(
    ("inside", "wkt"),
    [
        (point("-60.5,-33.25,120"), "POINT (-60.5 -33.25)"),
        (line("\n\t-60,-33,0\n -59,-32,0 "), "LINESTRING (-60 -33, -59 -32)"),
        (f"<LinearRing><coordinates>{SQUARE}</coordinates></LinearRing>",
         "LINESTRING (-60 -33, -59 -33, -59 -32, -60 -32, -60 -33)"),
        (polygon("0,0 9,0 9,9 0,0", "3,1 5,1 5,2 3,1"), "POLYGON ((0 0, 9 0, 9 9, 0 0), (3 1, 5 1, 5 2, 3 1))"),
        (multi(point("1,2"), point("3,4")), "MULTIPOINT ((1 2), (3 4))"),
        (multi(multi(line("1,2 3,4")), line("5,6 7,8")), "MULTILINESTRING ((1 2, 3 4), (5 6, 7 8))"),
        (multi(line("1,2 3,4"), point("5,6")), "GEOMETRYCOLLECTION (LINESTRING (1 2, 3 4), POINT (5 6))"),
        (multi(point("1,2")), "POINT (1 2)"),
        (point("1,2") + line("1,2 3,4"), "GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (1 2, 3 4))"),
    ],
)  # fmt: skip
def test_each_kind_of_geometry(inside: str, wkt: str):
    assert only_feature(placemark(inside)).geometry.wkt == wkt


@pytest.mark.parametrize(
    "text",
    [
        "1,2,0 3,4,0",
        "1,2 3,4",
        "1, 2, 0 3, 4, 0",
        "1 ,2 3 ,4",
        "1,2,\n3,4,",
        "1,2,0,9 3,4,0,9",
        "+1,2.0 3e0,.4e1",
        "1,2\u00a03,4",
        "1,2 <!-- and --> 3,4",
        "<![CDATA[1,2 3,4]]>",
    ],
)
def test_coordinates_as_people_write_them(text: str):
    assert only_feature(placemark(line(text))).geometry.wkt == "LINESTRING (1 2, 3 4)"


def test_f19_coordinates_are_lon_and_lat_whatever_else_the_file_says():
    feature = only_feature(placemark('<Point srsName="EPSG:22185"><coordinates>-60,-33</coordinates></Point>'))
    assert (feature.geometry.x, feature.geometry.y) == (-60, -33)


def test_altitudes_are_left_out_and_told():
    document = read(kml(placemark(point("1,2,0.00")) + placemark(point("1,2,3")) + placemark(line("1,2,0 2,3,-0.5"))))
    assert not any(feature.geometry.has_z for feature in document.features)
    assert [(note.template, note.values) for note in document.notes] == [
        ("Altitudes were left out, features: {count}.", {"count": 2})
    ]


def test_open_rings_are_closed_and_told():
    document = read(kml(placemark(polygon("0,0 1,0 1,1", HOLE)) + placemark(polygon(SQUARE))))
    assert document.features[0].geometry.exterior.coords[:] == [(0, 0), (1, 0), (1, 1), (0, 0)]
    assert [(note.template, note.values) for note in document.notes] == [
        ("Outlines that were open and have been closed: {count}.", {"count": 1})
    ]


@pytest.mark.parametrize(
    ("inside", "reason"),
    [
        (point("NaN,1"), Reason.NOT_FINITE),
        (line("1,2 3,INF"), Reason.NOT_FINITE),
        (polygon(SQUARE, "0,0 1,0 1,nan 0,0"), Reason.NOT_FINITE),
        (point("1e999,0"), Reason.NOT_FINITE),
    ],
)
def test_f15_a_coordinate_that_is_no_number_is_rejected_with_its_name(inside: str, reason: Reason):
    assert_rejected(inside, reason)


@pytest.mark.parametrize("text", ["181,0", "-180.001,0", "0,91", "0,-90.5"])
def test_f17_a_coordinate_off_the_globe_is_rejected_with_its_name(text: str):
    assert_rejected(point(text), Reason.OUT_OF_RANGE)
    assert_rejected(line(f"0,0 {text}"), Reason.OUT_OF_RANGE)
    assert_rejected(polygon(f"0,0 1,0 {text}"), Reason.OUT_OF_RANGE)
    assert_rejected(polygon(SQUARE, f"0,0 1,0 {text}"), Reason.OUT_OF_RANGE)


@pytest.mark.parametrize(
    ("inside", "reason"),
    [
        ("<Point/>", Reason.EMPTY_GEOMETRY),
        (point(" \n"), Reason.EMPTY_GEOMETRY),
        ("<LineString><coordinates/></LineString>", Reason.EMPTY_GEOMETRY),
        ("<Polygon/>", Reason.EMPTY_GEOMETRY),
        ("<gx:Track/>", Reason.EMPTY_GEOMETRY),
        (polygon("", HOLE), Reason.EMPTY_GEOMETRY),
        (point("no,no"), Reason.UNREADABLE_GEOMETRY),
        (point("-60 -33"), Reason.UNREADABLE_GEOMETRY),
        (point("1_0,2"), Reason.UNREADABLE_GEOMETRY),
        (point("٣,2"), Reason.UNREADABLE_GEOMETRY),
        (point("1,2 3,4"), Reason.UNREADABLE_GEOMETRY),
        (line("1,2 3"), Reason.UNREADABLE_GEOMETRY),
        (line("1,2"), Reason.UNREADABLE_GEOMETRY),
        (polygon("0,0 1,0"), Reason.UNREPAIRABLE),
        (polygon("0,0 1,0 0,0"), Reason.UNREPAIRABLE),
    ],
)
def test_f16_a_geometry_that_is_none_is_listed_and_its_feature_stays(inside: str, reason: Reason):
    assert_rejected(inside, reason)


def assert_rejected(inside: str, reason: Reason) -> None:
    """It is listed by name, line and reason; the others are read."""
    document = read(kml(f"{placemark(name='antes')}\n{placemark(inside)}{placemark(name='después')}"))
    assert [(each.name, each.line, each.reason) for each in document.rejected] == [("Lote 1", 3, reason)]
    assert [feature.geometry is None for feature in document.features] == [False, True, False]


def test_a_placemark_without_geometry_is_no_mistake():
    document = read(kml(placemark("") + placemark(multi())))
    assert [feature.geometry for feature in document.features] == [None, None]
    assert document.rejected == ()


def test_of_several_parts_only_the_bad_one_is_rejected():
    document = read(kml(placemark(multi(point("1,2"), point("no,no"), point("3,4")))))
    assert document.features[0].geometry.wkt == "MULTIPOINT ((1 2), (3 4))"
    assert [each.reason for each in document.rejected] == [Reason.UNREADABLE_GEOMETRY]


def test_a_hole_that_encloses_nothing_is_listed_and_the_polygon_stays():
    document = read(kml(placemark(polygon(SQUARE, "0,0 1,1", HOLE))))
    assert len(document.features[0].geometry.interiors) == 1
    assert [each.reason for each in document.rejected] == [Reason.UNREPAIRABLE]


def test_several_holes_in_one_boundary_are_all_read():
    rings = "".join(f"<LinearRing><coordinates>{HOLE}</coordinates></LinearRing>" for _number in range(2))
    inside = polygon(SQUARE).replace("</Polygon>", f"<innerBoundaryIs>{rings}</innerBoundaryIs></Polygon>")
    assert len(only_feature(placemark(inside)).geometry.interiors) == 2


def test_outlines_that_cross_themselves_stay_as_they_are():
    feature = only_feature(placemark(polygon("0,0 1,1 1,0 0,1 0,0")))
    assert not feature.geometry.is_valid


def test_a_track_is_a_line_with_times():
    feature = only_feature(
        placemark(
            """<gx:Track><when>2026-01-01T10:00Z</when><when>2026-01-01T10:01Z</when><when>2026-01-01T10:02Z</when>
            <gx:coord>-60 -33 10</gx:coord><gx:coord></gx:coord><gx:coord>-59 -32 10</gx:coord></gx:Track>"""
        )
    )
    assert feature.geometry.wkt == "LINESTRING (-60 -33, -59 -32)"
    assert feature.track_times == (("2026-01-01T10:00Z", "2026-01-01T10:02Z"),)


def test_a_multitrack_is_several_lines():
    track = "<gx:Track><gx:coord>1 2</gx:coord><gx:coord>3 4</gx:coord></gx:Track>"
    feature = only_feature(placemark(f"<gx:MultiTrack><gx:interpolate>0</gx:interpolate>{track * 2}</gx:MultiTrack>"))
    assert feature.geometry.wkt == "MULTILINESTRING ((1 2, 3 4), (1 2, 3 4))"
    assert feature.track_times == ((), ())


def test_a_track_of_one_position_is_a_point():
    feature = only_feature(placemark("<gx:Track><when>2026</when><gx:coord>1 2 3</gx:coord></gx:Track>"))
    assert feature.geometry.wkt == "POINT (1 2)"


def test_more_text_than_is_read_at_once_keeps_its_order():
    ring = " ".join(f"{number % 360 / 2 - 90},{number % 80}" for number in range(100_000))
    document = read(kml("".join(placemark(line(f"{number},{number} {ring}")) for number in range(8))))
    assert [shapely.get_coordinates(feature.geometry)[0].tolist() for feature in document.features] == [
        [number, number] for number in range(8)
    ]
    assert sum(len(feature.geometry.coords) for feature in document.features) == 8 * 100_001
