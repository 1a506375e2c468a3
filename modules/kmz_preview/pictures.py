"""Images from inside a file: checked by their first bytes, decoded within bounds, written anew before they are sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO
from typing import Final

from PIL import Image

from modules.errors import RequestError
from modules.i18n import N_
from modules.kmz.reading.overlays import image_type

#: What is opened at all; nothing that could be a page or hold a script.
_FORMATS: Final = {"image/png": "PNG", "image/jpeg": "JPEG", "image/gif": "GIF"}
#: Decoded, a pixel takes four bytes.
_MAX_PIXELS: Final = 32_000_000
#: Graphics cards take textures up to this size, the smallest of them.
_MAX_SIDE: Final = 4096
_JPEG_QUALITY: Final = 88


@dataclass(frozen=True, slots=True)
class Picture:
    """An image whose head was read; width and height in pixels."""

    content: bytes = field(repr=False)
    media_type: str
    width: int
    height: int


def picture_of(content: bytes) -> Picture | None:
    """Read the head of an image. None for what is no PNG, JPEG or GIF, or too large to be decoded here."""
    media_type = image_type(content)
    if media_type not in _FORMATS:
        return None
    try:
        with Image.open(BytesIO(content), formats=[_FORMATS[media_type]]) as image:
            width, height = image.size
    except Exception:  # noqa: BLE001  # whatever a made-up head does to the library: it is no image
        return None
    if not 0 < width * height <= _MAX_PIXELS:
        return None
    return Picture(content, media_type, width, height)


def written_anew(picture: Picture) -> tuple[bytes, str]:
    """Decode an image and write it again, a JPEG as JPEG, others as PNG, at most 4096 pixels wide or high.

    Nothing but its pixels goes on. Gives bytes and media type. Raises RequestError for what is damaged.
    """
    try:
        with Image.open(BytesIO(picture.content), formats=[_FORMATS[picture.media_type]]) as image:
            is_jpeg = picture.media_type == "image/jpeg"
            if is_jpeg:
                image.draft("RGB", (_MAX_SIDE, _MAX_SIDE))
            pixels = image.convert("RGB" if is_jpeg else "RGBA")
        pixels.thumbnail((_MAX_SIDE, _MAX_SIDE))
        written = BytesIO()
        pixels.save(written, **({"format": "JPEG", "quality": _JPEG_QUALITY} if is_jpeg else {"format": "PNG"}))
    except Exception:  # noqa: BLE001  # as above
        raise RequestError(N_("This image is damaged and cannot be shown.")) from None
    return written.getvalue(), "image/jpeg" if is_jpeg else "image/png"
