"""KML files of the world: as many features as GDAL finds, or a reason why not; nothing opens a connection."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import fastkml
import numpy as np
import pyogrio
import pyogrio.raw
import pytest
import shapely
from lxml import etree

from modules.kmz.reading.document import KmlDocument
from modules.kmz.reading.reader import read_kmz

#: Files in which GDAL (LIBKML) finds another number than we do: (GDAL's, ours, what decides it in OGC 07-147r2).
#: Both break the same rule, the content model of kml:kml (Annex A, KmlType): at most one kml:AbstractFeatureGroup. The
#: standard gives such a file no meaning; LIBKML keeps the last feature, we show all of them, as GDAL's KML driver does.
DIFFERENCES = {
    "bad.kml": (1, 3, "Annex A, KmlType: kml:AbstractFeatureGroup [0..1]; three placemarks stand in kml:kml"),
    "twopoints.kml": (1, 2, "Annex A, KmlType: kml:AbstractFeatureGroup [0..1]; two placemarks stand in kml:kml"),
}
#: Files with placemarks that have no geometry, or an empty one, which GDAL gives out in several ways.
WITHOUT_GEOMETRY = {"addresses.kml", "bad.kml", "nogeomplacemark.kml", "null_geometry.kml", "selfclosing.kml"}


#: The files as they are known: the folder is told to fixtures only.
FILES = [
    "addresses", "bad", "cdata", "extended_data", "ground_overlay", "ground_overlay_quad", "gxmultitrack",
    "gxtrack", "inline_style", "inline_style_mini", "linear_ring", "linestring", "literal_color", "multigeometry",
    "multigeometry_discrete", "multigeometry_sibling", "multitrack", "networklink", "nogeomplacemark",
    "non_gx_multitrack", "noname", "null_geometry", "opacity_override", "point", "point_extra_coordinates",
    "point_id", "polygon", "schema", "selfclosing", "simpledata", "style", "style_url", "styles", "timespan",
    "twopoints",
]  # fmt: skip


def read(real_data: Path, name: str) -> KmlDocument:
    return read_kmz(real_data / "kml" / f"{name}.kml", f"{name}.kml")


def gdal_wkb(path: Path) -> list[bytes | None]:
    """The geometry of each feature that GDAL finds in any layer, before shapely looks at it."""
    with warnings.catch_warnings():
        # What GDAL says of an open ring, and of a style without id.
        warnings.filterwarnings("ignore", "Non closed ring|ERROR parsing kml Style")
        return [wkb for layer in pyogrio.list_layers(path)[:, 0] for wkb in layer_wkb(path, layer)]


def layer_wkb(path: Path, layer: str) -> list[bytes | None]:
    _meta, _ids, geometry, _fields = pyogrio.raw.read(path, layer=layer, force_2d=True, columns=[])
    return list(geometry)


def test_every_file_is_among_those_that_are_read(real_data: Path):
    assert {path.stem for path in (real_data / "kml").glob("*.kml")} == set(FILES)
    assert len(DIFFERENCES) <= 5


@pytest.mark.parametrize("name", FILES)
def test_as_many_features_as_gdal_finds_or_a_clause_why_not(real_data: Path, name: str):
    document = read(real_data, name)
    # LIBKML makes a feature of a ground overlay too.
    ours = len(document.features) + len(document.overlays)
    theirs = len(gdal_wkb(real_data / "kml" / f"{name}.kml"))
    expected = DIFFERENCES.get(f"{name}.kml", (theirs, theirs, ""))
    assert (theirs, ours) == expected[:2]


def test_the_clause_that_decides_stands_in_the_schema():
    """The schema of Annex A, as fastkml brings it: no maxOccurs is one."""
    schema = etree.parse(Path(fastkml.__file__).parent / "schema" / "ogckml22.xsd")
    (feature,) = schema.xpath(
        "//*[@name='KmlType']//*[@ref='kml:AbstractFeatureGroup']",
    )
    assert (feature.get("minOccurs"), feature.get("maxOccurs", "1")) == ("0", "1")


@pytest.mark.parametrize("name", [name for name in FILES if f"{name}.kml" not in {*DIFFERENCES, *WITHOUT_GEOMETRY}])
def test_the_same_positions_as_gdal_reads(real_data: Path, name: str):
    document = read(real_data, name)
    ours = [each.geometry for each in (*document.features, *document.overlays)]
    theirs = [readable(wkb) for wkb in gdal_wkb(real_data / "kml" / f"{name}.kml")]
    for one, other in zip(ours, theirs, strict=True):
        if other is not None:
            found, expected = shapely.get_coordinates(one), shapely.get_coordinates(other)
            assert bounds_agree(found, expected)
            assert name.startswith("ground_overlay") or len(found) == len(expected)


def readable(wkb: bytes | None) -> Any:
    """GDAL gives out geometries that GEOS does not take: open rings, lines of one position."""
    return shapely.from_wkb(wkb, on_invalid="ignore")


def bounds_agree(found: np.ndarray, expected: np.ndarray) -> bool:
    # A rotated overlay is turned in degrees by GDAL and on the ground by us: less than a metre apart here.
    tolerance = 1e-3 if len(found) == 5 else 1e-7
    corners = [np.concatenate([each.min(axis=0), each.max(axis=0)]) for each in (found, expected)]
    return bool(np.allclose(*corners, rtol=0, atol=tolerance))


def test_the_broken_one_tells_each_placemark(real_data: Path):
    document = read(real_data, "bad")
    assert [(each.name, each.line, each.reason) for each in document.rejected] == [
        ("", 3, "unreadable_geometry"),
        ("unextruded", 9, "unreadable_geometry"),
        ("hollow box", 20, "unreadable_geometry"),
    ]


def test_styles_of_real_files(real_data: Path):
    (tinted,) = read(real_data, "style_url").features
    assert (tinted.style.fill_colour, tinted.style.line_width) == ((0, 0, 255, 125), 1.5)
    # Google Earth on the web: StyleMap, CascadingStyle, kml:id.
    pin, area = read(real_data, "styles").features
    assert pin.style.line_colour == (251, 192, 45, 255)
    assert (area.style.line_width, area.highlight and area.highlight.line_width) == (2.13333, 3.2)
    assert pin.description == "Ahoj PM"


def test_tracks_and_links_of_real_files(real_data: Path):
    (track,) = read(real_data, "gxtrack").features
    assert len(track.geometry.coords) == len(track.track_times[0]) == 7
    assert [link.href for link in read(real_data, "networklink").links] == ["https://tiny.url"]
    (overlay,) = read(real_data, "ground_overlay").overlays
    assert (overlay.image, overlay.folder) == (None, ("Ground Overlays",))
