"""What is read from a KMZ or KML. Every text is plain text, to be escaped by whoever shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import shapely

from modules.i18n import gettext

#: Red, green, blue, opacity: 0 to 255 each.
Colour = tuple[int, int, int, int]
Position = tuple[float, float]

WHITE: Final[Colour] = (255, 255, 255, 255)


@dataclass(frozen=True, slots=True)
class Style:
    """How a feature is drawn. Defaults are those of KML 2.2, clause 12; widths in pixels, heading in degrees.

    icon_href: as written. It may lead anywhere: whoever draws it decides whether to fetch it.
    """

    line_colour: Colour = WHITE
    line_width: float = 1.0
    fill_colour: Colour = WHITE
    fill: bool = True
    outline: bool = True
    icon_href: str | None = None
    icon_scale: float = 1.0
    icon_colour: Colour = WHITE
    icon_heading: float = 0.0
    label_colour: Colour = WHITE
    label_scale: float = 1.0


#: The style of features that state none; it is this very object.
DEFAULT_STYLE: Final = Style()


@dataclass(frozen=True, slots=True)
class Feature:
    """A placemark. Its geometry is two-dimensional, in lon/lat degrees (EPSG:4326), and as drawn: not repaired.

    geometry: a point, line or polygon, a multi-part of one kind, a collection of several kinds, or None
    folder: names of the folders it lies in, outermost first, without the document's
    place: number of the folder it lies in, as the file opens them; 0 is the document, folders below count on from 1
    highlight: the style under the mouse, where a StyleMap gives one
    visible: whether it is switched on, and all its folders are
    begin, end: as written, ISO 8601 of any precision; the same for a moment
    track_times: for each line of a track, the times of its positions as written
    line: where it begins in the KML
    """

    id: str | None
    name: str
    folder: tuple[str, ...]
    place: int
    geometry: shapely.Geometry | None
    style: Style
    highlight: Style | None
    visible: bool
    description: str
    snippet: str
    data: Mapping[str, str]
    begin: str | None
    end: str | None
    track_times: tuple[tuple[str, ...], ...]
    line: int


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder, or the document itself; `features` counts the placemarks that lie directly in it."""

    name: str
    description: str
    visible: bool
    open: bool
    features: int
    folders: tuple[Folder, ...]


@dataclass(frozen=True, slots=True)
class GroundOverlay:
    """An image on the ground.

    place: number of the folder it lies in, like a feature's
    corners: lon and lat of lower left, lower right, upper right, upper left of the image, rotation applied
    href: as written; nothing but the archive is ever looked into
    image: its bytes if the archive holds it; media_type by its first bytes
    colour: multiplied with the image; its last number is the opacity
    """

    id: str | None
    name: str
    folder: tuple[str, ...]
    place: int
    visible: bool
    description: str
    corners: tuple[Position, Position, Position, Position]
    href: str
    image: bytes | None = field(repr=False)
    media_type: str | None
    colour: Colour
    draw_order: int

    @property
    def geometry(self) -> shapely.Polygon:
        """The ground it covers."""
        return shapely.Polygon(self.corners)


@dataclass(frozen=True, slots=True)
class NetworkLink:
    """A link to more KML elsewhere. It is never followed."""

    name: str
    folder: tuple[str, ...]
    place: int
    visible: bool
    href: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """A geometry, or a part of one, that was left out. `reason` is a code of `modules.domain.reasons`."""

    name: str
    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Note:
    """Something worth knowing about the file, said in the language of the moment."""

    template: str
    values: Mapping[str, object]

    def sentence(self) -> str:
        """Say it in the active language."""
        return gettext(self.template, **self.values)


@dataclass(frozen=True, slots=True)
class KmlDocument:
    """All that was read. `skipped` counts what is not shown, by the name of its element or kind.

    icons: images of icons that the archive holds, by `Style.icon_href`
    """

    file: str
    root: Folder
    features: tuple[Feature, ...]
    overlays: tuple[GroundOverlay, ...]
    links: tuple[NetworkLink, ...]
    icons: Mapping[str, bytes] = field(repr=False)
    rejected: tuple[Rejected, ...]
    skipped: Mapping[str, int]
    notes: tuple[Note, ...]
