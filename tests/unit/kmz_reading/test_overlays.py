"""Ground overlays: corners and images."""

from __future__ import annotations

import math

import pytest

from modules.domain.reasons import Reason
from modules.kmz.reading.document import GroundOverlay
from modules.kmz.reading.limits import Limits
from modules.kmz.reading.reader import read_kmz
from tests.unit.kmz_reading.made_up import kml, kmz, notes, read

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
BOX = "<LatLonBox><north>-33</north><south>-34</south><east>-59</east><west>-60</west>{rotation}</LatLonBox>"


def overlay(href: str = "files/ndvi.png", place: str = BOX.format(rotation=""), more: str = "") -> str:
    return f"<GroundOverlay><name>NDVI</name><Icon><href>{href}</href></Icon>{place}{more}</GroundOverlay>"


def only_overlay(body: str, **members: bytes) -> GroundOverlay:
    (found,) = read(kmz({"doc.kml": kml(body), "files/ndvi.png": PNG, **members})).overlays
    return found


def test_an_overlay_tells_its_corners_and_holds_its_image():
    found = only_overlay(overlay(more="<color>80ffffff</color><drawOrder>2</drawOrder>"))
    assert found.corners == ((-60, -34), (-59, -34), (-59, -33), (-60, -33))
    assert found.geometry.bounds == (-60, -34, -59, -33)
    assert (found.image, found.media_type) == (PNG, "image/png")
    assert (found.colour, found.draw_order, found.visible) == ((255, 255, 255, 128), 2, True)


def test_rotation_turns_counterclockwise_on_the_ground():
    found = only_overlay(overlay(place=BOX.format(rotation="<rotation>90</rotation>")))
    lower_left = found.corners[0]
    shrink = math.cos(math.radians(-33.5))
    assert lower_left == pytest.approx((-59.5 + 0.5 / shrink, -33.5 - 0.5 * shrink))


def test_a_quad_keeps_its_corners():
    quad = "<gx:LatLonQuad><coordinates>1,1 2,1.1 2.1,2 0.9,2.2</coordinates></gx:LatLonQuad>"
    assert only_overlay(overlay(place=quad)).corners == ((1, 1), (2, 1.1), (2.1, 2), (0.9, 2.2))


def test_a_box_over_the_antimeridian_goes_east():
    box = "<LatLonBox><north>1</north><south>0</south><east>-179</east><west>179</west></LatLonBox>"
    assert only_overlay(overlay(place=box)).geometry.bounds == (179, 0, 181, 1)


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("", Reason.NULL_GEOMETRY),
        ("<LatLonBox><north>1</north></LatLonBox>", Reason.UNREADABLE_GEOMETRY),
        ("<gx:LatLonQuad><coordinates>1,1 2,2</coordinates></gx:LatLonQuad>", Reason.UNREADABLE_GEOMETRY),
        (BOX.format(rotation="").replace("-33", "NaN"), Reason.UNREADABLE_GEOMETRY),
        (BOX.format(rotation="").replace("-33", "91"), Reason.OUT_OF_RANGE),
        ("<gx:LatLonQuad><coordinates>1,1 2,1 2,nan 1,2</coordinates></gx:LatLonQuad>", Reason.NOT_FINITE),
    ],
)
def test_f17_an_overlay_off_the_globe_or_without_place_is_rejected(place: str, reason: Reason):
    document = read(kml(overlay(place=place)))
    assert document.overlays == ()
    assert [(each.name, each.reason) for each in document.rejected] == [("NDVI", reason)]


@pytest.mark.parametrize("href", ["files\\ndvi.png", "./files/ndvi.png", "files/../files/ndvi.png", "files/ndvi%2Epng"])
def test_hrefs_as_people_write_them_are_found(href: str):
    assert only_overlay(overlay(href)).image == PNG


def test_hrefs_are_seen_from_the_folder_of_the_kml():
    document = read(kmz({"mapa/a.kml": kml(overlay("../files/ndvi.png")), "files/ndvi.png": PNG}))
    assert document.overlays[0].image == PNG


@pytest.mark.parametrize("href", ["", "absent.png", "../../etc/passwd", "/etc/passwd", "files", "doc.kml"])
def test_an_image_that_is_not_there_is_told(href: str):
    document = read(kmz({"doc.kml": kml(overlay(href)), "files/ndvi.png": PNG}))
    assert (document.overlays[0].image, document.overlays[0].media_type) == (None, None)
    assert len(notes(document)) == 1


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"<svg onload='alert(1)'/>", None),
        (b"", None),
    ],
)
def test_an_image_is_what_its_first_bytes_say(content: bytes, kind: str | None):
    document = read(kmz({"doc.kml": kml(overlay("a.png")), "a.png": content}))
    assert document.overlays[0].media_type == kind
    assert (document.overlays[0].image is None) == (kind is None)


def test_images_over_the_limit_are_left_out_and_one_of_many_is_unpacked_once():
    body = overlay("a.png") * 3 + overlay("b.png")
    content = kmz({"doc.kml": kml(body), "a.png": PNG, "b.png": PNG})
    document = read_kmz(content, "campo.kmz", Limits(images=len(PNG) + 1))
    images = [each.image for each in document.overlays]
    assert images == [PNG, PNG, PNG, None]
    assert images[0] is images[1]
    assert read_kmz(content, "campo.kmz", Limits(image=len(PNG) - 1)).overlays[0].image is None
