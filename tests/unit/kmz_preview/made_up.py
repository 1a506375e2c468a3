"""Previews of small KML and KMZ, and images for them."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from modules.i18n.notices import warning_sentences
from modules.kmz_preview.preview import Preview, read_preview

BOX = "<LatLonBox><north>-33</north><south>-34</south><east>-60</east><west>-61</west></LatLonBox>"


def preview(content: bytes) -> Preview:
    return read_preview(content, "campo.kmz")


def image(kind: str = "PNG", size: tuple[int, int] = (40, 30), colour: tuple[int, ...] = (200, 30, 60)) -> bytes:
    content = BytesIO()
    Image.new("RGB", size, colour).save(content, kind)
    return content.getvalue()


def overlay(href: str = "a.png", where: str = BOX, more: str = "") -> str:
    return f"<GroundOverlay><name>NDVI</name>{more}<Icon><href>{href}</href></Icon>{where}</GroundOverlay>"


def warnings(found: Preview) -> list[str]:
    return warning_sentences(found.warnings)
