"""The placemarks of a file as one flat table, and the rows of it that a map's tiles are made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from modules.geometry.batches import Geometries
from modules.geometry.measures import measure_polygons
from modules.kmz.reading.document import Feature, Style
from modules.kmz_preview.drawing import LINE, POINT, POLYGON, Drawn, drawn
from modules.kmz_preview.texts import balloon, one_line
from modules.kmz_preview.tree import Tree

MIXED: Final = "mixed"

_KINDS: Final = {
    shapely.GeometryType.POINT: POINT,
    shapely.GeometryType.MULTIPOINT: POINT,
    shapely.GeometryType.LINESTRING: LINE,
    shapely.GeometryType.MULTILINESTRING: LINE,
    shapely.GeometryType.LINEARRING: LINE,
    shapely.GeometryType.POLYGON: POLYGON,
    shapely.GeometryType.MULTIPOLYGON: POLYGON,
    shapely.GeometryType.GEOMETRYCOLLECTION: MIXED,
}
#: `kind` is polygon, line, point or mixed, null without geometry; hectares null but for polygons.
FEATURES: Final = pa.schema(
    [
        pa.field("name", pa.string(), nullable=False),
        pa.field("folder", pa.int32(), nullable=False),
        pa.field("shown", pa.bool_(), nullable=False),
        pa.field("kind", pa.dictionary(pa.int8(), pa.string())),
        pa.field("hectares", pa.float64()),
        pa.field("balloon", pa.string(), nullable=False),
    ]
)
#: What a map draws. `feature` is the row of `FEATURES`; colours `#RRGGBB`, opacities 0 to 1, width in pixels, `icon`
#: the number of a picture or null.
LAYER: Final = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("feature", pa.int32(), nullable=False),
        pa.field("name", pa.string(), nullable=False),
        pa.field("folder", pa.int32(), nullable=False),
        pa.field("shown", pa.bool_(), nullable=False),
        pa.field("fill", pa.string(), nullable=False),
        pa.field("fill_opacity", pa.float64(), nullable=False),
        pa.field("stroke", pa.string(), nullable=False),
        pa.field("stroke_opacity", pa.float64(), nullable=False),
        pa.field("width", pa.float64(), nullable=False),
        pa.field("icon", pa.int32()),
        pa.field("icon_scale", pa.float64(), nullable=False),
        pa.field("balloon", pa.string(), nullable=False),
    ]
)


@dataclass(frozen=True, slots=True)
class Layer:
    """The rows that have something to draw, n of them, none of several kinds.

    geometry: shape (n,), lon/lat in EPSG:4326, as drawn and not repaired; points, lines, polygons and their multi-parts
    table: `LAYER`, n rows
    """

    geometry: Geometries
    table: pa.Table


def features_table(features: Sequence[Feature], tree: Tree) -> pa.Table:
    """Give a row for each placemark (`FEATURES`), in the order of the file.

    `shown`: whether it is drawn when its folder is switched on. Of a folder that the file switches off, somebody who
    switches it on wants to see all; in others the file's own switches stay.
    """
    geometry = _geometries(features)
    kinds = [_KINDS.get(kind) for kind in shapely.get_type_id(geometry).tolist()]
    columns = [
        [one_line(each.name) for each in features],
        [each.place for each in features],
        [each.visible or not tree[each.place].on for each in features],
        kinds,
        _hectares(geometry),
        [_balloon(each) for each in features],
    ]
    return pa.table([pa.array(c, f.type) for c, f in zip(columns, FEATURES, strict=True)], schema=FEATURES)


def layer_of(features: Sequence[Feature], table: pa.Table, icons: Mapping[str, int]) -> Layer:
    """Give what a map draws of these features; their `table` is `FEATURES`.

    A feature of several kinds becomes a row for each kind, with the style of that kind. icons: number of the picture of
    each icon that the file holds.
    """
    geometry, feature = _rows(_geometries(features))
    kinds = [_KINDS[kind] for kind in shapely.get_type_id(geometry).tolist()]
    known: dict[tuple[int, str], Drawn] = {}
    styles = [_drawn(features[number].style, kind, known) for number, kind in zip(feature.tolist(), kinds, strict=True)]
    taken = table.select(["name", "folder", "shown", "balloon"]).take(pa.array(feature))
    columns: dict[str, Any] = {name: taken[name] for name in taken.column_names}
    columns["id"] = _ids(feature.tolist())
    columns["feature"] = feature
    columns["icon"] = [None if style.icon_href is None else icons.get(style.icon_href) for style in styles]
    for name in ("fill", "fill_opacity", "stroke", "stroke_opacity", "width", "icon_scale"):
        columns[name] = [getattr(style, name) for style in styles]
    arrays = [
        columns[f.name] if isinstance(columns[f.name], pa.ChunkedArray) else pa.array(columns[f.name], f.type)
        for f in LAYER
    ]
    return Layer(geometry, pa.table(arrays, schema=LAYER))


def _geometries(features: Sequence[Feature]) -> Geometries:
    geometry = np.empty(len(features), dtype=object)
    geometry[:] = [each.geometry for each in features]
    return geometry


def _rows(geometry: Geometries) -> tuple[Geometries, NDArray[np.int64]]:
    """Take collections apart by kind, and leave out what is nothing. Gives geometries and their features' numbers."""
    kind = shapely.get_type_id(geometry)
    is_single = (kind >= 0) & (kind != shapely.GeometryType.GEOMETRYCOLLECTION) & ~shapely.is_empty(geometry)
    rows = [*zip(np.flatnonzero(is_single).tolist(), geometry[is_single], strict=True)]
    for number in np.flatnonzero(kind == shapely.GeometryType.GEOMETRYCOLLECTION).tolist():
        rows += [(number, part) for part in _by_kind(geometry[number])]
    rows.sort(key=lambda row: row[0])
    taken = np.empty(len(rows), dtype=object)
    taken[:] = [part for _number, part in rows]
    return taken, np.array([number for number, _part in rows], dtype=np.int64)


def _by_kind(collection: shapely.GeometryCollection) -> Iterator[shapely.Geometry]:
    """Give the parts of each kind as one geometry, polygons first: points lie on top of them."""
    parts: dict[str, list[shapely.Geometry]] = {POLYGON: [], LINE: [], POINT: []}
    for part in shapely.get_parts(collection):
        kind = _KINDS[shapely.get_type_id(part)]
        if kind in parts and not part.is_empty:
            parts[kind] += shapely.get_parts(part).tolist()
    joined = {POLYGON: shapely.multipolygons, LINE: shapely.multilinestrings, POINT: shapely.multipoints}
    for kind, found in parts.items():
        if found:
            yield joined[kind](found)


def _ids(features: Sequence[int]) -> list[str]:
    """Name each row by its feature; the second row of one is `7-1`."""
    ids: list[str] = []
    before, part = -1, 0
    for number in features:
        part = part + 1 if number == before else 0
        ids.append(f"{number}-{part}" if part else str(number))
        before = number
    return ids


def _drawn(style: Style, kind: str, known: dict[tuple[int, str], Drawn]) -> Drawn:
    """Resolve a style once: features share the objects."""
    key = (id(style), kind)
    if key not in known:
        known[key] = drawn(style, kind)
    return known[key]


def _hectares(geometry: Geometries) -> NDArray[np.object_]:
    rows, feature = _rows(geometry)
    is_polygon = np.isin(shapely.get_type_id(rows), (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON))
    hectares = np.full(len(geometry), None, dtype=object)
    if is_polygon.any():
        # A feature has one row of polygons at most.
        hectares[feature[is_polygon]] = measure_polygons(rows[is_polygon]).hectares.tolist()
    return hectares


def _balloon(feature: Feature) -> str:
    """Say what Google Earth's balloon would: the description, else the data, line by line; and times, as written."""
    text = feature.description or feature.snippet
    lines = [text] if text else [f"{name}: {value}" for name, value in feature.data.items()]
    times = dict.fromkeys(time for time in (feature.begin, feature.end) if time)
    if times:
        lines.append(" – ".join(times))
    return balloon("\n".join(lines))
