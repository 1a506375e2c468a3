"""The files of one layer but its Parquet file: in the GeoPackage, as GeoJSON, and the current files made from it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec
import pyarrow as pa

from modules.domain.layers import Layer
from modules.exporters.geojson import geojson_shapes, write_geojson
from modules.exporters.geopackage import GEOMETRY, write_batches
from modules.snapshots.layers import MACHINE_COLUMNS
from modules.snapshots.products import Edition, field_products, sample_products
from modules.snapshots.publication import Staged, stage
from modules.snapshots.reading import layer_of

GEOPACKAGE: Final = "backup.gpkg"
FIELDS_GEOJSON: Final = "lotes.geojson"


class LayerFiles(msgspec.Struct, frozen=True):
    """What is to be written of a layer.

    folder:  of the snapshot; the GeoPackage there may hold other layers already
    edition: of the current files; None leaves those alone
    """

    layer: Layer
    folder: Path
    edition: Edition | None = None


def write_layer_files(files: LayerFiles, rows: pa.RecordBatchReader) -> list[Staged]:
    """Write a layer whose rows come as `batches_of` cuts them; tells the current files that it staged.

    Only the fields and the markers, of which more is made than a table, are read into memory as a whole.
    """
    if files.layer not in (Layer.FIELDS, Layer.MARKERS):
        _write_in_geopackage(files, rows.schema, rows)
        return []
    table = rows.read_all()
    _write_in_geopackage(files, table.schema, table.to_batches())
    wkb = table[GEOMETRY].combine_chunks()
    layer = layer_of(files.layer, table.drop_columns([GEOMETRY]), wkb, len(table), pages=0)
    edition = files.edition
    if files.layer is Layer.MARKERS:
        return stage(edition.root, edition.season, sample_products(layer, edition)) if edition else []
    shapes = geojson_shapes(layer.geometry)
    write_geojson(files.folder / FIELDS_GEOJSON, layer.people_table(), shapes)
    return stage(edition.root, edition.season, field_products(layer, shapes, edition)) if edition else []


def _write_in_geopackage(files: LayerFiles, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> None:
    names = [name for name in schema.names if name not in MACHINE_COLUMNS]
    people = pa.schema([schema.field(name) for name in names])
    path, points = files.folder / GEOPACKAGE, files.layer is Layer.MARKERS
    write_batches(path, files.layer.value, people, (batch.select(names) for batch in batches), points=points)
