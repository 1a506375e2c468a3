"""Files of this package as they stand inside the page: Leaflet's and ours."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

from modules.html_map.embedding import data_uri

_HERE: Final = Path(__file__).parent
_LEAFLET: Final = _HERE / "leaflet"
_IMAGE: Final = re.compile(r"url\((images/[\w-]+\.png)\)")
#: A debugger would ask for it.
_SOURCE_MAP: Final = re.compile(r"^//# sourceMappingURL=.*$", re.MULTILINE)


@cache
def scripts() -> tuple[str, ...]:
    """Leaflet, under its licence, and the script that draws."""
    leaflet = _SOURCE_MAP.sub("", _text(_LEAFLET / "leaflet.js"))
    return f"/*\n{_text(_LEAFLET / 'LICENSE')}*/\n{leaflet}", _text(_HERE / "page_files" / "map.js")


@cache
def styles() -> tuple[str, ...]:
    """Leaflet's style with the images it names, and the page's own."""
    leaflet = _IMAGE.sub(lambda found: f"url({_image(found[1])})", _text(_LEAFLET / "leaflet.css"))
    return leaflet, _text(_HERE / "page_files" / "map.css")


def _image(name: str) -> str:
    return data_uri((_LEAFLET / name).read_bytes(), "image/png")


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")
