"""Rows of a layer as one KMZ: in folders by farm, in the colours of the products, with labels and all columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from modules.domain.layers import NAME_COLUMN, Layer
from modules.domain.names import NO_FARM, natural_key
from modules.geometry.batches import Geometries
from modules.geometry.labels import label_points
from modules.kmz.writing.archive import Archive, Piece
from modules.kmz.writing.balloons import balloon
from modules.kmz.writing.document import TAIL, document_head
from modules.kmz.writing.folders import END_OF_FOLDER, Level, folder, foldered
from modules.kmz.writing.placemarks import Placemarks
from modules.kmz.writing.streams import TextStream
from modules.kmz.writing.styles import (
    AREA_STYLE,
    ICON,
    LABEL_STYLE,
    area_style,
    crop_style,
    crop_style_id,
    icon_png,
    label_style,
    marker_style,
    marker_style_id,
    zone_style,
    zone_style_id,
)
from modules.kmz.writing.text import balloon_text, escaped, xml_text
from modules.kmz_products.edition import Edition
from modules.kmz_products.facts import facts
from modules.kmz_products.sheets import NO_FIELD, Numbers, Values, distinct

#: Files people open are Spanish, whatever the screens speak.
_LABELS: Final = "Etiquetas"


def write_layer(
    path: Path, layer: Layer, table: pa.Table, geometry: Geometries, edition: Edition, modified: datetime
) -> None:
    """Write n > 0 rows: the columns that people see, and their geometry of shape (n,) in WGS84.

    modified: what the zip says of its entries, so that equal rows give equal bytes
    Raises OSError, and StorageError for more than a KMZ can hold.
    """
    with Archive(path, modified) as archive:
        archive.document(_document(layer, table, geometry, edition))
        if layer is Layer.MARKERS:
            archive.add(ICON, icon_png())


def _document(layer: Layer, table: pa.Table, geometry: Geometries, edition: Edition) -> Iterator[Piece]:
    look, styles = _LOOKS[layer](table)
    names = table[NAME_COLUMN[layer]]
    placemarks = Placemarks(
        xml_text(names),
        look,
        escaped(edition.snippet),
        balloon(balloon_text(names), facts(layer, table), edition.snippet),
        table,
        geometry,
    )
    levels = _levels(layer, table)
    order = _order(names, levels)
    title = f"{layer.value.capitalize()} {edition.season}"
    points = layer is Layer.MARKERS  # labelled by themselves
    yield document_head(title, edition.snippet, styles if points else [*styles, label_style()])
    yield from foldered(_stream(placemarks, order), order, levels)
    if not points:
        # There are several zones to a field: their names wait for a tick.
        yield folder(_LABELS, shown=layer is not Layer.ZONES)
        yield from _stream(_labels(names, geometry, edition), order).take(len(order))
        yield END_OF_FOLDER
    yield TAIL


def _labels(names: pa.ChunkedArray, geometry: Geometries, edition: Edition) -> Placemarks:
    points, snippet = shapely.points(label_points(geometry)), escaped(edition.snippet)
    return Placemarks(xml_text(names), _same(LABEL_STYLE, len(points)), snippet, (), pa.table({}), points)


def _stream(placemarks: Placemarks, order: Numbers) -> TextStream:
    vertices = shapely.get_num_coordinates(placemarks.geometry).astype(np.int64)
    return TextStream(lambda some: placemarks.joined(some, (), ()), order, vertices)


def _levels(layer: Layer, table: pa.Table) -> list[Level]:
    """Put rows in a folder for each farm, zones in one for each field below it."""
    levels = [_level(table, "campo_id", "campo", NO_FARM)]
    if layer is Layer.ZONES:
        levels.append(_level(table, "lote_id", "lote", NO_FIELD))
    return levels


def _level(table: pa.Table, ids: str, names: str, nameless: str) -> Level:
    """Tell things apart by their ids, in the order of their names, those without one last."""
    things = distinct(table[ids])
    said = dict(zip(things.codes.tolist(), table[names].to_pylist(), strict=True))
    titles = [said[code] or nameless for code in range(len(things.values))]
    order = sorted(range(len(titles)), key=lambda code: (things.values[code] is None, natural_key(titles[code]), code))
    ranks = np.empty(len(order), dtype=np.int64)
    ranks[order] = np.arange(len(order))
    codes = ranks[things.codes]
    return Level(codes, lambda some: titles[order[codes[some[0]]]])


def _order(column: pa.ChunkedArray, levels: Sequence[Level]) -> Numbers:
    """Order rows by folder, then by name; rows of one name stay in the order of their ids."""
    names: list[str | None] = column.to_pylist()
    by_name = np.empty(len(names), dtype=np.int64)
    by_name[sorted(range(len(names)), key=lambda row: natural_key(names[row] or ""))] = np.arange(len(names))
    return np.lexsort([by_name, *(level.codes for level in reversed(levels))]).astype(np.int64)


#: The id of each row's style, and the styles.
_Look = tuple[pa.Array, list[str]]


def _by_crop(table: pa.Table) -> _Look:
    crops = table["cultivo"]
    values = distinct(pc.if_else(pc.equal(pc.utf8_trim_whitespace(crops), ""), None, crops))
    return _styled(values, crop_style_id, crop_style)


def _by_class(table: pa.Table) -> _Look:
    return _styled(distinct(table["clase"]), zone_style_id, zone_style)


def _by_kind(table: pa.Table) -> _Look:
    return _styled(distinct(table["tipo"]), marker_style_id, marker_style)


def _alike(table: pa.Table) -> _Look:
    return _same(AREA_STYLE, len(table)), [area_style()]


_LOOKS: Final[dict[Layer, Callable[[pa.Table], _Look]]] = {
    Layer.FIELDS: _by_crop,
    Layer.ZONES: _by_class,
    Layer.MARKERS: _by_kind,
    Layer.AREAS: _alike,
}


def _styled(values: Values, style_id: Callable[[str | None], str], style: Callable[[str | None], str]) -> _Look:
    ids = pa.array([style_id(value) for value in values.values], pa.string())
    return ids.take(pa.array(values.codes)), [style(value) for value in values.values]


def _same(text: str, count: int) -> pa.Array:
    return pa.repeat(pa.scalar(text, pa.string()), count)
