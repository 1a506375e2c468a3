"""The registry of formats. A new one is one entry in `FORMATS`; the command's help and docs/exports.md tell of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import shapely

from modules.errors import RequestError
from modules.export.selection import Rows
from modules.i18n import N_
from modules.i18n.formats import number
from modules.i18n.notices import Notice, notice

#: Rows of a sheet below its header, and characters of a cell ("Excel specifications and limits").
_MOST_ROWS_IN_SHEET: Final = 1_048_575
_MOST_CHARACTERS_IN_CELL: Final = 32_767
#: Types of a WKB by their codes (OGC Simple Features 1.2.1, 8.2.8), named as GeoParquet does.
_GEOMETRY_TYPES: Final = {1: "Point", 3: "Polygon", 6: "MultiPolygon"}
#: How many ids a notice names.
_IDS_TOLD: Final = 5


@dataclass(frozen=True, slots=True)
class Format:
    """A format that rows can be written in.

    suffix:      of its files, with the dot; title: what people call it, the same in every language
    carries_crs: it can be in other coordinates than WGS84; coordinates: it has some at all
    write:       writes a file and gives what has to be said about it
    count:       counts the rows of a file that was written, by reading it; None where writing itself tells of every
                 failure
    """

    name: str
    suffix: str
    title: str
    write: Callable[[Path, Rows], list[Notice]]
    count: Callable[[Path, Rows], int] | None = None
    carries_crs: bool = False
    coordinates: bool = True


def find_format(name: str) -> Format:
    """Find a format by its name. Raises RequestError for one that is not there."""
    try:
        return FORMATS[name.strip().casefold()]
    except KeyError:
        raise RequestError(
            N_("There is no format “{name}”. Choose one of: {formats}."), name=name, formats=", ".join(FORMATS)
        ) from None


def inside_name(rows: Rows) -> str:
    """Name the layer inside a file, in ASCII."""
    return f"{rows.layer.value}_{rows.season.folder}"


def _write_geopackage(path: Path, rows: Rows) -> list[Notice]:
    from modules.exporters.gdal import write_with_gdal

    write_with_gdal(path, "GPKG", rows.layer.value, rows.table, rows.wkb, epsg=rows.crs.epsg, points=rows.points)
    return []


def _write_flatgeobuf(path: Path, rows: Rows) -> list[Notice]:
    from modules.exporters.gdal import write_with_gdal

    write_with_gdal(
        path, "FlatGeobuf", rows.layer.value, rows.table, rows.wkb, epsg=rows.crs.epsg, points=rows.points,
        # What it sorts is kept beside the file, not on a disk that may be smaller.
        options={"SPATIAL_INDEX": "YES", "TEMPORARY_DIR": str(path.parent)},
    )  # fmt: skip
    return []


def _count_features(path: Path, _rows: Rows) -> int:
    from modules.exporters.gdal import count_features

    return count_features(str(path))


def _write_shapefile(path: Path, rows: Rows) -> list[Notice]:
    from modules.exporters.shapefile import ShapefileTooLarge, write_shapefile

    try:
        cuts = write_shapefile(path, inside_name(rows), rows.table, rows.wkb, epsg=rows.crs.epsg, points=rows.points)
    except ShapefileTooLarge:
        raise RequestError(
            N_("A Shapefile cannot hold more than 2 GB. Nothing was written. Choose another format, or fewer farms.")
        ) from None
    return [
        notice(
            N_(
                "A Shapefile holds 254 bytes of a text. Of column {column}, {count} were cut; they belong to the ids: "
                "{ids}."
            ),
            column=each.column,
            count=len(each.ids),
            ids=_told(each.ids),
        )
        for each in cuts
    ]


def _count_shapes(path: Path, rows: Rows) -> int:
    from modules.exporters.gdal import count_features
    from modules.exporters.shapefile import member

    return count_features(member(path, inside_name(rows)))


def _write_geoparquet(path: Path, rows: Rows) -> list[Notice]:
    from modules.exporters.geoparquet import write_geoparquet

    # Byte 1 of a little-endian WKB is its type: that need not decode a hundred thousand outlines.
    codes = pc.unique(pc.binary_slice(rows.wkb, 1, 2)).to_pylist()
    types = sorted(_GEOMETRY_TYPES[code[0]] for code in codes)
    # Somebody waits for it, so it is compressed less than the snapshot is.
    write_geoparquet(path, rows.table, rows.wkb, rows.bounds, types, epsg=rows.crs.epsg, level=1)
    return []


def _count_parquet(path: Path, _rows: Rows) -> int:
    import pyarrow.parquet as pq

    return int(pq.read_metadata(path).num_rows)


def _write_geojson(path: Path, rows: Rows) -> list[Notice]:
    from modules.exporters.geojson import geojson_shapes, write_geojson

    write_geojson(path, rows.table, geojson_shapes(rows.geometry))
    return []


def _write_kmz(path: Path, rows: Rows) -> list[Notice]:
    from modules.export.kmz import write_kmz

    write_kmz(path, rows)
    return []


def _write_csv(path: Path, rows: Rows) -> list[Notice]:
    from modules.exporters.delimited import csv_lines, write_csv

    table = _with_places(rows)
    write_csv(path, table.column_names, csv_lines(table).to_pylist())
    return []


def _write_xlsx(path: Path, rows: Rows) -> list[Notice]:
    from modules.exporters.workbook import write_xlsx

    if len(rows.table) > _MOST_ROWS_IN_SHEET:
        raise RequestError(
            N_("A sheet of Excel ends at {most} rows; these are {count}. Choose another format, or fewer farms."),
            most=number(_MOST_ROWS_IN_SHEET),
            count=number(len(rows.table)),
        )
    write_xlsx(path, _with_places(rows), f"{rows.layer.value} {rows.season.folder}")
    return [
        notice(
            N_("A cell of Excel holds 32,767 characters. Of column {column}, {count} texts were cut; ids: {ids}."),
            column=column,
            count=len(ids),
            ids=_told(ids),
        )
        for column, ids in _too_long_for_cells(rows.table)
    ]


def _with_places(rows: Rows) -> pa.Table:
    """Add where each row is, in degrees: a sample point without its place is worth little."""
    if rows.points:
        points, names = rows.geometry, ("longitud", "latitud")
    else:
        points, names = shapely.centroid(rows.geometry), ("centroide_lon", "centroide_lat")
    table = rows.table
    for name, values in zip(names, shapely.get_coordinates(points).T, strict=True):
        table = table.append_column(name, [values.round(7)])  # a centimetre
    return table


def _too_long_for_cells(table: pa.Table) -> list[tuple[str, list[str]]]:
    found = []
    for name in table.column_names:
        if pa.types.is_string(table.schema.field(name).type):
            # A text has at least as many bytes in UTF-8 as it has code units in UTF-16, which Excel counts.
            perhaps = table.filter(pc.greater(pc.binary_length(table[name]), _MOST_CHARACTERS_IN_CELL))
            pairs = zip(perhaps["id"].to_pylist(), perhaps[name].to_pylist(), strict=True)
            ids = [id_ for id_, text in pairs if len(text.encode("utf-16-le")) > 2 * _MOST_CHARACTERS_IN_CELL]
            found += [(name, ids)] if ids else []
    return found


def _told(ids: list[str]) -> str:
    return ", ".join(ids[:_IDS_TOLD]) + (", …" if len(ids) > _IDS_TOLD else "")


#: In the order in which people are offered them.
FORMATS: Final[Mapping[str, Format]] = {
    each.name: each
    for each in (
        Format("gpkg", ".gpkg", "GeoPackage", _write_geopackage, _count_features, carries_crs=True),
        Format("geojson", ".geojson", "GeoJSON", _write_geojson),
        Format("kmz", ".kmz", "KMZ", _write_kmz),
        Format("shapefile", ".shp.zip", "Shapefile", _write_shapefile, _count_shapes, carries_crs=True),
        Format("flatgeobuf", ".fgb", "FlatGeobuf", _write_flatgeobuf, _count_features, carries_crs=True),
        Format("parquet", ".parquet", "GeoParquet", _write_geoparquet, _count_parquet, carries_crs=True),
        Format("xlsx", ".xlsx", "Excel", _write_xlsx, coordinates=False),
        Format("csv", ".csv", "CSV", _write_csv, coordinates=False),
    )
}
