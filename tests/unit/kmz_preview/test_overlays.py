"""Ground overlays and icons: their corners, and images that are what they say."""

from io import BytesIO

import pytest
from PIL import Image

from modules.errors import RequestError
from modules.kmz_preview.pictures import Picture, picture_of, written_anew
from tests.unit.kmz_preview.made_up import BOX, image, overlay, preview, warnings
from tests.unit.kmz_reading.made_up import kml, kmz, placemark


def test_corners_begin_at_the_upper_left_of_the_image_and_go_round():
    (found,) = preview(kmz({"doc.kml": kml(overlay()), "a.png": image()})).overlays
    assert found.corners == ((-61, -33), (-60, -33), (-60, -34), (-61, -34))
    assert found.image == 0


def test_a_rotation_turns_the_corners():
    turned = BOX.replace("</LatLonBox>", "<rotation>90</rotation></LatLonBox>")
    (found,) = preview(kml(overlay(where=turned))).overlays
    # Counterclockwise by a quarter: the upper left corner of the image lies to the south-west.
    (lon, lat), *_others = found.corners
    assert lon < -60.5
    assert lat < -33.5


def test_a_quad_is_taken_as_it_is_drawn():
    quad = "<gx:LatLonQuad><coordinates>-61,-34 -60,-34.1 -59.9,-33 -61,-33.1</coordinates></gx:LatLonQuad>"
    (found,) = preview(kml(overlay(where=quad))).overlays
    assert found.corners == ((-61, -33.1), (-59.9, -33), (-60, -34.1), (-61, -34))


def test_an_image_of_the_whole_globe_ends_where_the_map_does():
    globe = "<LatLonBox><north>90</north><south>-90</south><east>180</east><west>-180</west></LatLonBox>"
    (found,) = preview(kml(overlay(where=globe))).overlays
    assert {abs(lat) for _lon, lat in found.corners} == {85.05}


def test_overlays_stand_lowest_first_with_their_opacity():
    body = overlay(more="<drawOrder>5</drawOrder>") + overlay("b.png", more="<color>80ffffff</color>")
    found = preview(kmz({"doc.kml": kml(body), "a.png": image(), "b.png": image(colour=(0, 0, 9))})).overlays
    assert [(each.href, each.image, each.opacity) for each in found] == [("b.png", 0, 0.502), ("a.png", 1, 1.0)]


def test_the_same_image_is_one_picture():
    icon = "<Style><IconStyle><Icon><href>c.png</href></Icon></IconStyle></Style>"
    document = kml(overlay() + overlay("b.png") + placemark(f"{icon}<Point><coordinates>1,1</coordinates></Point>"))
    found = preview(kmz({"doc.kml": document, **dict.fromkeys(("a.png", "b.png", "c.png"), image())}))
    assert len(found.pictures) == 1
    assert found.layer.table["icon"].to_pylist() == [0]


NO_PICTURES = {
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "html": b"<!DOCTYPE html><script>alert(1)</script>",
    "a head and nothing": b"\x89PNG\r\n\x1a\n",
    "a head and a page": b"GIF89a<script>alert(1)</script>",
    "webp": image("WEBP"),
    "tiff": image("TIFF"),
    "bmp": image("BMP"),
    "nothing": b"",
}


@pytest.mark.parametrize("content", NO_PICTURES.values(), ids=NO_PICTURES.keys())
def test_f33_what_is_no_png_jpeg_or_gif_is_no_picture(content: bytes):
    assert picture_of(content) is None or _cannot_be_written(picture_of(content))
    found = preview(kmz({"doc.kml": kml(overlay()), "a.png": content}))
    assert len(found.overlays) == 1
    if found.overlays[0].image is None:
        assert any("mágenes" in sentence for sentence in warnings(found))


def _cannot_be_written(picture: Picture | None) -> bool:
    assert picture is not None
    with pytest.raises(RequestError):
        written_anew(picture)
    return True


def test_f35_an_image_that_unpacks_to_too_much_is_never_decoded():
    bomb = BytesIO()
    Image.new("1", (8_000, 8_000)).save(bomb, "PNG")
    assert len(bomb.getvalue()) < 200_000
    assert picture_of(bomb.getvalue()) is None


@pytest.mark.parametrize(("kind", "media_type"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("GIF", "image/png")])
def test_a_picture_is_written_anew_with_nothing_but_its_pixels(kind: str, media_type: str):
    content = image(kind) + b"<script>alert(1)</script>"
    picture = picture_of(content)
    assert picture is not None
    assert (picture.width, picture.height) == (40, 30)
    written, told = written_anew(picture)
    assert told == media_type
    assert b"script" not in written
    with Image.open(BytesIO(written)) as drawn:
        assert drawn.size == (40, 30)
        red, green, blue = drawn.convert("RGB").getpixel((20, 15))
        assert abs(red - 200) < 6
        assert abs(green - 30) < 6
        assert abs(blue - 60) < 6


def test_a_picture_that_is_too_wide_for_a_graphics_card_is_made_smaller():
    picture = picture_of(image(size=(6000, 60)))
    assert picture is not None
    with Image.open(BytesIO(written_anew(picture)[0])) as drawn:
        assert drawn.size == (4096, 41)


def test_a_picture_that_is_cut_off_is_told():
    picture = picture_of(image(size=(400, 400))[:120])
    assert picture is not None
    with pytest.raises(RequestError):
        written_anew(picture)
