"""A KMZ or KML as it is shown before it is sent: facts, tree, table, overlays, links and warnings."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from modules.geometry.area import Box
from modules.i18n.notices import Notice
from modules.kmz.reading.document import GroundOverlay, KmlDocument, Position
from modules.kmz.reading.reader import read_kmz
from modules.kmz_preview.drawing import LINE, POINT, POLYGON
from modules.kmz_preview.features import MIXED, Layer, features_table, layer_of
from modules.kmz_preview.pictures import Picture, picture_of
from modules.kmz_preview.texts import address, balloon, one_line
from modules.kmz_preview.tree import Tree, make_tree
from modules.kmz_preview.warnings import warnings_of

#: Web mercator ends here; a corner beyond it cannot be drawn.
_HIGHEST_LAT: Final = 85.05
#: What a geometry and a row of texts weigh beside their bytes, roughly.
_ROW_BYTES: Final = 400
_POSITION_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Overlay:
    """An image on the ground.

    folder: number of the folder it lies in; shown: whether it is drawn when that is switched on
    corners: lon and lat of upper left, upper right, lower right, lower left of the image, as MapLibre has them
    image: number of the picture; None when there is none to show
    href: where the file says that the image is
    opacity: 0 to 1
    """

    name: str
    folder: int
    shown: bool
    description: str
    corners: tuple[Position, Position, Position, Position]
    image: int | None
    href: str
    opacity: float


@dataclass(frozen=True, slots=True)
class Link:
    """A link to more KML elsewhere: text, never followed."""

    name: str
    folder: int
    href: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Counts of a file. bytes: of the file itself; hectares: of all polygons; bounds: of all that can be drawn."""

    bytes: int
    placemarks: int
    polygons: int
    lines: int
    points: int
    mixed: int
    without_geometry: int
    overlays: int
    links: int
    folders: int
    hectares: float
    bounds: Box | None


@dataclass(frozen=True, slots=True)
class Preview:
    """All that a page, a map and a command show of a file. It never changes, and is one for everybody.

    features: `FEATURES`, a row for each placemark; layer: what a map draws of them
    overlays: the lowest first
    pictures: of overlays and icons, by their numbers
    """

    file: str
    name: str
    facts: Facts
    tree: Tree
    features: pa.Table
    layer: Layer
    overlays: tuple[Overlay, ...]
    links: tuple[Link, ...]
    warnings: tuple[Notice, ...]
    pictures: tuple[Picture, ...] = field(repr=False)

    @property
    def weight(self) -> int:
        """The memory it takes, in bytes, roughly."""
        positions = int(shapely.get_num_coordinates(self.layer.geometry).sum())
        rows = len(self.features) + len(self.layer.table) + len(self.tree) + len(self.overlays) + len(self.links)
        tables = int(self.features.nbytes + self.layer.table.nbytes)
        pictures = sum(len(each.content) for each in self.pictures)
        texts = sum(len(each.name) + len(each.description) + len(each.href) for each in self.overlays)
        texts += sum(len(each.name) + len(each.href) for each in self.links)
        return tables + positions * _POSITION_BYTES + rows * _ROW_BYTES + texts + pictures


def read_preview(source: Path | bytes, name: str) -> Preview:
    """Read a file without trusting it, see `modules.kmz.reading`. Raises KmlRefused and KmlUnreadable."""
    document = read_kmz(source, name)
    return make_preview(document, len(source) if isinstance(source, bytes) else source.stat().st_size)


def make_preview(document: KmlDocument, size: int) -> Preview:
    """Make the preview of a document whose file has `size` bytes."""
    tree = make_tree(document)
    pictures = _Pictures()
    lowest_first = sorted(document.overlays, key=lambda overlay: overlay.draw_order)
    overlays = tuple(_overlay(each, pictures.number(each.image), tree) for each in lowest_first)
    numbered = {href: pictures.number(content) for href, content in document.icons.items()}
    icons = {href: number for href, number in numbered.items() if number is not None}
    features = features_table(document.features, tree)
    layer = layer_of(document.features, features, icons)
    return Preview(
        file=document.file,
        name=one_line(document.root.name),
        facts=_facts(document, size, features, layer, overlays, tree),
        tree=tree,
        features=features,
        layer=layer,
        overlays=overlays,
        links=tuple(Link(one_line(each.name), each.place, address(each.href)) for each in document.links),
        warnings=tuple(warnings_of(document, size, features, layer, pictures.failed)),
        pictures=tuple(pictures.found),
    )


class _Pictures:
    """Numbers pictures; the same bytes are one picture."""

    def __init__(self) -> None:
        self.found: list[Picture] = []
        self.failed = 0
        self._numbers: dict[bytes, int | None] = {}

    def number(self, content: bytes | None) -> int | None:
        """Give the number of an image; None for what cannot be shown."""
        if content is None:
            return None
        if content not in self._numbers:
            picture = picture_of(content)
            self._numbers[content] = None if picture is None else len(self.found)
            if picture is None:
                self.failed += 1
            else:
                self.found.append(picture)
        return self._numbers[content]


def _overlay(overlay: GroundOverlay, image: int | None, tree: Tree) -> Overlay:
    lower_left, lower_right, upper_right, upper_left = map(_drawable, overlay.corners)
    return Overlay(
        name=one_line(overlay.name),
        folder=overlay.place,
        shown=overlay.visible or not tree[overlay.place].on,
        description=balloon(overlay.description),
        corners=(upper_left, upper_right, lower_right, lower_left),
        image=image,
        href=address(overlay.href),
        opacity=round(overlay.colour[3] / 255, 3),
    )


def _drawable(corner: Position) -> Position:
    lon, lat = corner
    return lon, min(max(lat, -_HIGHEST_LAT), _HIGHEST_LAT)


def _facts(
    document: KmlDocument, size: int, features: pa.Table, layer: Layer, overlays: tuple[Overlay, ...], tree: Tree
) -> Facts:
    kinds = {each["values"]: each["counts"] for each in pc.value_counts(features["kind"].cast("string")).to_pylist()}
    return Facts(
        bytes=size,
        placemarks=len(features),
        polygons=kinds.get(POLYGON, 0),
        lines=kinds.get(LINE, 0),
        points=kinds.get(POINT, 0),
        mixed=kinds.get(MIXED, 0),
        without_geometry=kinds.get(None, 0),
        overlays=len(overlays),
        links=len(document.links),
        folders=len(tree) - 1,
        hectares=pc.sum(features["hectares"]).as_py() or 0.0,
        bounds=_bounds(layer, overlays),
    )


def _bounds(layer: Layer, overlays: tuple[Overlay, ...]) -> Box | None:
    boxes = [shapely.bounds(layer.geometry).reshape(-1, 4)]
    boxes += [np.array([shapely.Polygon(each.corners).bounds]) for each in overlays]
    found = np.concatenate(boxes)
    if not len(found):
        return None
    west, south = found[:, :2].min(axis=0).tolist()
    east, north = found[:, 2:].max(axis=0).tolist()
    return west, south, east, north
