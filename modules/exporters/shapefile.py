"""Shapefiles, zipped: five files and a list of the columns, whose names a Shapefile cuts to ten characters.

Formats: ESRI Shapefile Technical Description (July 1998); dBASE level 5 tables as GDAL writes them. What a Shapefile
cannot hold is written another way, always the same: moments as texts of UTC, empty texts as null, texts of more than
254 bytes cut at a whole character. `columnas.csv` in the zip gives each column its own name again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pyarrow as pa
import pyarrow.compute as pc
from isal import isal_zlib

from modules.exporters.columns import iso_instants
from modules.exporters.delimited import csv_lines, write_csv
from modules.exporters.gdal import write_with_gdal
from modules.storage.atomic import TEMPORARY_PREFIX

#: Characters of a column's name, and bytes of a text (dBASE level 5).
_MOST_IN_NAME: Final = 10
_MOST_BYTES: Final = 254
#: Bytes that .shp and .dbf may have: their own and GDAL's counters are signed and of 32 bits.
_MOST_IN_FILE: Final = 2**31 - 1
#: isal's middle level, and the window of a deflate without a header, as a zip has it.
_LEVEL, _RAW = 2, -15
_ENDINGS: Final = ("shp", "shx", "dbf", "prj", "cpg")
COLUMNS: Final = "columnas.csv"

#: The name of each column of a snapshot that is too long. It never changes: maps and scripts refer to it.
SHORT_NAMES: Final[Mapping[str, str]] = {
    "superficie_ha": "sup_ha",
    "superficie_geodesica_ha": "sup_geo_ha",
    "perimetro_m": "perim_m",
    "actualizado": "actualiz",
    "productividad": "productiv",
    "profundidad_cm": "prof_cm",
    "observaciones": "observac",
}
#: dBASE's types by ours, in words of the reader's.
_TYPE_WORDS: Final = {
    pa.string(): "texto",
    pa.float64(): "número",
    pa.bool_(): "sí o no",
    pa.date32(): "fecha",
    pa.timestamp("us", tz="UTC"): "momento en UTC, como texto",
}


class ShapefileTooLarge(Exception):
    """More than the 2 GB that each file of a Shapefile may have."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The texts of a column that were too long: by the ids of their rows."""

    column: str
    ids: list[str]


def short_name(column: str) -> str:
    """Name a column in at most ten characters; an unknown long one gets a mark that keeps it apart and stable."""
    if len(column) <= _MOST_IN_NAME and column.isascii():
        return column
    mark = hashlib.blake2b(column.encode(), digest_size=2).hexdigest()
    start = column.encode("ascii", "ignore").decode()[: _MOST_IN_NAME - len(mark) - 1]
    return SHORT_NAMES.get(column) or f"{start}_{mark}"


def write_shapefile(path: Path, name: str, table: pa.Table, wkb: pa.Array, *, epsg: int, points: bool) -> list[Cut]:
    """Write a zip with the Shapefile `name`: n rows of `table`, which has an `id`, and their ISO WKB in `epsg`.

    name: ASCII. Tells which texts were cut. Raises ShapefileTooLarge, and what pyogrio raises.
    """
    columns, cuts = _dbase(table)
    _require_room(columns, wkb)
    # Named after the temporary that the zip is: what sweeps one of a killed export sweeps the other.
    prefix = path.stem if path.name.startswith(TEMPORARY_PREFIX) else TEMPORARY_PREFIX
    with TemporaryDirectory(prefix=prefix, dir=path.parent, ignore_cleanup_errors=True) as folder:
        base = Path(folder) / f"{name}.shp"
        write_with_gdal(
            base, "ESRI Shapefile", name, columns, wkb, epsg=epsg, points=points, options={"ENCODING": "UTF-8"}
        )
        _write_columns(Path(folder) / COLUMNS, table.schema)
        _zip(path, [*(base.with_suffix(f".{ending}") for ending in _ENDINGS), Path(folder) / COLUMNS])
    return cuts


def member(path: Path, name: str) -> str:
    """Tell GDAL where the Shapefile `name` of a zip is."""
    return f"/vsizip/{path.as_posix()}/{name}.shp"


def _dbase(table: pa.Table) -> tuple[pa.Table, list[Cut]]:
    """Turn columns into those that a dBASE table can hold, each text as wide as its longest."""
    columns, fields, cuts = [], [], []
    for field, column in zip(table.schema, table.columns, strict=True):
        if pa.types.is_timestamp(field.type):
            column = iso_instants(column)  # noqa: PLW2901
        if pa.types.is_string(column.type):
            column, ids = _cut(column, table["id"])  # noqa: PLW2901
            cuts += [Cut(field.name, ids)] if ids else []
        columns.append(column)
        fields.append(pa.field(short_name(field.name), column.type, metadata=_width(column)))
    return pa.table(columns, schema=pa.schema(fields)), cuts


def _cut(texts: pa.ChunkedArray, ids: pa.ChunkedArray) -> tuple[pa.ChunkedArray, list[str]]:
    long = pc.greater(pc.binary_length(texts), _MOST_BYTES).fill_null(fill_value=False).combine_chunks()
    if not pc.any(long).as_py():
        return texts, []
    cut = [text.encode()[:_MOST_BYTES].decode(errors="ignore") for text in texts.filter(long).to_pylist()]
    return pc.replace_with_mask(texts, long, pa.array(cut)), ids.filter(long).to_pylist()


def _width(column: pa.ChunkedArray) -> dict[str, str] | None:
    """Tell GDAL the width of a text beforehand (metadata of its Arrow writer): else it rewrites all rows to widen."""
    if not pa.types.is_string(column.type):
        return None
    return {"GDAL:OGR:width": str(max(1, pc.max(pc.binary_length(column)).as_py() or 0))}


def _require_room(columns: pa.Table, wkb: pa.Array) -> None:
    # WKB has what .shp has, a box for each shape aside, and numbers are 24 characters wide.
    shapes = wkb.nbytes + 44 * len(wkb)
    widths = [int((field.metadata or {}).get(b"GDAL:OGR:width", b"24")) for field in columns.schema]
    if max(shapes, (1 + sum(widths)) * len(columns)) > _MOST_IN_FILE:
        raise ShapefileTooLarge


def _write_columns(path: Path, schema: pa.Schema) -> None:
    rows = {
        "columna": schema.names,
        "shapefile": [short_name(name) for name in schema.names],
        "tipo": [_TYPE_WORDS.get(field.type, str(field.type)) for field in schema],
    }
    table = pa.table(rows)
    write_csv(path, table.column_names, csv_lines(table).to_pylist())


def _zip(path: Path, files: list[Path]) -> None:
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for file in files:
            info = ZipInfo.from_file(file, file.name)
            info.compress_type = ZIP_DEFLATED
            with archive.open(info, "w") as packed:
                # zlib takes five times as long. Where a later Python calls this something else, it is zlib again.
                packed._compressor = isal_zlib.compressobj(_LEVEL, isal_zlib.DEFLATED, _RAW)  # type: ignore[attr-defined]
                for piece in _pieces(file):
                    packed.write(piece)


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as content:
        while piece := content.read(1 << 20):
            yield piece
